package kms_test

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/latchkey-auth/latchkey/sessions/kms"
	"github.com/latchkey-auth/latchkey/test/kmslocal"
)

func TestOpenTakesWhatWasSealed(t *testing.T) {
	net := &network{answers: []answer{serve(kmslocal.New("a"))}}
	sealer := kms.New(net.client(), "a")
	for _, secret := range []string{"x", strings.Repeat("x", 4096)} {
		sealed, err := sealer.Seal(t.Context(), "signing", "k1", []byte(secret))
		if err != nil {
			t.Fatalf("Seal(%d bytes) = %v, want nil", len(secret), err)
		}
		if len(secret) > 1 && bytes.Contains(sealed, []byte(secret)) {
			t.Error("what Seal returns contains the secret")
		}
		opened, err := sealer.Open(t.Context(), "signing", "k1", sealed)
		if err != nil || string(opened) != secret {
			t.Errorf("Open = %d bytes, %v, want the secret of %d", len(opened), err, len(secret))
		}
	}
}

// What was sealed opens under the same key, for the same purpose and id only.
func TestOpenRefuses(t *testing.T) {
	net := &network{answers: []answer{serve(kmslocal.New("a", "b"))}}
	sealed, err := kms.New(net.client(), "a").Seal(t.Context(), "signing", "k1", []byte("secret"))
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
		opened, err := kms.New(net.client(), k.key).Open(t.Context(), k.purpose, k.id, k.sealed)
		if opened != nil || code(err) != k.want {
			t.Errorf("Open(%s) = %q, %v, want %s", k.name, opened, err, k.want)
		}
	}
}

// Both calls name the KMS key, and an encryption context of purpose and kid.
func TestRequests(t *testing.T) {
	net := &network{answers: []answer{serve(kmslocal.New("a"))}}
	sealer := kms.New(net.client(), "a")
	sealed, err := sealer.Seal(t.Context(), "mac", "m7", []byte("secret"))
	if err == nil {
		_, err = sealer.Open(t.Context(), "mac", "m7", sealed)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"purpose": "mac", "kid": "m7"}
	for i, target := range []string{"TrentService.Encrypt", "TrentService.Decrypt"} {
		if len(net.sent) != 2 {
			t.Fatalf("%d requests, want 2", len(net.sent))
		}
		if r := net.sent[i]; r.target != target || r.KeyId != "a" || !maps.Equal(r.EncryptionContext, want) {
			t.Errorf("request %d is %s with key %q and context %v, want %s, a, %v", i, r.target, r.KeyId, r.EncryptionContext, target, want)
		}
	}
}

// A secret that KMS would not take is refused before it leaves.
func TestTooLongIsNotSent(t *testing.T) {
	net := &network{answers: []answer{serve(kmslocal.New("a"))}}
	sealed, err := kms.New(net.client(), "a").Seal(t.Context(), "signing", "k1", make([]byte, 4097))
	if sealed != nil || err == nil || len(net.sent) != 0 || !strings.Contains(err.Error(), "sealing the signing key k1") {
		t.Errorf("Seal(4097 bytes) = %d bytes, %v after %d requests, want an error before any", len(sealed), err, len(net.sent))
	}
}

// Credentials are those of the environment, at every call; without them
// nothing is sent.
func TestCredentials(t *testing.T) {
	net := &network{answers: []answer{serve(kmslocal.New("a"))}}
	sealer := kms.New(kms.NewClient(kms.ClientConfig{Region: "eu-west-1", Transport: net}), "a")
	for _, id := range []string{"", "AKIA1", "AKIA2"} {
		net.sent = nil
		t.Setenv("AWS_ACCESS_KEY_ID", id)
		t.Setenv("AWS_SECRET_ACCESS_KEY", id)
		_, err := sealer.Seal(t.Context(), "mac", "m1", []byte("x"))
		switch {
		case id == "":
			if err == nil || len(net.sent) != 0 {
				t.Errorf("Seal without credentials = %v after %d requests, want an error before any", err, len(net.sent))
			}
		case err != nil || len(net.sent) != 1 || !strings.Contains(net.sent[0].authorization, "Credential="+id+"/"):
			t.Errorf("Seal = %v with %+v, want one request signed by %s", err, net.sent, id)
		}
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

func credentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(ctx) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})
}
