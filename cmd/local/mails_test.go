package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/mail"
)

// The mail function is run with the settings as they stand, and by Lambda's
// Invoke API.
func TestMailsOfALocalRun(t *testing.T) {
	l := start(t)
	l.signUp()
	event := `{"purpose":"reset","tenant":"public","email":"ada@example.com"}`
	l.Post(invocations("MailFunction"), event).Want(200)
	l.Get("/_local/mails?after=0").Want(200).Saying(`"to":"ada@example.com"`).
		Saying(`"link":"http://localhost:3000/auth/reset-password?token=`)
	for _, setting := range []string{"MailFrom=", "AllowedOrigins=capacitor://localhost"} {
		start(t, "-set", setting).Post(invocations("MailFunction"), event).Want(404)
	}
}

// The caller that asks for a mail does not wait for it, and may be gone when it
// is sent.
func TestRequestsDoNotWait(t *testing.T) {
	release, events := make(chan struct{}), make(chan string)
	function := lambda.NewHandler(func(ctx context.Context, event json.RawMessage) error {
		<-release
		if ctx.Err() != nil {
			event = nil
		}
		events <- string(event)
		return nil
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
