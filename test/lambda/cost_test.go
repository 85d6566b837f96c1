//go:build dynamodb

package lambda_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// units are the units that DynamoDB bills.
type units struct{ reads, writes float64 }

// askingForUnits makes DynamoDB report what the request costs. Nothing else in
// the request changes.
func askingForUnits(target string, body []byte) []byte {
	if !strings.HasPrefix(target, "DynamoDB") || !bytes.HasPrefix(body, []byte("{")) {
		return body
	}
	return fmt.Appendf(nil, `{"ReturnConsumedCapacity":"TOTAL",%s`, body[1:])
}

// bill adds up the costs in an answer of DynamoDB. A write whose condition
// failed does not report its cost. It is billed like a write that succeeds.
func (r *record) bill(answer *http.Response) error {
	target := answer.Request.Header.Get("X-Amz-Target")
	if !strings.HasPrefix(target, "DynamoDB") {
		return nil
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	answer.Body = io.NopCloser(bytes.NewReader(text))
	said, err := consumed(text)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		said.TableName, said.CapacityUnits = "failed", 1
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := r.units[said.TableName]
	if strings.HasSuffix(target, "GetItem") || strings.HasSuffix(target, ".Query") {
		sum.reads += said.CapacityUnits
	} else {
		sum.writes += said.CapacityUnits
	}
	r.units[said.TableName] = sum
	return nil
}

// capacity is what a request has consumed.
type capacity struct {
	TableName     string
	CapacityUnits float64
}

// consumed reads the cost in an answer. For a request for several items that is
// a list, here with one table.
func consumed(text []byte) (capacity, error) {
	var said struct {
		Consumed json.RawMessage `json:"ConsumedCapacity"`
	}
	if err := json.Unmarshal(text, &said); err != nil || said.Consumed == nil {
		return capacity{}, err
	}
	if said.Consumed[0] != '[' {
		said.Consumed = fmt.Appendf(nil, "[%s]", said.Consumed)
	}
	var all [1]capacity
	err := json.Unmarshal(said.Consumed, &all)
	return all[0], err
}

// spent returns what was billed since the last call. It leaves out the table of
// keys, which every sandbox reads at its own times.
func (s *stack) spent() (sum units) {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	for table, u := range s.record.units {
		if table != s.tables["KEYS_TABLE"] {
			sum.reads, sum.writes = sum.reads+u.reads, sum.writes+u.writes
		}
	}
	clear(s.record.units)
	return sum
}

// testCost makes each call that has a price in docs/cost.md, and compares the
// price with what DynamoDB bills.
func (s *stack) testCost(t *testing.T) {
	c, again := s.client(t), s.client(t)
	user := ""
	form := s.form("lise@example.com", adas)
	priced := priced(t)
	s.spent()
	for _, call := range []struct {
		name string
		make func()
	}{
		{"sign-up", func() { c.Bearer, again.Bearer = c.Post("/auth/signup", form).Want(200).Saying(`"OK"`).Tokens() }},
		{"authorize a GET", func() {
			user = claims(t, c.Bearer).User
			s.makeAdmin(t, user)
			s.spent()
			c.Get("/notes").Want(200)
		}},
		{"authorize another method", func() { c.Post("/notes", `{"text":"a price"}`).Want(201) }},
		{"refresh", func() { c.Bearer, _ = again.Post("/auth/session/refresh", "").Want(200).Tokens() }},
		{"sign-out", func() { c.Post("/auth/signout", "").Want(200) }},
		{"mail a link", func() {
			event := `{"purpose":"reset","tenant":"public","email":"lise@example.com"}`
			if _, err := s.invoke(t.Context(), "MailFunction", []byte(event)); err != nil {
				t.Errorf("MailFunction(%s) = %v, want nil", event, err)
			}
			s.post.next(t)
		}},
		{"sign-in", func() { s.ended(t, user); s.client(t).Post("/auth/signin", form).Want(200).Saying(`"OK"`) }},
	} {
		call.make()
		want, found := priced[call.name]
		if got := s.spent(); got != want || !found {
			t.Errorf("%s: DynamoDB bills %v, docs/cost.md says %v", call.name, got, want)
		}
		delete(priced, call.name)
	}
	if len(priced) > 0 {
		t.Errorf("docs/cost.md has prices for %v, which nobody counted", priced)
	}
}

// priced returns the units of each call in docs/cost.md.
func priced(t *testing.T) map[string]units {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs/cost.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| call | read units | write units |")
	table, _, _ = strings.Cut(table, "\n\n")
	calls := map[string]units{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([a-zA-Z -]*[a-zA-Z]) \| (\d+) \| (\d+) \|`).FindAllStringSubmatch(table, -1) {
		reads, _ := strconv.Atoi(row[2]) // digits only
		writes, _ := strconv.Atoi(row[3])
		calls[row[1]] = units{float64(reads), float64(writes)}
	}
	return calls
}
