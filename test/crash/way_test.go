//go:build dynamodb

package crash_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// promise is what a user relies on once it is acknowledged: what the change in
// DynamoDB has in it that it rests on, and what the call has. The zero value is
// any.
type promise struct{ change, call string }

func anyPromise(random *rand.Rand) promise {
	all := []promise{
		{"email#", "POST /auth/signup"},
		{"session#", "POST /auth/session/refresh"},
		{"session#", "POST /auth/signout"},
		{"session#", "DELETE /admin/sessions/"},
		{"data#", "PUT /admin/sessions/"},
		{`":op"`, "DELETE /admin/users/"},
	}
	return all[random.IntN(len(all))]
}

// moment is when the process is killed while it keeps a promise.
type moment int

const (
	beforeChange  moment = iota // the change does not arrive
	beforeAnswer                // it is made, and not answered
	afterAnswer                 // its answer is on the way to the process
	acknowledged                // the user has the answer
	numberMoments = iota
)

func anyMoment(random *rand.Rand) moment { return moment(random.IntN(numberMoments)) }

// way is the way of one process's requests to the engine. It kills the process
// at one that changes a table. All the others are on their way at any moment.
type way struct {
	engine *httputil.ReverseProxy
	prefix string

	mu      sync.Mutex
	changes int // so far
	about   promise
	kept    int // so far, of that promise
	fate    int // the one at which the process is killed
	when    moment
	victim  *exec.Cmd
	killed  bool
}

func (o *ownTables) way(t *testing.T) *way {
	t.Helper()
	target, err := url.Parse(o.engine)
	if err != nil {
		t.Fatal(err)
	}
	quiet := log.New(io.Discard, "", 0)
	return &way{prefix: o.prefix, fate: math.MaxInt, engine: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, ModifyResponse: o.unnamed, ErrorLog: quiet,
	}}
}

// named gives the tables of a request their own names: as a value, or, in a
// request for several items, as a member.
func (w *way) named(body []byte) []byte {
	for _, before := range []string{`"TableName":"`, `"RequestItems":{"`} {
		body = bytes.ReplaceAll(body, []byte(before), []byte(before+w.prefix))
	}
	return body
}

// unnamed gives the tables of an answer the names that the process knows.
func (o *ownTables) unnamed(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	body = bytes.ReplaceAll(body, []byte(o.prefix), nil)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	r.Header.Del("X-Amz-Crc32") // of the body that was
	return nil
}

func serveWay(w *way) *httptest.Server {
	server := httptest.NewUnstartedServer(w)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	return server
}

// ServeHTTP passes a request on. It reaches the engine even if the process is
// killed meanwhile, as a request on the wire does.
func (w *way) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the process ended before it had sent all
	}
	body = w.named(body)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r = r.WithContext(context.WithoutCancel(r.Context()))
	fatal, when := w.count(r.Header.Get("X-Amz-Target"), string(body))
	if !fatal {
		w.engine.ServeHTTP(rw, r)
		return
	}
	switch when {
	case beforeAnswer:
		w.engine.ServeHTTP(httptest.NewRecorder(), r)
	case afterAnswer:
		w.engine.ServeHTTP(rw, r)
		http.NewResponseController(rw).Flush()
	}
	w.kill()
	panic(http.ErrAbortHandler)
}

var reads = regexp.MustCompile(`\.(Get|BatchGet|Query|Scan|Describe|List)`)

func (w *way) count(target, body string) (fatal bool, when moment) {
	if reads.MatchString(target) {
		return false, 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes++
	return w.when != acknowledged && w.fits(body, w.about.change), w.when
}

// acknowledge is told of every answer of the process.
func (w *way) acknowledge(call string) {
	w.mu.Lock()
	fatal := w.when == acknowledged && w.fits(call, w.about.call)
	w.mu.Unlock()
	if fatal {
		w.kill()
	}
}

// fits reports whether this is where the process is to be killed. It is called
// with the lock held.
func (w *way) fits(text, wanted string) bool {
	if !strings.Contains(text, wanted) {
		return false
	}
	w.kept++
	return w.kept == w.fate
}

func (w *way) kill() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killed = true
	w.victim.Process.Kill()
}

func (w *way) aim(victim *exec.Cmd) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.victim = victim
}

// arm has the process killed when it keeps that promise for the n-th time from
// now on.
func (w *way) arm(n int, about promise, when moment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept, w.fate, w.about, w.when = 0, n, about, when
}

func (w *way) changed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changes
}

func (w *way) hasKilled() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.killed
}
