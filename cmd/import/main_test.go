package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/backend"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/localrun"
	"github.com/latchkey-auth/latchkey/test/runbook"
)

// hash is that of one of the passwords below, made by Python's bcrypt 5.0.
const (
	words = "correct horse battery staple"
	hash  = "$2b$04$HcduiZfAYkmoaimwoBY/We108aHraUNhlLN5AxcAGpthtnnbV6V7i"
)

// bad are lines that are refused, each with a part of the reason.
func bad() [][2]string {
	return [][2]string{
		{`{"email":"nobody"}`, "Email is invalid"},
		{`{"email":"a@example.com","passwordHash":"md5"}`, "passwordHash"},
		{`{"email":"a@example.com","timeJoined":0}`, "timeJoined"},
		{`{"email":"a@example.com","userId":""}`, "userId"},
		{`{"email":"a@example.com","password":"x"}`, "unknown member /password"},
		{`{"email":"a@example.com","verified":"yes"}`, "/verified"},
		{`{"email":"a@example.com","email":"b@example.com"}`, "not one JSON object"},
		{`{"email":"a@example.com","claims":{"sub":"x"}}`, "protected"},
		{`{"email":"a@example.com","tenantId":"nobody"}`, "tenant"},
		{`{"email":"U1@example.com"}`, "email_taken"},
		{`{"userId":"u1","email":"a@example.com"}`, "user_exists"},
		{`{"email":"` + strings.Repeat("x", 200_000) + `"}`, "longer than 64 KB"},
		{`[]`, "not one JSON object"},
	}
}

