package kmslocal_test

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"

	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/kmslocal"
)

var context = map[string]string{"purpose": "signing", "kid": "k1"}

// client returns the SDK's client of a new server with the keys a and b.
func client(t *testing.T) (*kms.Client, *kmslocal.Server) {
	t.Helper()
	server := kmslocal.New("a", "b")
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	return kms.New(kms.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(web.URL),
		Credentials: dynamolocal.Credentials(),
	}), server
}

func encrypt(t *testing.T, c *kms.Client, secret string) []byte {
	t.Helper()
	out, err := c.Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String("a"), Plaintext: []byte(secret), EncryptionContext: context})
	if err != nil {
		t.Fatal(err)
	}
	return out.CiphertextBlob
}

func TestDecrypt(t *testing.T) {
	c, server := client(t)
	sealed := encrypt(t, c, "secret")
	if bytes.Contains(sealed, []byte("secret")) {
		t.Error("Encrypt(secret) contains the secret")
	}
	if all := server.Plaintexts(); len(all) != 1 || string(all[0]) != "secret" {
		t.Errorf("Plaintexts() = %q, want secret", all)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for _, k := range []struct {
		name, key string
		sealed    []byte
		context   map[string]string
		want      string // the error's code; "" means it opens
	}{
		{"same", "a", sealed, context, ""},
		{"no key named", "", sealed, context, ""},
		{"another kid", "a", sealed, map[string]string{"purpose": "signing", "kid": "k2"}, "InvalidCiphertextException"},
		{"no context", "a", sealed, nil, "InvalidCiphertextException"},
		{"a bit flipped", "a", flipped, context, "InvalidCiphertextException"},
		{"garbage", "a", []byte("garbage"), context, "InvalidCiphertextException"},
		{"another key", "b", sealed, context, "IncorrectKeyException"},
		{"a key that is not there", "c", sealed, context, "NotFoundException"},
	} {
		in := &kms.DecryptInput{CiphertextBlob: k.sealed, EncryptionContext: k.context}
		if k.key != "" {
			in.KeyId = aws.String(k.key)
		}
		out, err := c.Decrypt(t.Context(), in)
		if code(err) != k.want || err == nil && string(out.Plaintext) != "secret" {
			t.Errorf("Decrypt(%s) = %v, want %q", k.name, err, k.want)
		}
	}
}

func TestEncryptRefuses(t *testing.T) {
	c, server := client(t)
	for _, k := range []struct{ key, secret, want string }{
		{"c", "secret", "NotFoundException"},
		{"a", strings.Repeat("x", 4097), "ValidationException"},
		{"a", strings.Repeat("x", 4096), ""},
	} {
		_, err := c.Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String(k.key), Plaintext: []byte(k.secret)})
		if code(err) != k.want {
			t.Errorf("Encrypt(%s, %d bytes) = %v, want %q", k.key, len(k.secret), err, k.want)
		}
	}
	server.Refuse(1)
	for _, want := range []string{"AccessDeniedException", ""} {
		_, err := c.Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String("a"), Plaintext: []byte("x")})
		if code(err) != want {
			t.Errorf("Encrypt after Refuse(1) = %v, want %q", err, want)
		}
	}
}

func TestUnsignedIsRefused(t *testing.T) {
	w := httptest.NewRecorder()
	kmslocal.New("a").ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader("{}")))
	if w.Code != 400 || !strings.Contains(w.Body.String(), "MissingAuthenticationTokenException") {
		t.Errorf("unsigned = %d %s, want MissingAuthenticationTokenException", w.Code, w.Body)
	}
}

// code returns the code of an error of AWS.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
