package invoke_test

import (
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/mail/invoke"
	"github.com/latchkey-auth/latchkey/test/network"
)

// ask asks for a mail over the network.
func ask(t *testing.T, net *network.Network) error {
	t.Helper()
	return invoke.New(net.Service(), "stack-mail").
		Request(t.Context(), mail.Request{Purpose: accounts.VerifyEmail, Tenant: "public", UserID: "id-1"})
}

// Lambda is asked to keep the event, and not to run the function at once.
func TestRequest(t *testing.T) {
	net := network.Of(network.Reply(http.StatusAccepted, ""))
	if err := ask(t, net); err != nil {
		t.Fatalf("Request = %v, want nil", err)
	}
	const url = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/stack-mail/invocations"
	const event = `{"purpose":"verify","tenant":"public","userId":"id-1"}`
	if r := net.Sent[0]; r.URL != url || r.Header.Get("X-Amz-Invocation-Type") != "Event" || r.Body != event {
		t.Errorf("the request is %+v, want %s to %s as Event", r, event, url)
	}
}

// A request that was not taken is an error, also when Lambda says 200: then the
// function ran, and was waited for.
func TestRequestFails(t *testing.T) {
	for name, answer := range map[string]network.Answer{
		"200": network.Reply(200, ""), "404": network.Reply(404, ""), "429": network.Reply(429, ""),
		"500": network.Reply(500, ""), "no answer": network.Reset,
	} {
		err := ask(t, network.Of(answer))
		lost := errors.Is(err, syscall.ECONNRESET)
		if err == nil || lost != (name == "no answer") || strings.Contains(err.Error(), "id-1") {
			t.Errorf("Request answered %s = %v, want an error without the event", name, err)
		}
	}
}