// TestImport imports users into the local run from a file, from standard input,
// and once more, which changes nothing.
func TestImport(t *testing.T) {
	p := localrun.Launch(t, localrun.Build(t))
	t.Setenv("AWS_ACCESS_KEY_ID", p.Key.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", p.Key.SecretAccessKey)
	t.Setenv("AWS_REGION", template.Region)
	dir := t.TempDir()
	var good, both strings.Builder
	for n := range 40 {
		fmt.Fprintf(&good, `{"userId":"u%d","email":"u%d@example.com","passwordHash":%q,"timeJoined":%d}`+"\n\r\n", n, n, hash, 1000+n)
	}
	both.WriteString(good.String())
	for _, line := range bad() {
		both.WriteString(line[0] + "\n")
	}
	file, report := filepath.Join(dir, "users.jsonl"), filepath.Join(dir, "refused.jsonl")
	if err := os.WriteFile(file, []byte(strings.TrimSuffix(both.String(), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-api", p.URL, "-rate", "500", "-report", report}
	imports := func(want int, stdin string, more ...string) {
		t.Helper()
		var said strings.Builder
		if got := run(t.Context(), append(args, more...), strings.NewReader(stdin), &said); got != want || !strings.Contains(said.String(), " lines, ") {
			t.Errorf("status %d, want %d: %s", got, want, said.String())
		}
	}
	imports(allThere, good.String())
	imports(someRefused, "", file)
	refused(t, report)
	args = documented(t, p.URL, report, file)
	imports(someRefused, "")
	refused(t, report)
	args = args[:len(args)-1]
	c := p.Client(t)
	c.Post("/auth/signin", client.Form("u7@example.com", words)).Want(200).Saying(`"OK"`)
	imports(allThere, good.String()) // also after the hash was replaced
	c.Post("/auth/signin", client.Form("u7@example.com", words)).Want(200).Saying(`"OK"`)

	t.Setenv("AWS_SECRET_ACCESS_KEY", "another")
	imports(stopped, good.String())
}

// documented is the command line in docs/operations.md.
func documented(t *testing.T, api, report, file string) []string {
	t.Helper()
	args, err := runbook.Args("../../docs/operations.md", "Bring users along", "import",
		`"$API"`, api, "refused.jsonl", report, "users.jsonl", file)
	if err != nil || len(args) != 5 {
		t.Fatalf("the command of the document has the arguments %q, %v", args, err)
	}
	return args
}

// refused checks that the report has each bad line with its reason and quotes
// nothing from it.
func refused(t *testing.T, report string) {
	t.Helper()
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[int]string{}
	for line := range strings.Lines(string(text)) {
		var r struct {
			Line   int
			Reason string
			There  string `json:"userIdOfWhoIsThere"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || strings.Contains(line, "example.com") {
			t.Errorf("the report has %s, %v", line, err)
		}
		if strings.Contains(r.Reason, "taken") != (r.There == "u1") && strings.Contains(r.Reason, "exists") != (r.There == "u1") {
			t.Errorf("%s does not say who is there", line)
		}
		reasons[r.Line] = r.Reason
	}
	if len(reasons) != len(bad()) {
		t.Errorf("the report has %d lines, want %d", len(reasons), len(bad()))
	}
	for n, line := range bad() {
		if got := reasons[2*40+1+n]; !strings.Contains(got, line[1]) {
			t.Errorf("line %.80s was refused for %q, want %q", line[0], got, line[1])
		}
	}
}

// A report that would overwrite the users is refused under every name.
func TestReportIsNoInput(t *testing.T) {
	t.Chdir(t.TempDir())
	const line = `{"email":"a@example.com"}`
	if err := os.WriteFile("users.jsonl", []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_REGION", template.Region)
	var said strings.Builder
	args := []string{"-api", "http://127.0.0.1:1", "-report", "./users.jsonl", "users.jsonl"}
	status := run(t.Context(), args, nil, &said)
	if kept, err := os.ReadFile("users.jsonl"); status != stopped || string(kept) != line || err != nil {
		t.Errorf("status %d, %s, and the users are %q, %v, want them untouched", status, said.String(), kept, err)
	}
}

// lines returns n users.
func lines(n int) io.Reader {
	return strings.NewReader(strings.Repeat(`{"email":"a@example.com"}`+"\n", n))
}

// TestPauses checks that nothing is sent before a requested pause is over when
// the API is throttled or down. The pauses grow, and then the import goes on.
func TestPauses(t *testing.T) {
	for name, throttle := range map[string]*backend.Error{
		"429": {Status: 429, Detail: "Too Many Requests"}, "503": {Status: 503, Code: "unavailable", RetryAfter: 3 * time.Second},
		"500": {Status: 500, Code: "internal"}, "no answer": {},
	} {
		synctest.Test(t, func(t *testing.T) {
			var asked []time.Time
			added := 0
			i := importer{rate: 1000, parallel: 1, report: io.Discard, progress: progress{to: io.Discard}}
			i.add = func(context.Context, string, backend.NewUser) (backend.User, error) {
				asked = append(asked, time.Now())
				if n := len(asked); n > 5 && n <= 9 {
					return backend.User{}, throttle
				}
				added++
				return backend.User{}, nil
			}
			if err := i.run(t.Context(), lines(10)); err != nil || added != 10 || len(asked) != 14 {
				t.Errorf("%s: run = %v, %d users by %d requests, want 10 by 14", name, err, added, len(asked))
			}
			for n := 6; n <= 9; n++ {
				least := max(throttle.RetryAfter, time.Second<<(n-6))
				if pause := asked[n].Sub(asked[n-1]); pause < least || pause > 2*least {
					t.Errorf("%s: pause %d is %v, want %v or a little more", name, n-5, pause, least)
				}
			}
		})
	}
}

// TestStops checks that what is wrong for all lines ends the import, at once
// or, if the API stays down, after minutes.
func TestStops(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		most int // requests
	}{
		"forbidden": {&backend.Error{Status: 403}, 8}, "credentials": {errors.New("no credentials"), 8},
		"down": {&backend.Error{Status: 503}, 100},
	} {
		synctest.Test(t, func(t *testing.T) {
			asked := make(chan struct{}, 1000)
			i := importer{rate: 1000, parallel: 8, report: io.Discard, progress: progress{to: io.Discard}}
			i.add = func(context.Context, string, backend.NewUser) (backend.User, error) {
				asked <- struct{}{}
				return backend.User{}, test.err
			}
			began := time.Now()
			err := i.run(t.Context(), lines(1000))
			if !errors.Is(err, test.err) || !strings.Contains(fmt.Sprint(err), "line ") || len(asked) > test.most || time.Since(began) > patience+time.Minute {
				t.Errorf("%s: run = %v after %d requests and %v", name, err, len(asked), time.Since(began))
			}
		})
	}
}

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		i := importer{rate: 20, parallel: 4, report: io.Discard, progress: progress{size: 100 * 26, to: &said}}
		i.add = func(context.Context, string, backend.NewUser) (backend.User, error) { return backend.User{}, nil }
		began := time.Now()
		if err := i.run(t.Context(), lines(100)); err != nil || time.Since(began).Round(time.Second) != 5*time.Second {
			t.Errorf("run = %v after %v, want 5s", err, time.Since(began))
		}
		if !strings.Contains(said.String(), "20 a second, 3s left\n") || !strings.HasSuffix(said.String(), "100 lines, 0 refused, 20 a second, 0s left\n") {
			t.Errorf("progress is %s", said.String())
		}
	})
}

func TestOptions(t *testing.T) {
	for _, args := range []string{"", "-api x a b", "-api x -rate 0", "-api x -rate 1001", "-api x -parallel 0", "-api x -parallel 101", "-nonsense"} {
		if _, err := parse(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("parse(%s) = nil, want an error", args)
		}
	}
	if got := run(t.Context(), []string{"-api", "http://example.com", "nowhere"}, nil, io.Discard); got != stopped {
		t.Errorf("status of a URL without https = %d, want %d", got, stopped)
	}
}
