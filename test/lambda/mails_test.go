//go:build dynamodb

package lambda_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"testing"
)

const (
	mailFrom = "no-reply@example.com"
	website  = "https://app.example.com"
)

// postOffice stands in for SES and for Lambda's queue of events: it keeps what
// is sent, and runs a function that is invoked as an event.
type postOffice struct {
	invoke func(ctx context.Context, id string, event []byte) ([]byte, error)

	mu    sync.Mutex
	mails []sentMail
}

// sentMail is what SES is asked to send.
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
		p.mu.Lock()
		defer p.mu.Unlock()
		p.mails = append(p.mails, mail)
		io.WriteString(w, `{"MessageId":"1"}`)
	default:
		http.Error(w, "neither SendEmail nor an event", http.StatusNotFound)
	}
}

// taken returns the mails that were sent since the last look.
func (p *postOffice) taken() []sentMail {
	p.mu.Lock()
	defer p.mu.Unlock()
	mails := p.mails
	p.mails = nil
	return mails
}

// testMails has the mail function send one of each kind, and none to strangers.
func (s *stack) testMails(t *testing.T) {
	c, _ := s.signIn(t, ada, adas)
	for _, m := range []struct{ event, path string }{
		{`{"purpose":"reset","tenant":"public","email":"` + ada + `"}`, "/auth/reset-password"},
		{`{"purpose":"verify","tenant":"public","userId":"` + claims(t, c.Bearer).User + `"}`, "/auth/verify-email"},
		{`{"purpose":"reset","tenant":"public","email":"stranger@example.com"}`, ""},
	} {
		if answer, err := s.invoke(t.Context(), "MailFunction", []byte(m.event)); err != nil || string(answer) != "null" {
			t.Errorf("MailFunction(%s) = %s, %v, want null", m.event, answer, err)
		}
		mails := s.post.taken()
		if m.path == "" {
			if len(mails) != 0 {
				t.Errorf("%s: %d mails are sent, want none", m.event, len(mails))
			}
			continue
		}
		if len(mails) != 1 || mails[0].FromEmailAddress != mailFrom ||
			!slices.Equal(mails[0].Destination.ToAddresses, []string{ada}) {
			t.Fatalf("%s: sent is %+v, want one mail from %s to %s", m.event, mails, mailFrom, ada)
		}
		link := regexp.MustCompile(`\n` + website + m.path + `\?token=([\w-]{64})&tenantId=public\n`)
		token := link.FindStringSubmatch(mails[0].Content.Simple.Body.Text.Data)
		if token == nil {
			t.Fatalf("%s: the mail is %+v, want a link to %s", m.event, mails[0], m.path)
		}
		s.secrets.add(token[1])
	}
}
