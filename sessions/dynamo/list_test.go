package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/network"
)

// page is an answer to a query with sessions of these ids, and maybe with a
// page after it.
func page(t *testing.T, more bool, ids ...string) network.Answer {
	t.Helper()
	recorded, err := os.ReadFile(filepath.Join("testdata", "session.json"))
	must(t, err)
	var body struct{ Item json.RawMessage }
	must(t, json.Unmarshal(recorded, &body))
	items := make([]string, len(ids))
	for i, id := range ids {
		items[i] = strings.Replace(string(body.Item), recordedID, id, 1)
	}
	next := ""
	if more {
		next = `,"LastEvaluatedKey":{"user":{"S":"u"},"item":{"S":"i"}}`
	}
	return network.Reply(200, fmt.Sprintf(`{"Items":[%s]%s}`, strings.Join(items, ","), next))
}

const recordedID = "Sdjsv57cGfChv4eoDCYSoQ"

// idOf returns the id of another session of the recorded user.
func idOf(i int) string { return recordedID[:20] + string(rune('A'+i)) + "A" }

func list(answers ...network.Answer) ([]string, error) {
	var got []string
	err := dynamo.New(client(network.Of(answers...)), "sessions").List(context.Background(), sessions.KeyOf("public", "u"), func(_ sessions.User, page []sessions.Session) error {
		for _, s := range page {
			got = append(got, s.Handle.ID())
		}
		return nil
	})
	return got, err
}

// TestListReadsAllPages: a list is whole or an error, however the table cuts
// it, and an item that is corrupt hides none of the others.
func TestListReadsAllPages(t *testing.T) {
	answers := []network.Answer{page(t, true, idOf(0)), page(t, true, idOf(1)), page(t, true), page(t, false, idOf(2))}
	want := []string{idOf(0), idOf(1), idOf(2)}
	if got, err := list(answers...); err != nil || !slices.Equal(got, want) {
		t.Errorf("List = %v, %v, want %v", got, err, want)
	}
	for lost := range answers {
		broken := slices.Clone(answers)
		broken[lost] = network.Refusal(400, "AccessDeniedException")
		if got, err := list(broken...); !saysNothing(err) || len(got) != min(lost, 2) {
			t.Errorf("List with answer %d lost = %v, %v, want what was before and an error", lost, got, err)
		}
	}
	answers[0] = page(t, true, "corrupt")
	if got, err := list(answers...); !errors.Is(err, sessions.ErrCorrupt) || !slices.Equal(got, want[1:]) {
		t.Errorf("List = %v, %v, want the others and ErrCorrupt", got, err)
	}
}
