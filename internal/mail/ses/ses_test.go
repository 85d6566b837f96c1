package ses_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/mail/ses"
	"github.com/latchkey-auth/latchkey/test/network"
)

// answer is what SES says, and an error of that kind unless it is empty.
func answer(status int, kind, body string) network.Answer {
	return network.Reply(status, body, "X-Amzn-Errortype", kind)
}

// send sends one message over a network with these answers.
func send(t *testing.T, to string, answers ...network.Answer) (*network.Network, error) {
	t.Helper()
	net := network.Of(answers...)
	s := ses.New(net.Service(), "no-reply@example.com")
	return net, s.Send(t.Context(), mail.Message{To: to, Subject: "Größe", Text: "plain", HTML: "<p>rich</p>"})
}

func TestSend(t *testing.T) {
	net, err := send(t, "ada@example.com", answer(200, "", `{"MessageId":"1"}`))
	if err != nil || len(net.Sent) != 1 {
		t.Fatalf("Send = %v by %d requests, want nil by one", err, len(net.Sent))
	}
	r := net.Sent[0]
	by := r.Header.Get("Authorization")
	const endpoint = "https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails"
	if r.URL != endpoint || !strings.Contains(by, "/eu-west-1/ses/aws4_request") {
		t.Errorf("the request is %s, signed %s", r.URL, by)
	}
	var got, want any
	if err := errors.Join(json.Unmarshal([]byte(r.Body), &got), json.Unmarshal([]byte(`{
		"FromEmailAddress": "no-reply@example.com",
		"Destination": {"ToAddresses": ["ada@example.com"]},
		"Content": {"Simple": {
			"Subject": {"Data": "Größe", "Charset": "UTF-8"},
			"Body": {"Text": {"Data": "plain", "Charset": "UTF-8"}, "Html": {"Data": "<p>rich</p>", "Charset": "UTF-8"}}
		}}
	}`), &want)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the request has %s, %v, want %v", r.Body, err, want)
	}
}

// What may have been sent is not sent again here; what was throttled is, once.
// No error names the recipient.
func TestSendFails(t *testing.T) {
	const words = `{"message":"Email address is not verified: ada@example.com"}`
	sent := answer(200, "", `{"MessageId":"1"}`)
	throttled := answer(429, "TooManyRequestsException", `{"message":"Maximum sending rate exceeded."}`)
	for _, c := range []struct {
		name     string
		answers  []network.Answer
		requests int
		want     string // in the error; "" for none
	}{
		{"throttled", []network.Answer{throttled, sent}, 2, ""},
		{"throttled twice", []network.Answer{throttled, throttled, sent}, 2, "TooManyRequestsException"},
		{"refused", []network.Answer{answer(400, "MessageRejected", words), sent}, 1, "[recipient]"},
		{"down", []network.Answer{answer(500, "InternalFailure", words), sent}, 1, "InternalFailure"},
		{"without an answer", []network.Answer{network.Reset, sent}, 1, syscall.ECONNRESET.Error()},
	} {
		synctest.Test(t, func(t *testing.T) {
			net, err := send(t, "ada@example.com", c.answers...)
			if (err == nil) != (c.want == "") || len(net.Sent) != c.requests {
				t.Errorf("%s: Send = %v by %d requests, want %q by %d", c.name, err, len(net.Sent), c.want, c.requests)
			}
			if err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "ada@")) {
				t.Errorf("%s: Send = %v, want %s and no address", c.name, err, c.want)
			}
		})
	}
	if _, err := send(t, "ada@example.com", network.Reset); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("Send = %v, want what the network said below", err)
	}
}

// SES would refuse the address every time, and an alarm would ring.
func TestAddressesBeyondASCII(t *testing.T) {
	net, err := send(t, "zoë@example.com")
	if !errors.Is(err, mail.ErrRecipient) || len(net.Sent) != 0 {
		t.Errorf("Send = %v by %d requests, want ErrRecipient by none", err, len(net.Sent))
	}
	if text := fmt.Sprint(err); strings.Contains(text, "zoë") {
		t.Errorf("the error names the recipient: %s", text)
	}
}
