package ses_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/mail/ses"
)

// reply is what the network does with a request.
type reply = func(*http.Request) (*http.Response, error)

// network is SES as the wire has it: it gives its answers in turn.
type network struct {
	answers  []reply
	requests []*http.Request
	body     []byte
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.requests = append(n.requests, r)
	var err error
	if n.body, err = io.ReadAll(r.Body); err != nil {
		return nil, err
	}
	next := n.answers[0]
	n.answers = n.answers[1:]
	return next(r)
}

func answer(status int, kind, body string) reply {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}, "X-Amzn-Errortype": {kind}}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

var (
	errLost = errors.New("connection reset")
	sent    = answer(200, "", `{"MessageId":"1"}`)
)

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
}

func lost(*http.Request) (*http.Response, error) { return nil, errLost }

// send sends one message over a network with these answers.
func send(t *testing.T, to string, answers ...reply) (*network, error) {
	t.Helper()
	n := &network{answers: answers}
	service := awsclient.Service{Region: "eu-west-1", Transport: n, Credentials: aws.CredentialsProviderFunc(credentials)}
	s := ses.New(service, "no-reply@example.com")
	return n, s.Send(t.Context(), mail.Message{To: to, Subject: "Größe", Text: "plain", HTML: "<p>rich</p>"})
}

func TestSend(t *testing.T) {
	n, err := send(t, "ada@example.com", sent)
	if err != nil || len(n.requests) != 1 {
		t.Fatalf("Send = %v by %d requests, want nil by one", err, len(n.requests))
	}
	r := n.requests[0]
	url, by := r.Method+" "+r.URL.String(), r.Header.Get("Authorization")
	const endpoint = "POST https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails"
	if url != endpoint || !strings.Contains(by, "/eu-west-1/ses/aws4_request") {
		t.Errorf("the request is %s, signed %s", url, by)
	}
	var got, want any
	if err := errors.Join(json.Unmarshal(n.body, &got), json.Unmarshal([]byte(`{
		"FromEmailAddress": "no-reply@example.com",
		"Destination": {"ToAddresses": ["ada@example.com"]},
		"Content": {"Simple": {
			"Subject": {"Data": "Größe", "Charset": "UTF-8"},
			"Body": {"Text": {"Data": "plain", "Charset": "UTF-8"}, "Html": {"Data": "<p>rich</p>", "Charset": "UTF-8"}}
		}}
	}`), &want)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the request has %s, %v, want %v", n.body, err, want)
	}
}

// What may have been sent is not sent again here; what was throttled is, once.
// No error names the recipient.
func TestSendFails(t *testing.T) {
	const words = `{"message":"Email address is not verified: ada@example.com"}`
	throttled := answer(429, "TooManyRequestsException", `{"message":"Maximum sending rate exceeded."}`)
	for _, c := range []struct {
		name     string
		answers  []reply
		requests int
		want     string // in the error; "" for none
	}{
		{"throttled", []reply{throttled, sent}, 2, ""},
		{"throttled twice", []reply{throttled, throttled, sent}, 2, "TooManyRequestsException"},
		{"refused", []reply{answer(400, "MessageRejected", words), sent}, 1, "[recipient]"},
		{"down", []reply{answer(500, "InternalFailure", words), sent}, 1, "InternalFailure"},
		{"without an answer", []reply{lost, sent}, 1, errLost.Error()},
	} {
		synctest.Test(t, func(t *testing.T) {
			n, err := send(t, "ada@example.com", c.answers...)
			if (err == nil) != (c.want == "") || len(n.requests) != c.requests {
				t.Errorf("%s: Send = %v by %d requests, want %q by %d", c.name, err, len(n.requests), c.want, c.requests)
			}
			if err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "ada@")) {
				t.Errorf("%s: Send = %v, want %s and no address", c.name, err, c.want)
			}
		})
	}
	if _, err := send(t, "ada@example.com", lost); !errors.Is(err, errLost) {
		t.Errorf("Send = %v, want what the network said below", err)
	}
}

// SES would refuse the address every time, and an alarm would ring.
func TestAddressesBeyondASCII(t *testing.T) {
	n, err := send(t, "zoë@example.com")
	if !errors.Is(err, mail.ErrRecipient) || len(n.requests) != 0 {
		t.Errorf("Send = %v by %d requests, want ErrRecipient by none", err, len(n.requests))
	}
	if text := fmt.Sprint(err); strings.Contains(text, "zoë") {
		t.Errorf("the error names the recipient: %s", text)
	}
}
