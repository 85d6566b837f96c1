package page_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/cmd/local/page"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
)

func TestThePageIsServedAndNeedsNothingElse(t *testing.T) {
	handler := page.NewRecorder(time.Now, nil).Handler(http.NotFoundHandler(), t.TempDir())
	for _, path := range []string{"/", "/_local/page.js", "/_local/page.css"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("GET %s = %d with %d bytes, want 200", path, w.Code, w.Body.Len())
		}
		for _, scheme := range []string{"http://", "https://"} {
			if strings.Contains(w.Body.String(), scheme) {
				t.Errorf("%s names an address with %s, want none", path, scheme)
			}
		}
	}
}

// decided are answers of an authorizer and what is shown of them.
var errUnauthorized = errors.New("Unauthorized")

func TestTheLogSaysWhatHappened(t *testing.T) {
	const allow = `{"policyDocument":{"Statement":[{"Effect":"Allow"}]},"context":{"checked":"store"}}`
	rows := []struct {
		name, answer string
		err          error
		want         string
	}{
		{"a checked allow", allow, nil, "allowed, session checked"},
		{"an allow by the token", strings.Replace(allow, "store", "token", 1), nil, "allowed by the token alone"},
		{"an anonymous allow", strings.Replace(allow, `"checked":"store"`, "", 1), nil, "allowed, anonymous"},
		{"a deny", strings.Replace(allow, "Allow", "Deny", 1), nil, "denied"},
		{"unauthorized", "", errUnauthorized, "refused"},
		{"an error", "", errors.New("no"), "error"},
		{"nonsense", "[]", nil, "error"},
	}
	store := page.Watch(memory.New())
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			recorder := page.NewRecorder(func() time.Time { return time.Unix(1, 0) }, nil)
			handler := recorder.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				page.Decided(r.Context(), []byte(row.answer), row.err)
				store.Get(r.Context(), sessions.Handle{})
				w.WriteHeader(http.StatusTeapot)
			}), t.TempDir())
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/notes?secret=1", nil))
			want := page.Entry{
				Time: time.Unix(1, 0), Method: "POST", Path: "/notes", Status: http.StatusTeapot,
				Decision: row.want, Database: "BatchGetItem",
			}
			if got := recorder.Entries(); len(got) != 1 || got[0] != want {
				t.Errorf("entries = %+v, want %+v", got, want)
			}
		})
	}
}

func TestTheLogIsBounded(t *testing.T) {
	recorder := page.NewRecorder(time.Now, nil)
	handler := recorder.Handler(http.NotFoundHandler(), t.TempDir())
	for range 1000 {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/x", nil))
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_local/log", nil))
	var entries []page.Entry
	if err := json.Unmarshal(w.Body.Bytes(), &entries); err != nil || len(entries) != 200 {
		t.Errorf("the log has %d entries (%v), want 200", len(entries), err)
	}
}
