package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// A function that runs elsewhere gets the event with what the authorizer
// decided, and its answers and failures are those of any function.
func TestFunctionElsewhere(t *testing.T) {
	var event, answer atomic.Value
	answer.Store(func(rw http.ResponseWriter) { io.WriteString(rw, `{"statusCode":201,"body":"made"}`) })
	there := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		event.Store(string(body))
		answer.Load().(func(http.ResponseWriter))(rw)
	}))
	defer there.Close()
	args := changed(t, "http-api", "  WhoAmIFunction:", "  OtherFunction:")
	l := startWith(t, nil, append(args, "-invoke", "OtherFunction="+there.URL+invocations("function"))...)
	c, _ := l.signUp()
	got := string(atShop(c).Post("/me", "{}").Want(201).Body)
	if got != "made" || !strings.Contains(event.Load().(string), byStore) {
		t.Errorf("the answer is %q to the event %s", got, event.Load())
	}
	event.Store("")
	if atShop(l.Client).Post("/me", "{}").Want(401); event.Load() != "" {
		t.Errorf("a stranger's request was invoked: %s", event.Load())
	}
	for name, failing := range map[string]func(http.ResponseWriter){
		"the function's own": func(rw http.ResponseWriter) {
			rw.Header().Set("X-Amz-Function-Error", "Unhandled")
			io.WriteString(rw, `{"statusCode":200,"errorMessage":"no"}`)
		},
		"the server's": func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusNotFound) },
		"too long":     func(rw http.ResponseWriter) { io.WriteString(rw, strings.Repeat("x", maxAnswer+1)) },
		"cut off":      func(rw http.ResponseWriter) { rw.Header().Set("Content-Length", "9"); panic(http.ErrAbortHandler) },
	} {
		answer.Store(failing)
		if code := atShop(c).Post("/me", "{}").Status; code < 500 {
			t.Errorf("a failure, %s, is answered %d", name, code)
		}
	}
}
