package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// smoke runs the command and returns its exit status and what it printed.
func smoke(ctx context.Context, api string, who account) (int, string) {
	var out bytes.Buffer
	env := map[string]string{}
	if who.known {
		env["SMOKE_EMAIL"], env["SMOKE_PASSWORD"] = who.email, who.password
	}
	code := run(ctx, &out, []string{"-api", api}, func(name string) string { return env[name] })
	return code, out.String()
}

var (
	failed = regexp.MustCompile(`(?m)^FAILED  (.*)\n        [A-Z].* (?:want|\S+: ).*\n        [A-Z].*\.$`)
	held   = regexp.MustCompile(`(?m)^ok      (\S.*)$`)
	stays  = regexp.MustCompile(`The account smoke-[a-z0-9]{26}@example\.com stays`)
)

func TestSmoke(t *testing.T) {
	api := launch(t)
	t.Run("somebody new", func(t *testing.T) { testNew(t, api) })
	t.Run("with a base path", func(t *testing.T) { testBasePath(t, api) })

	known := account{"ada@example.com", "nine tall birches by the river", true}
	w := &walk{api: api, origin: "http://localhost:3000", client: newClient()}
	if err := w.do(t.Context(), "POST", "/auth/signup", known.form()).want(200).status("OK").err; err != nil {
		t.Fatal(err)
	}
	t.Run("somebody known", func(t *testing.T) { testKnown(t, api, known) })
	for name, f := range flaws() {
		t.Run(name, func(t *testing.T) { testFlaw(t, api, known, f.flaw, f.failed) })
	}
	t.Run("sign-out does not end", func(t *testing.T) { testNoSignOut(t, api, known) })
	t.Run("by make", func(t *testing.T) { testMake(t, api) })
	t.Run("interrupt", func(t *testing.T) { testInterrupt(t, api, known) })
}

// testNew walks the path as somebody who signs up on the way.
func testNew(t *testing.T, api string) {
	g, url := serve(t, api, flaw{})
	code, out := smoke(t.Context(), url, account{})
	if code != 0 || len(held.FindAllString(out, -1)) != 26 || !strings.Contains(out, "26 facts checked, 0 failed") {
		t.Errorf("exit status %d, want 0 and 26 facts that hold\n%s", code, out)
	}
	if !stays.MatchString(out) {
		t.Errorf("it does not say which account stays\n%s", out)
	}
	g.ended(t, api)
	g.silent(t, out)
	for _, fact := range held.FindAllStringSubmatch(out, -1) {
		if !canFail(fact[1]) {
			t.Errorf("no flaw breaks the fact %q", fact[1])
		}
	}
}

// canFail reports whether a test breaks the fact.
func canFail(fact string) bool {
	begins := []string{"sign-out answers"} // in testNoSignOut
	for _, f := range flaws() {
		begins = append(begins, f.failed...)
	}
	return slices.ContainsFunc(begins, func(begin string) bool { return strings.HasPrefix(fact, begin) })
}

// testMake is the command as README has it.
func testMake(t *testing.T, api string) {
	for origin, want := range map[string]bool{
		"http://localhost:3000": true, "https://app.example.com": false,
		"http://localhost:3000,capacitor://localhost": true, "http://localhost:3000,tauri://localhost": false,
	} {
		out, err := exec.CommandContext(t.Context(), "make", "-C", "../..", "--no-print-directory", "smoke", "API="+api, "ORIGIN="+origin).CombinedOutput()
		if (err == nil) != want {
			t.Errorf("make smoke ORIGIN=%s = %v\n%s", origin, err, out)
		}
	}
}

// testBasePath reaches the API as a custom domain does that maps a path to it.
func testBasePath(t *testing.T, api string) {
	_, url := serve(t, api, flaw{request: func(r *http.Request) { r.URL.Path = strings.TrimPrefix(r.URL.Path, "/v1") }})
	if code, out := smoke(t.Context(), url+"/v1/", account{}); code != 0 {
		t.Errorf("exit status %d, want 0\n%s", code, out)
	}
}

