package mail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/accountstest"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/sessions"
)

const (
	tenant = "public"
	ada    = "ada@example.com"
	site   = "https://app.example.com"
	reset  = `{"purpose":"reset","tenant":"public","email":"ada@example.com"}`
	verify = `{"purpose":"verify","tenant":"public","userId":"id-1"}`
)

var errDown = errors.New("service is down")

// world is a mail function over a store in memory.
type world struct {
	mail.Function
	store *accountstest.Hook
	down  map[string]error // by call
	kept  sessions.User    // of every user
	sent  []mail.Message
	log   bytes.Buffer
	n     int // events so far
	now   time.Time
}

func (w *world) Send(_ context.Context, m mail.Message) error {
	if err := w.down["Send"]; err != nil {
		return err
	}
	w.sent = append(w.sent, m)
	return nil
}

func (w *world) User(_ context.Context, k sessions.UserKey) (sessions.User, error) {
	if k == (sessions.UserKey{}) {
		return sessions.User{}, errors.New("the key of nobody")
	}
	return w.kept, w.down["User"]
}

// newWorld has one user, who is returned.
func newWorld(t *testing.T, u accounts.User) (*world, accounts.User) {
	t.Helper()
	w := &world{down: map[string]error{}, now: time.UnixMilli(1_800_000_000_000)}
	w.store = &accountstest.Hook{Store: accounts.NewMemory(), Call: func(op string, do func() error) error {
		if err := w.down[op]; err != nil {
			return err
		}
		return do()
	}}
	a, err := accounts.New(accounts.Config{
		Store: w.store, MinPassword: 8, PerSource: 100, Hasher: &accountstest.Hasher{}, Now: func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Create(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	w.Function = mail.Function{
		Accounts: a, Users: w, Sender: w, Tenants: []string{tenant, "customers"}, Website: site,
		Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}
	return w, u
}

func anyUser() accounts.User {
	return accounts.User{ID: "id-1", Tenant: tenant, Email: ada, Hash: "hash", Joined: time.UnixMilli(1_700_000_000_000)}
}

// ask delivers an event of its own, and returns how many mails that sent.
func (w *world) ask(t *testing.T, event string) (int, error) {
	t.Helper()
	w.n++
	return w.deliver(t, fmt.Sprintf("request %d", w.n), event)
}

func (w *world) deliver(t *testing.T, id, event string) (int, error) {
	t.Helper()
	before := len(w.sent)
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: id})
	answer, err := w.Invoke(ctx, []byte(event))
	if (err == nil) != (string(answer) == "null") {
		t.Errorf("Invoke(%s) answers %s, %v, want null or an error", event, answer, err)
	}
	return len(w.sent) - before, err
}

// wantSent checks how many mails an event sends, without an error.
func (w *world) wantSent(t *testing.T, why, event string, want int) {
	t.Helper()
	if n, err := w.ask(t, event); n != want || err != nil {
		t.Errorf("%s: %s sends %d mails, %v, want %d", why, event, n, err, want)
	}
}

// tokenIn returns the token of the link in a mail to ada.
func tokenIn(t *testing.T, m mail.Message, path string) string {
	t.Helper()
	_, rest, _ := strings.Cut(m.Text, site+path+"?token=")
	token, _, found := strings.Cut(rest, "&tenantId="+tenant+"\n")
	link := strings.NewReplacer("&", "&amp;").Replace(site + path + "?token=" + token + "&tenantId=" + tenant)
	if !found || strings.Count(m.Text, "://") != 1 || !strings.Contains(m.HTML, `href="`+link+`"`) || m.To != ada {
		t.Fatalf("mail = %+v, want one link to %s%s in both forms, to %s", m, site, path, ada)
	}
	return token
}

// A mail brings a link that is good for what was asked for, and is good for
// nothing else.
func TestMails(t *testing.T) {
	for _, c := range []struct {
		event, path, subject string
		purpose, other       accounts.Purpose
	}{
		{
			reset, "/auth/reset-password", "Reset your password at app.example.com",
			accounts.ResetPassword, accounts.VerifyEmail,
		},
		{
			verify, "/auth/verify-email", "Verify your address at app.example.com",
			accounts.VerifyEmail, accounts.ResetPassword,
		},
	} {
		for _, hash := range []accounts.Secret{"hash", ""} { // a user without a password too
			u := anyUser()
			u.Hash = hash
			w, _ := newWorld(t, u)
			w.wantSent(t, "known", c.event, 1)
			m := w.sent[0]
			token := tokenIn(t, m, c.path)
			l, got, err := w.Accounts.FindLink(t.Context(), c.purpose, tenant, token, nil)
			if err != nil || got != u || l.Email != ada || m.Subject != c.subject {
				t.Errorf("%s: link of %+v is %+v, %v, subject %q", c.event, got.ID, l, err, m.Subject)
			}
			if _, _, err := w.Accounts.FindLink(t.Context(), c.other, tenant, token, nil); !errors.Is(err, accounts.ErrLink) {
				t.Errorf("%s: the link is good for %s: %v", c.event, c.other, err)
			}
			log := w.log.String()
			if strings.Contains(log, token) || strings.Contains(log, ada) || !strings.Contains(log, "id-1") {
				t.Errorf("%s: logged is %s, want neither token nor address", c.event, log)
			}
		}
	}
}

// What stands in an address is text in both forms.
func TestMailsAreEscaped(t *testing.T) {
	u := anyUser()
	u.Email = "a&b'c{{.}}`$(x)@example.com"
	w, _ := newWorld(t, u)
	w.wantSent(t, "known", verify, 1)
	m := w.sent[0]
	if !strings.Contains(m.Text, u.Email) || !strings.Contains(m.HTML, "<b>a&amp;b&#39;c{{.}}`$(x)@example.com</b>") {
		t.Errorf("the address is in the mail as %s\n%s", m.Text, m.HTML)
	}
}

// Nobody who is not to get a mail gets one, and that is no error, so Lambda
// does not deliver the event again.
func TestNoMail(t *testing.T) {
	verified, unverified := json.RawMessage(`{"st-ev":{"v":true,"t":1},"a":1}`), json.RawMessage(`{"st-ev":{"v":false}}`)
	for _, c := range []struct {
		why, event string
		kept       sessions.User
		want       int
	}{
		{"unknown", strings.Replace(reset, ada, "nobody@example.com", 1), sessions.User{}, 0},
		{"of another tenant", strings.Replace(reset, tenant, "customers", 1), sessions.User{}, 0},
		{"no address", strings.Replace(reset, ada, "ada", 1), sessions.User{}, 0},
		{"unknown id", strings.Replace(verify, "id-1", "id-2", 1), sessions.User{}, 0},
		{"disabled", reset, sessions.User{Disabled: true}, 0},
		{"disabled", verify, sessions.User{Disabled: true}, 0},
		{"verified", verify, sessions.User{Claims: verified}, 0},
		{"verified", reset, sessions.User{Claims: verified}, 1},
		{"not verified", verify, sessions.User{Claims: unverified}, 1},
		{"with other claims", verify, sessions.User{Claims: json.RawMessage(`{"a":1}`)}, 1},
	} {
		w, u := newWorld(t, anyUser())
		w.kept = c.kept
		w.wantSent(t, c.why, c.event, c.want)
		links, err := w.store.Links(t.Context(), accounts.VerifyEmail, accounts.Link{Tenant: u.Tenant, UserID: u.ID}.Key())
		if c.want == 0 && (len(links) != 0 || err != nil || strings.Contains(w.log.String(), "@")) {
			t.Errorf("%s: %d links are kept, %v, and logged is %s", c.why, len(links), err, w.log.String())
		}
	}
}

// A stranger who asks for a user's mails brings five in an hour, whenever it begins, and
// the links in all of them are good. One event sends two at most.
func TestMailsAreBounded(t *testing.T) {
	w, _ := newWorld(t, anyUser())
	for i := range 8 {
		w.now = time.UnixMilli(1_800_000_000_000).Add(time.Duration(i-1) * time.Minute) // from a minute before a full hour on
		if _, err := w.ask(t, reset); err != nil {
			t.Errorf("Invoke = %v, want nil", err)
		}
	}
	for i, m := range w.sent {
		token := tokenIn(t, m, "/auth/reset-password")
		if _, _, err := w.Accounts.FindLink(t.Context(), accounts.ResetPassword, tenant, token, nil); err != nil {
			t.Errorf("the link of mail %d = %v, want it good", i, err)
		}
	}
	if len(w.sent) != 5 {
		t.Errorf("8 requests sent %d mails, want 5", len(w.sent))
	}
	w.now = w.now.Add(53 * time.Minute) // an hour after the first
	w.wantSent(t, "what was not sent keeps no other from being sent", reset, 1)
	w, _ = newWorld(t, anyUser())
	for range 5 {
		if _, err := w.deliver(t, "the same", reset); err != nil {
			t.Errorf("Invoke = %v, want nil", err)
		}
	}
	if len(w.sent) != 2 {
		t.Errorf("an event that is delivered five times sent %d mails, want 2", len(w.sent))
	}
}

// An event that is none is an error, which an alarm shows; it looks nobody up.
func TestEventsThatAreNone(t *testing.T) {
	w, _ := newWorld(t, anyUser())
	for _, call := range []string{"Take", "ByEmail", "ByID", "User"} {
		w.down[call] = errDown
	}
	for _, event := range []string{
		``, `null`, `[]`, `{}`, reset + reset, `"reset"`, strings.Replace(reset, `"public"`, `7`, 1),
		`{"purpose":"reset","tenant":"public"}`, `{"purpose":"reset","tenant":"public","userId":"id-1"}`,
		`{"purpose":"verify","tenant":"public","email":"ada@example.com"}`, `{"purpose":"verify","tenant":"public"}`,
		`{"purpose":"reset","tenant":"public","email":"ada@example.com","userId":"id-1"}`,
		`{"purpose":"verify","tenant":"public","email":"ada@example.com","userId":"id-1"}`,
		`{"purpose":"","tenant":"public","email":"ada@example.com"}`, `{"tenant":"public","email":"ada@example.com"}`,
		`{"purpose":"reset","tenant":"strangers","email":"ada@example.com"}`, `{"purpose":"reset","email":"ada@example.com"}`,
		`{"purpose":"reset","tenant":"public","email":"ada@example.com","link":"https://evil.example"}`,
	} {
		n, err := w.ask(t, event)
		if n != 0 || err == nil || errors.Is(err, errDown) || strings.Contains(err.Error()+w.log.String(), ada) {
			t.Errorf("%s sends %d mails, %v; logged is %s", event, n, err, w.log.String())
		}
	}
}

// Where anything fails the event fails, and is delivered once more. What was
// wrong is logged, without the address.
func TestMailWithServicesDown(t *testing.T) {
	for _, call := range []string{"Take", "ByEmail", "User", "AddLink", "Send"} {
		w, _ := newWorld(t, anyUser())
		w.down[call] = errDown
		n, err := w.deliver(t, "one", reset)
		log := w.log.String()
		if n != 0 || !errors.Is(err, errDown) || !strings.Contains(log, "mail failed") || strings.Contains(log, ada) {
			t.Errorf("%s down: %d mails, %v, and logged is %s", call, n, err, log)
		}
		w.down[call] = nil
		if n, err := w.deliver(t, "one", reset); n != 1 || err != nil {
			t.Errorf("the second delivery sends %d mails, %v, want 1", n, err)
		}
	}
	w, _ := newWorld(t, anyUser())
	w.kept.Claims = json.RawMessage(`{"st-ev":7}`)
	if n, err := w.ask(t, reset); n != 0 || err == nil {
		t.Errorf("with claims that cannot be read %d mails are sent, %v", n, err)
	}
	w, _ = newWorld(t, anyUser())
	w.down["Send"] = fmt.Errorf("sending: %w", mail.ErrRecipient)
	w.wantSent(t, "no address to send to", reset, 0)
}

// The JSON of a Request is what the mail function reads.
func TestRequest(t *testing.T) {
	got, err := json.Marshal(mail.Request{Purpose: accounts.ResetPassword, Tenant: tenant, Email: ada})
	if err != nil || string(got) != reset {
		t.Errorf("Request = %s, %v, want %s", got, err, reset)
	}
}
