//go:build dynamodb

package lambda_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"
)

const (
	mailFrom = "no-reply@example.com"
	website  = "https://app.example.com"
)

// postOffice replaces SES and Lambda's queue of events. It keeps what is sent
// and runs a function that is invoked as an event.
type postOffice struct {
	invoke func(ctx context.Context, id string, event []byte) ([]byte, error)
	mails  chan sentMail
}

// sentMail is a mail that SES is asked to send.
type sentMail struct {
	FromEmailAddress string
	Destination      struct{ ToAddresses []string }
	Content          struct {
		Simple struct {
			Body struct{ Text struct{ Data string } }
		}
	}
}

// ServeHTTP answers SES's SendEmail and Lambda's Invoke.
func (p *postOffice) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	function := regexp.MustCompile(`^/2015-03-31/functions/(\w+)/invocations$`).FindStringSubmatch(r.URL.Path)
	var mail sentMail
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case function != nil && r.Header.Get("X-Amz-Invocation-Type") == "Event":
		go p.invoke(context.WithoutCancel(r.Context()), function[1], body)
		w.WriteHeader(http.StatusAccepted)
	case r.URL.Path == "/v2/email/outbound-emails" && json.Unmarshal(body, &mail) == nil:
		p.mails <- mail
		io.WriteString(w, `{"MessageId":"1"}`)
	default:
		http.Error(w, "neither SendEmail nor an event", http.StatusNotFound)
	}
}

// next returns the next mail.
func (p *postOffice) next(t *testing.T) sentMail {
	t.Helper()
	select {
	case m := <-p.mails:
		return m
	case <-time.After(patience):
		t.Fatal("no mail is sent")
		return sentMail{}
	}
}

// token returns the token of the link in the next mail. The mail must go to the
// address and the link must lead to the path.
func (s *stack) token(t *testing.T, to, path string) string {
	t.Helper()
	m := s.post.next(t)
	if m.FromEmailAddress != mailFrom || !slices.Equal(m.Destination.ToAddresses, []string{to}) {
		t.Fatalf("sent is %+v, want a mail from %s to %s", m, mailFrom, to)
	}
	link := regexp.MustCompile(`\n` + website + path + `\?token=([\w-]{64})&tenantId=public\n`)
	token := link.FindStringSubmatch(m.Content.Simple.Body.Text.Data)
	if token == nil {
		t.Fatalf("the mail is %+v, want a link to %s", m, path)
	}
	s.secrets.add(token[1])
	return token[1]
}

// testMails makes Ada verify her address and reset a forgotten password by the
// links that are mailed to her. A stranger gets no mail.
func (s *stack) testMails(t *testing.T) {
	const verify, reset = "/auth/user/email/verify", "/auth/user/password/reset"
	const forgotten = "a password that Ada forgets"
	s.secrets.add(forgotten)
	c, _ := s.signIn(t, ada, adas)
	c.Post(verify+"/token", "").Want(200).Saying(`"OK"`)
	c.Post(verify, `{"method":"token","token":"`+s.token(t, ada, "/auth/verify-email")+`"}`).Want(200).Saying(`"OK"`)
	c.Get(verify).Want(200).Saying(`"isVerified":true`)
	c.Post("/auth/user/password", `{"currentPassword":"`+adas+`","password":"`+forgotten+`"}`).Want(200).Saying(`"OK"`)

	out := s.client(t)
	out.Post(reset+"/token", `{"formFields":[{"id":"email","value":"`+ada+`"}]}`).Want(200).Saying(`"OK"`)
	used := `{"method":"token","token":"` + s.token(t, ada, "/auth/reset-password") +
		`","formFields":[{"id":"password","value":"` + adas + `"}]}`
	out.Post(reset, used).Want(200).Saying(`"OK"`)
	c.Post("/notes", `{"text":"late"}`).Want(401)
	out.Post(reset, used).Want(200).Saying(`"RESET_PASSWORD_INVALID_TOKEN_ERROR"`)
	s.signIn(t, ada, adas)

	event := `{"purpose":"reset","tenant":"public","email":"stranger@example.com"}`
	answer, err := s.invoke(t.Context(), "MailFunction", []byte(event))
	if err != nil || string(answer) != "null" || len(s.post.mails) > 0 {
		t.Errorf("MailFunction(%s) = %s, %v, and %d mails, want null and none", event, answer, err, len(s.post.mails))
	}
}
