//go:build dynamodb

package main

import (
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

func TestPrintedLinesWalkThePathOnDynamoDB(t *testing.T) {
	p := launch(t, build(t), "-addr", "127.0.0.1:0", "-dynamodb", dynamolocal.Endpoint(t))
	p.walk()
	if err := p.interrupt(); err != nil {
		t.Errorf("after Ctrl-C it ended with %v, want nil\n%s", err, p.stderr)
	}
}

// What is in DynamoDB outlives the process: accounts, sessions and the keys
// that sign and open them.
func TestStateOutlivesTheProcess(t *testing.T) {
	binary, endpoint := build(t), dynamolocal.Endpoint(t)
	first := launch(t, binary, "-addr", "127.0.0.1:0", "-dynamodb", endpoint)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	send := func(method, path, body string) int {
		t.Helper()
		r, err := http.NewRequest(method, first.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("St-Auth-Mode", "cookie")
		r.Header.Set("Rid", "session")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	send("POST", "/auth/signup", person) // somebody may have run this before
	if got := send("POST", "/auth/signin", person); got != 200 {
		t.Fatalf("POST /auth/signin = %d, want 200", got)
	}
	if err := first.interrupt(); err != nil {
		t.Fatalf("it ended with %v, want nil", err)
	}
	launch(t, binary, "-addr", strings.TrimPrefix(first.url, "http://"), "-dynamodb", endpoint)
	for _, tt := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/notes", "", 200},
		{"POST", "/notes", `{"text":"milk"}`, 201},
		{"POST", "/auth/session/refresh", "", 200},
		{"POST", "/notes", `{"text":"milk"}`, 201},
		{"POST", "/auth/signin", person, 200},
	} {
		if got := send(tt.method, tt.path, tt.body); got != tt.want {
			t.Errorf("after the restart %s %s = %d, want %d", tt.method, tt.path, got, tt.want)
		}
	}
}
