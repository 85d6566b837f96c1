//go:build clients

package clients_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// call is a row of calls.json. HANDLE in it stands for the handle of a session.
type call struct {
	Name, Request, IfMatch, ETag string
	Body, Answer, Result, Error  any
	Status                       int

	line string // the row itself
}

func readCalls(t *testing.T) (calls []call) {
	t.Helper()
	data, err := os.ReadFile("calls.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []json.RawMessage
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(data), "HANDLE", handle)), &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		c := call{Status: http.StatusOK, line: text(row)}
		if err := json.Unmarshal(row, &c); err != nil {
			t.Fatal(err)
		}
		calls = append(calls, c)
	}
	return calls
}

// asks is what the API is asked by the call, at a path of its host.
func (c call) asks(path string) (lines []string) {
	if c.Request == "" {
		return nil
	}
	method, target, _ := strings.Cut(c.Request, " ")
	line := method + " " + path + target
	if c.IfMatch != "" {
		line += " " + c.IfMatch
	}
	if c.Body != nil {
		line += " " + text(c.Body)
	}
	return []string{strings.ReplaceAll(line, handle, "H")}
}

// Every call of the admin API, in both languages: the request is signed and is
// the one that the API takes, and its answers come back as results and errors.
// The API is at the root of its host, or at a path of it.
func TestCalls(t *testing.T) {
	for _, l := range languages() {
		for _, path := range []string{"", "/identity"} {
			t.Run(l.name+path, func(t *testing.T) {
				a := newAPI(t)
				d := l.driver(t, signing(a.URL+path, key))
				for _, row := range readCalls(t) {
					a.asked, a.answers = nil, func(string) (int, string, any) { return row.Status, row.ETag, row.Answer }
					result, failure := d.make(t, row.line)
					if want := row.asks(path); !slices.Equal(a.asked, want) {
						t.Errorf("%s sent %q, want %q", row.Name, a.asked, want)
					}
					if !reflect.DeepEqual(result, row.Result) || !reflect.DeepEqual(failure, row.Error) {
						t.Errorf("%s = %v, %v, want %v, %v", row.Name, result, failure, row.Result, row.Error)
					}
				}
			})
		}
	}
}

// An API that is not there, and one that sends elsewhere, are errors with a code.
func TestNoAnswer(t *testing.T) {
	away := httptest.NewServer(http.RedirectHandler("https://example.com/", http.StatusTemporaryRedirect))
	defer away.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	row := readCalls(t)[0]
	for _, l := range languages() {
		for _, url := range []string{away.URL, gone.URL} {
			_, failure := l.driver(t, signing(url, key)).make(t, row.line)
			if e, ok := failure.(object); !ok || e["status"] != 0.0 && e["status"] != 307.0 || e["code"] != "unreachable" && e["code"] != "unknown" {
				t.Errorf("%s at %s = %v, want that there is no answer", l.name, url, failure)
			}
		}
	}
}
