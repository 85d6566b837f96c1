package kms_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/sessions/kms"
)

// TestFaults makes both calls of a KMS that is broken for good. The clock is
// the bubble's: budgets are measured exactly.
func TestFaults(t *testing.T) {
	for _, fault := range []struct {
		name     string
		answer   answer
		attempts int
		code     string // AWS's name of the error, where it has one
	}{
		{"hung", hang, 2, ""},
		{"reset", reset, 2, ""},
		{"throttled", refusal(400, "ThrottlingException"), 2, "ThrottlingException"},
		{"throttled for seconds", refusal(400, "ThrottlingException", "X-Amz-Retry-After", "4000"), 1, ""},
		{"internal error", refusal(500, "KMSInternalException"), 2, "KMSInternalException"},
		{"a service behind it hangs", refusal(503, "DependencyTimeoutException"), 2, "DependencyTimeoutException"},
		{"the key cannot be used now", refusal(500, "KeyUnavailableException"), 2, "KeyUnavailableException"},
		{"not permitted", refusal(400, "AccessDeniedException"), 1, "AccessDeniedException"},
		{"disabled", refusal(400, "DisabledException"), 1, "DisabledException"},
		{"waits for its deletion", refusal(400, "KMSInvalidStateException"), 1, "KMSInvalidStateException"},
		{"an answer of nothing", reply(200, `{}`), 1, ""},
		{"half an answer", reply(200, `{"Ciph`), 1, ""},
	} {
		t.Run(fault.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { broken(t, fault.answer, fault.attempts, fault.code) })
		})
	}
}

func broken(t *testing.T, a answer, attempts int, want string) {
	const secret = "a-private-key"
	net := &network{answers: []answer{a}}
	sealer := kms.New(net.client(), "a")
	for name, call := range map[string]func(ctx, string, string, []byte) ([]byte, error){"Seal": sealer.Seal, "Open": sealer.Open} {
		net.sent = nil
		start := time.Now()
		got, err := call(t.Context(), "signing", "k1", []byte(secret))
		if got != nil || err == nil || code(err) != want {
			t.Fatalf("%s = %q, %v, want no bytes and an error %s", name, got, err, want)
		}
		if took := time.Since(start); took > awsclient.Budget {
			t.Errorf("%s took %v, want at most %v", name, took, awsclient.Budget)
		}
		if len(net.sent) != attempts {
			t.Errorf("%s made %d requests, want %d", name, len(net.sent), attempts)
		}
		if !strings.Contains(err.Error(), "the signing key k1") {
			t.Errorf("%s = %v, want it to name the key", name, err)
		}
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
			if strings.Contains(err.Error(), form) {
				t.Errorf("%s = %v, which holds the secret", name, err)
			}
		}
	}
}
