package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
	"github.com/latchkey-auth/latchkey/cmd/local/page"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/mail"
)

// mails returns those of the page once there were more than n.
func (l *localRun) mails(n string) []page.Mail {
	l.t.Helper()
	r := httptest.NewRequest("GET", "http://127.0.0.1:8787/_local/mails?after="+n, nil)
	r.RemoteAddr = "127.0.0.1:1234"
	recorder := httptest.NewRecorder()
	l.handler.ServeHTTP(recorder, r)
	var mails []page.Mail
	if err := json.Unmarshal(recorder.Body.Bytes(), &mails); err != nil {
		l.t.Fatalf("GET /_local/mails = %d %s, want mails", recorder.Code, recorder.Body)
	}
	return mails
}

// The mail function is run with the settings as they stand, and by Lambda's
// Invoke API.
func TestMailsOfALocalRun(t *testing.T) {
	l := start(t)
	l.signUp()
	event := `{"purpose":"reset","tenant":"public","email":"ada@example.com"}`
	l.want(200, "POST", "/2015-03-31/functions/MailFunction/invocations", "", event)
	mails := l.mails("0")
	const link = "http://localhost:3000/auth/reset-password?token="
	if len(mails) != 1 || mails[0].To != "ada@example.com" || !strings.HasPrefix(mails[0].Link, link) {
		t.Errorf("mails are %+v, want one with a link to %s", mails, link)
	}
	for _, args := range [][]string{{"-set", "MailFrom="}, {"-set", "AllowedOrigins=capacitor://localhost"}} {
		start(t, args...).want(404, "POST", "/2015-03-31/functions/MailFunction/invocations", "", event)
	}
}

// A caller who asks for a mail does not wait for it, and may be gone when it is sent.
func TestRequestsDoNotWait(t *testing.T) {
	release, events := make(chan struct{}), make(chan string)
	function := waiting(func(ctx context.Context, event []byte) ([]byte, error) {
		<-release
		if ctx.Err() != nil {
			event = nil
		}
		events <- string(event)
		return nil, nil
	})
	functions := &invoke.Functions{Log: slog.New(slog.DiscardHandler), ByID: map[string]invoke.Function{
		"MailFunction": {Handler: function, Timeout: time.Minute},
	}}
	ctx, cancel := context.WithCancel(t.Context())
	q := mail.Request{Purpose: accounts.VerifyEmail, Tenant: "public", UserID: "id-1"}
	if err := (requests{functions, "MailFunction"}).Request(ctx, q); err != nil {
		t.Errorf("Request = %v, want nil", err)
	}
	cancel()
	close(release)
	if got := <-events; got != `{"purpose":"verify","tenant":"public","userId":"id-1"}` {
		t.Errorf("the event is %q", got)
	}
}

// waiting is a lambda.Handler made of a function.
type waiting func(ctx context.Context, event []byte) ([]byte, error)

func (w waiting) Invoke(ctx context.Context, event []byte) ([]byte, error) { return w(ctx, event) }

func TestParametersOfMails(t *testing.T) {
	own, _, err := readTemplates(options{template: "../../template.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	const from = "latchkey@localhost"
	for _, c := range []struct{ origins, from, website, wantFrom, wantWebsite string }{
		{"-", "-", "-", from, "http://localhost:3000"},
		{"capacitor://localhost,http://a.example,https://b.example", "-", "-", from, "https://b.example"},
		{"capacitor://localhost,http://a.example", "-", "-", "", ""},
		{"-", "a@b.example", "-", "a@b.example", "http://localhost:3000"},
		{"-", "-", "https://c.example", from, "https://c.example"},
		{"-", "a@b.example", "https://c.example", "a@b.example", "https://c.example"},
		{"-", "", "-", "", ""},
	} {
		set := map[string]string{}
		for name, value := range map[string]string{"AllowedOrigins": c.origins, mailFrom: c.from, websiteDomain: c.website} {
			if value != "-" {
				set[name] = value
			}
		}
		withMails(own, set)
		if set[mailFrom] != c.wantFrom || set[websiteDomain] != c.wantWebsite {
			t.Errorf("%+v is %v, want mails from %q to %q", c, set, c.wantFrom, c.wantWebsite)
		}
	}
}
