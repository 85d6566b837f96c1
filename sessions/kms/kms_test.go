package kms_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/smithy-go"

	"github.com/latchkey-auth/latchkey/sessions/kms"
	"github.com/latchkey-auth/latchkey/test/kmslocal"
	"github.com/latchkey-auth/latchkey/test/network"
)

// served is a network to a KMS with keys of those ids.
func served(ids ...string) *network.Network {
	here := kmslocal.New(ids...)
	return network.Of(func(req *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		here.ServeHTTP(w, req)
		return w.Result(), nil
	})
}

func sealer(net *network.Network, key string) *kms.Sealer {
	return kms.New(kms.NewClient(kms.ClientConfig(net.Service())), key)
}

// What was sealed opens. Both calls name the KMS key, and an encryption context
// of purpose and kid. A secret that KMS would not take is refused before it
// leaves.
func TestOpenTakesWhatWasSealed(t *testing.T) {
	net := served("a")
	s := sealer(net, "a")
	for _, secret := range []string{"x", strings.Repeat("x", 4096)} {
		net.Sent = nil
		sealed, errSeal := s.Seal(t.Context(), "mac", "m7", []byte(secret))
		opened, errOpen := s.Open(t.Context(), "mac", "m7", sealed)
		if err := errors.Join(errSeal, errOpen); err != nil || string(opened) != secret || len(net.Sent) != 2 {
			t.Fatalf("Seal and Open of %d bytes = %d bytes, %v by %d requests", len(secret), len(opened), err, len(net.Sent))
		}
		if len(secret) > 1 && strings.Contains(string(sealed), secret) {
			t.Error("what Seal returns contains the secret")
		}
		for i, target := range []string{"TrentService.Encrypt", "TrentService.Decrypt"} {
			var r struct {
				KeyId             string
				EncryptionContext map[string]string
			}
			err := json.Unmarshal([]byte(net.Sent[i].Body), &r)
			bound := maps.Equal(r.EncryptionContext, map[string]string{"purpose": "mac", "kid": "m7"})
			if got := net.Sent[i].Header.Get("X-Amz-Target"); err != nil || got != target || r.KeyId != "a" || !bound {
				t.Errorf("request %d is %s with %+v, want %s with key a and what it is for", i, got, r, target)
			}
		}
	}
	net.Sent = nil
	sealed, err := s.Seal(t.Context(), "signing", "k1", make([]byte, 4097))
	if sealed != nil || len(net.Sent) != 0 || !strings.Contains(fmt.Sprint(err), "sealing the signing key k1") {
		t.Errorf("Seal(4097 bytes) = %d bytes, %v after %d requests, want an error before", len(sealed), err, len(net.Sent))
	}
}

// What was sealed opens under the same key, for the same purpose and id only.
func TestOpenRefuses(t *testing.T) {
	net := served("a", "b")
	sealed, err := sealer(net, "a").Seal(t.Context(), "signing", "k1", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for _, k := range []struct {
		name, key, purpose, id string
		sealed                 []byte
		want                   string // AWS's name of the error
	}{
		{"another purpose", "a", "mac", "k1", sealed, "InvalidCiphertextException"},
		{"another id", "a", "signing", "k2", sealed, "InvalidCiphertextException"},
		{"purpose and id swapped", "a", "k1", "signing", sealed, "InvalidCiphertextException"},
		{"a bit flipped", "a", "signing", "k1", flipped, "InvalidCiphertextException"},
		{"another key", "b", "signing", "k1", sealed, "IncorrectKeyException"},
		{"a key that is not there", "c", "signing", "k1", sealed, "NotFoundException"},
	} {
		opened, err := sealer(net, k.key).Open(t.Context(), k.purpose, k.id, k.sealed)
		if opened != nil || code(err) != k.want {
			t.Errorf("Open(%s) = %q, %v, want %s", k.name, opened, err, k.want)
		}
	}
}

// Whatever is wrong with KMS, there are no bytes, and an error that says which
// key it is about and shows nothing of the secret.
func TestFaults(t *testing.T) {
	const secret = "a-private-key"
	for _, fault := range []struct {
		answer network.Answer
		code   string // AWS's name of the error, where it has one
	}{
		{network.Hang, ""},
		{network.Refusal(400, "DisabledException"), "DisabledException"},
		{network.Refusal(500, "KeyUnavailableException"), "KeyUnavailableException"},
		{network.Reply(200, `{}`), ""},
		{network.Reply(200, `{"Ciph`), ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := sealer(network.Of(fault.answer), "a")
			sealed, errSeal := s.Seal(t.Context(), "signing", "k1", []byte(secret))
			opened, errOpen := s.Open(t.Context(), "signing", "k1", []byte(secret))
			if sealed != nil || opened != nil {
				t.Errorf("Seal = %q and Open = %q of a KMS that is broken, want nothing", sealed, opened)
			}
			for _, err := range []error{errSeal, errOpen} {
				shows := func(part string) bool { return strings.Contains(fmt.Sprint(err), part) }
				if err == nil || code(err) != fault.code || !shows("the signing key k1") ||
					shows(secret) || shows(base64.StdEncoding.EncodeToString([]byte(secret))) {
					t.Errorf("the error is %v, want one %s that names the key and not the secret", err, fault.code)
				}
			}
		})
	}
}

// code returns AWS's name of an error.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
