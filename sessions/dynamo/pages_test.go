package dynamo

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/sessions"
)

// pages is a table that answers a query with one item at a time, and the last
// answer without any.
type pages struct {
	Client
	items []item
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
	list := func() ([]sessions.Handle, error) {
		var got []sessions.Handle
		err := New(table, "sessions").List(t.Context(), s.Handle.User(), func(page []sessions.Session) error {
			for _, s := range page {
				got = append(got, s.Handle)
			}
			return nil
		})
		return got, err
	}
	if got, err := list(); err != nil || !slices.Equal(got, want) {
		t.Errorf("List = %d sessions, %v, want %d, nil", len(got), err, len(want))
	}
	for table.fail = 1; table.fail <= len(want)+1; table.fail++ {
		if got, err := list(); err == nil || len(got) != table.fail-1 {
			t.Errorf("List with answer %d lost = %d sessions, %v, want %d and an error", table.fail, len(got), err, table.fail-1)
		}
	}
}