// testKnown leaves another session of the same user alone.
func testKnown(t *testing.T, api string, who account) {
	w := &walk{api: api, origin: "http://localhost:3000", client: newClient(), account: who}
	other, a := w.enter(t.Context(), "header")
	if a.err != nil {
		t.Fatal(a.err)
	}
	code, out := smoke(t.Context(), api, who)
	if code != 0 || stays.MatchString(out) || strings.Contains(out, who.password) {
		t.Errorf("exit status %d, want 0, and neither a new account nor the password\n%s", code, out)
	}
	if err := w.do(t.Context(), "POST", "/notes", note, other.dress).want(201).err; err != nil {
		t.Errorf("the user's other session: %v", err)
	}
}

// testFlaw wants exactly the facts to fail that the flaw breaks.
func testFlaw(t *testing.T, api string, who account, f flaw, want []string) {
	g, url := serve(t, api, f)
	code, out := smoke(t.Context(), url, who)
	got := failed.FindAllStringSubmatch(out, -1)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !strings.HasPrefix(got[i][1], want[i]) {
			t.Errorf("these fail, want %q:\n%s", want, out)
			break
		}
	}
	if code != 1 || strings.Contains(out, "could not be ended") {
		t.Errorf("exit status %d, want 1 and sessions that are ended\n%s", code, out)
	}
	g.ended(t, api)
	g.silent(t, out)
}

// silent fails the test if what was printed holds a token that passed.
func (g *gateway) silent(t *testing.T, out string) {
	t.Helper()
	if len(g.tokens) == 0 {
		t.Error("no token passed")
	}
	for _, token := range g.tokens {
		if strings.Contains(out, token) {
			t.Error("it printed a token")
		}
	}
}

// testNoSignOut wants words about a session that stays.
func testNoSignOut(t *testing.T, api string, who account) {
	_, url := serve(t, api, flaw{answer: onPath("/auth/signout", reply(503, `{}`))})
	code, out := smoke(t.Context(), url, who)
	got := failed.FindAllString(out, -1)
	if len(got) != 2 || !strings.Contains(got[0], "sign-out takes both cookies") || !strings.Contains(got[1], "sign-out answers 200") {
		t.Errorf("these fail, want both kinds of sign-out\n%s", out)
	}
	if code != 1 || strings.Count(out, "A session could not be ended: POST /auth/signout answered 503") != 2 {
		t.Errorf("exit status %d, want 1 and two sessions that could not be ended\n%s", code, out)
	}
}

// testInterrupt presses Ctrl-C in the middle of a session.
func testInterrupt(t *testing.T, api string, who account) {
	ctx, interrupt := context.WithCancel(t.Context())
	g, url := serve(t, api, flaw{answer: onPath("/reports", func(*http.Response) { interrupt() })})
	code, out := smoke(ctx, url, who)
	if code != 1 || failed.MatchString(out) || !strings.Contains(out, "interrupted") {
		t.Errorf("exit status %d, want 1, that it was interrupted, and no fact that failed by that\n%s", code, out)
	}
	g.ended(t, api)
}

// TestNobodyThere is about an address at which there is no API.
func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	code, out := smoke(t.Context(), server.URL, account{})
	if code != 1 || held.MatchString(out) || stays.MatchString(out) {
		t.Errorf("exit status %d, want 1, no fact that holds, and no account\n%s", code, out)
	}
}

func TestBadCommands(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"no API":            {nil, nil, "say where the API is"},
		"no URL":            {[]string{"-api", "api.example.com"}, nil, "say where the API is"},
		"in the clear":      {[]string{"-api", "http://api.example.com"}, nil, "must be https"},
		"another address":   {[]string{"-api", "http://192.0.2.1"}, nil, "must be https"},
		"only a password":   {[]string{"-api", "https://api.example.com"}, map[string]string{"SMOKE_PASSWORD": "x"}, "give both"},
		"only an address":   {[]string{"-api", "https://api.example.com"}, map[string]string{"SMOKE_EMAIL": "a@example.com"}, "give both"},
		"an unknown option": {[]string{"-password", "x"}, nil, "not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			code := run(t.Context(), &out, tt.args, func(name string) string { return tt.env[name] })
			if code != 2 || !strings.Contains(out.String(), tt.want) {
				t.Errorf("exit status %d, want 2 and %q\n%s", code, tt.want, out.String())
			}
		})
	}
}
