package dynamo

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

// pages is a table that answers a query with one item at a time, and the last
// answer without any.
type pages struct {
	Client
	items []table.Item
	fail  int // the answer that is an error; 0: none
}

func (p *pages) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	at := 0
	for i, it := range p.items {
		if in.ExclusiveStartKey != nil && in.ExclusiveStartKey[attrItem] == it[attrItem] {
			at = i + 1
		}
	}
	switch {
	case p.fail > 0 && at == p.fail-1:
		return nil, errors.New("connection reset")
	case at == len(p.items):
		return &dynamodb.QueryOutput{}, nil
	}
	return &dynamodb.QueryOutput{Items: p.items[at : at+1], LastEvaluatedKey: p.items[at]}, nil
}

func (p *pages) list(t *testing.T) ([]sessions.Handle, error) {
	var got []sessions.Handle
	err := New(p, "sessions").List(t.Context(), wholeSession().Handle.User(), func(page []sessions.Session) error {
		for _, s := range page {
			got = append(got, s.Handle)
		}
		return nil
	})
	return got, err
}

// TestListTellsOfCorruptItems: all the rest is listed before the error.
func TestListTellsOfCorruptItems(t *testing.T) {
	s := wholeSession()
	other := encodeSession(s)
	s.Handle = sessions.NewHandle(s.Handle.User())
	table := &pages{items: []table.Item{damaged(other, damage{table.VersionAttribute, table.Number(2)}), encodeSession(s)}}
	if got, err := table.list(t); !errors.Is(err, sessions.ErrCorrupt) || !slices.Equal(got, []sessions.Handle{s.Handle}) {
		t.Errorf("List = %v, %v, want the other session and ErrCorrupt", got, err)
	}
}

// TestListReadsAllPages: a list is whole or an error, however the table cuts
// it.
func TestListReadsAllPages(t *testing.T) {
	s := wholeSession()
	table := &pages{}
	var want []sessions.Handle
	for range 5 {
		s.Handle = sessions.NewHandle(s.Handle.User())
		want = append(want, s.Handle)
		table.items = append(table.items, encodeSession(s))
	}
	if got, err := table.list(t); err != nil || !slices.Equal(got, want) {
		t.Errorf("List = %d sessions, %v, want %d, nil", len(got), err, len(want))
	}
	for table.fail = 1; table.fail <= len(want)+1; table.fail++ {
		if got, err := table.list(t); err == nil || len(got) != table.fail-1 {
			t.Errorf("List with answer %d lost = %d sessions, %v, want %d and an error", table.fail, len(got), err, table.fail-1)
		}
	}
}
