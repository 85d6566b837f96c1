package authorizer

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// answerOf writes the answer that API Gateway expects: a principal, an IAM
// policy of one statement, and a context. It is written by hand: every request
// waits for it, and a general encoder takes several times as long.
//
// A denial is explicit, because a resource policy of the API could allow what
// is only not allowed here.
func answerOf(d decision, resources []string, now time.Time) ([]byte, error) {
	verdict, context := "Deny", []pair(nil)
	if d.effect == allowed {
		verdict, context = "Allow", allowContext(d, now)
	} else {
		context = denyContext(d)
	}
	w := writer{text: make([]byte, 0, 1024+len(d.claims.Custom))}
	w.raw(`{"principalId":`)
	w.quote(principal(d))
	w.raw(`,"policyDocument":{"Version":"2012-10-17","Statement":[{"Action":["execute-api:Invoke"],"Effect":`)
	w.quote(verdict)
	w.raw(`,"Resource":[`)
	for i, resource := range resources {
		w.comma(i)
		w.quote(resource)
	}
	w.raw(`]}]},"context":{`)
	for i, member := range context {
		w.comma(i)
		w.quote(member.name)
		w.raw(`:`)
		w.quote(member.value)
	}
	w.raw(`}}`)
	if w.err != nil {
		return nil, fmt.Errorf("%w: writing the policy: %w", ErrInternal, w.err)
	}
	return w.text, nil
}

// principal names the caller in the gateway's logs. It must not be empty.
func principal(d decision) string {
	if d.anonymous() {
		return "anonymous"
	}
	return d.claims.Subject
}

// writer builds JSON text and keeps the first error.
type writer struct {
	text []byte
	err  error
}

func (w *writer) raw(s string) { w.text = append(w.text, s...) }

// comma separates the elements of a list.
func (w *writer) comma(i int) {
	if i > 0 {
		w.raw(",")
	}
}

func (w *writer) quote(s string) {
	text, err := jsontext.AppendQuote(w.text, s)
	w.text = text
	if w.err == nil {
		w.err = err
	}
}
