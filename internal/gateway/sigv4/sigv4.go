// Package sigv4 checks that a request was signed with an access key, as API
// Gateway does on AWS_IAM routes.
//
// It is Signature Version 4 in the Authorization header, for one key, one
// region and the service execute-api:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
// It refuses presigned URLs and temporary credentials.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	service   = "execute-api"
	stamp     = "20060102T150405Z"
	skew      = 5 * time.Minute // most that a signature's time may differ from now
)

// Key is an access key. Its texts hide the secret.
type Key struct {
	ID     string
	Secret string
	Region string
}

// String names the key without its secret.
func (k Key) String() string { return "access key " + k.ID }

// GoString is String.
func (k Key) GoString() string { return k.String() }

// LogValue is String.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Verify returns nil if the request, with that body, was signed with the key
// within five minutes of now. Otherwise the error, which wraps ErrRefused,
// says why.
func (k Key) Verify(r *http.Request, body []byte, now time.Time) error {
	s, err := parse(r.Header)
	if err != nil {
		return err
	}
	if err := k.admit(s, now); err != nil {
		return err
	}
	canonical, err := s.canonical(r, body)
	if err != nil {
		return err
	}
	if !hmac.Equal(k.sign(s, canonical), s.signature) {
		return fmt.Errorf("%w: the signature is wrong", ErrRefused)
	}
	return nil
}

// admit checks what the request says about its signature before the signature
// is computed.
func (k Key) admit(s signed, now time.Time) error {
	want := k.ID + "/" + s.time.Format("20060102") + "/" + k.Region + "/" + service + "/aws4_request"
	if s.credential != want {
		return fmt.Errorf("%w: the credential is not KEY/DATE/%s/%s/aws4_request", ErrRefused, k.Region, service)
	}
	if age := now.Sub(s.time); age > skew || age < -skew {
		return fmt.Errorf("%w: it was signed %s away from now", ErrRefused, age.Abs().Round(time.Second))
	}
	for _, needed := range []string{"host", "x-amz-date"} {
		if !slices.Contains(s.headers, needed) {
			return fmt.Errorf("%w: the header %s is not signed", ErrRefused, needed)
		}
	}
	return nil
}

// sign returns the signature of a canonical request.
func (k Key) sign(s signed, canonical string) []byte {
	date := s.time.Format("20060102")
	digest := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{
		algorithm, s.time.Format(stamp), date + "/" + k.Region + "/" + service + "/aws4_request", hex.EncodeToString(digest[:]),
	}, "\n")
	key := []byte("AWS4" + k.Secret)
	for _, part := range []string{date, k.Region, service, "aws4_request", text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return key
}
