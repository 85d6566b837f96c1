package page

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// kept is how many requests are remembered.
const kept = 200

// Entry is what is shown of one request. It holds no token.
type Entry struct {
	Time     time.Time `json:"time"`
	Method   string    `json:"method"`
	Path     string    `json:"path"` // without the query
	Status   int       `json:"status"`
	Decision string    `json:"decision"` // of the authorizer; empty where none was asked
	Database string    `json:"database"` // requests that the sessions table would get, in order
}

// Recorder remembers the last requests. It is safe for concurrent use.
type Recorder struct {
	now   func() time.Time
	mails *Mailbox

	mu      sync.Mutex
	entries []Entry
}

// NewRecorder returns a recorder of nothing yet, whose page shows the mails.
func NewRecorder(now func() time.Time, mails *Mailbox) *Recorder {
	return &Recorder{now: now, mails: mails, entries: []Entry{}}
}

// Entries returns what is remembered, oldest first.
func (r *Recorder) Entries() []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Entry{}, r.entries...)
}

// notes are taken while a request is served. They travel in its context.
type notes struct {
	mu       sync.Mutex
	decision string
	database []string
}

type notesKey struct{}

func notesOf(ctx context.Context) *notes {
	if n, ok := ctx.Value(notesKey{}).(*notes); ok {
		return n
	}
	return new(notes)
}

func (n *notes) asked(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.database = append(n.database, what)
}

func (n *notes) decided(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.decision = what
}

// record remembers each request that next serves, preflights excepted.
func (r *Recorder) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		n := new(notes)
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(status, q.WithContext(context.WithValue(q.Context(), notesKey{}, n)))
		if q.Method == http.MethodOptions {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.entries = append(r.entries, Entry{
			Time: r.now(), Method: q.Method, Path: q.URL.Path, Status: status.status,
			Decision: n.decision, Database: strings.Join(n.database, ", "),
		})
		if len(r.entries) > kept {
			r.entries = r.entries[len(r.entries)-kept:]
		}
	})
}

// statusWriter remembers the status that was written.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Decided notes what an authorizer answered to the request of ctx.
func Decided(ctx context.Context, answer []byte, err error) {
	notesOf(ctx).decided(decision(answer, err))
}

// decision says an authorizer's answer in a few words.
func decision(answer []byte, err error) string {
	if err != nil && err.Error() == "Unauthorized" {
		return "refused"
	}
	var a struct {
		Policy  struct{ Statement []struct{ Effect string } } `json:"policyDocument"`
		Context map[string]any                                `json:"context"`
	}
	if err != nil || json.Unmarshal(answer, &a) != nil || len(a.Policy.Statement) != 1 {
		return "error"
	}
	switch checked := a.Context["checked"]; {
	case a.Policy.Statement[0].Effect != "Allow":
		return "denied"
	case checked == "store":
		return "allowed, session checked"
	case checked == "token":
		return "allowed by the token alone"
	}
	return "allowed, anonymous"
}
