package awsclient

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// The roots are those that Amazon publishes, by the SHA-256 of their public
// keys. https://www.amazontrust.com/repository/
func TestAmazonsRoots(t *testing.T) {
	published := map[string]string{
		"Amazon Root CA 1": "fbe3018031f9586bcbf41727e417b7d1c45c2f47f93be372a17b96b50757d5a2",
		"Amazon Root CA 2": "7f4296fc5b6a4e3b35d3c369623e364ab1af381d8fa7121533c9d6c633ea2461",
		"Amazon Root CA 3": "36abc32656acfc645c61b71613c4bf21c787f5cabbee48348d58597803d7abc9",
		"Amazon Root CA 4": "f7ecded5c66047d28ed6466b543c40e0743abe81d109254dcf845d4c2c7853c5",
		"Starfield Services Root Certificate Authority - G2": "2b071c59a0a0ae76b0eadb2bad23bad4580b69c3601b630c2eaf0613afa83f92",
	}
	for block, rest := pem.Decode(amazon); block != nil; block, rest = pem.Decode(rest) {
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(root.RawSubjectPublicKeyInfo)
		if name := root.Subject.CommonName; published[name] != hex.EncodeToString(sum[:]) {
			t.Errorf("root %q has the key %x, want %q", name, sum, published[name])
		}
		delete(published, root.Subject.CommonName)
	}
	if len(published) > 0 {
		t.Errorf("no roots %v", published)
	}
}

// A service is trusted under its own name if it chains to Amazon's roots or to
// the system's. The system's are used only if Amazon's do not suffice.
func TestTrusting(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	its, none := x509.NewCertPool(), x509.NewCertPool()
	its.AddCert(server.Certificate())
	for _, test := range []struct {
		name           string
		host           string
		amazon, system *x509.CertPool
		others         bool
		want           any // an error of this type; nil means none
	}{
		{"to Amazon's", "127.0.0.1", its, none, false, nil},
		{"to the system's", "127.0.0.1", none, its, true, nil},
		{"to neither", "127.0.0.1", none, none, true, new(x509.UnknownAuthorityError)},
		{"under another name", "localhost", its, its, false, new(x509.HostnameError)},
	} {
		dialer := newTrusting(test.amazon, test.system)
		for try := range 2 { // the second uses what the first found out
			conn, err := dialer.dial(t.Context(), "tcp", net.JoinHostPort(test.host, port))
			if err == nil {
				conn.Close()
			}
			if test.want == nil && err != nil || test.want != nil && !errors.As(err, test.want) {
				t.Errorf("%s, try %d: dial = %v, want an error of type %T", test.name, try, err, test.want)
			}
			if dialer.others.Load() != test.others {
				t.Errorf("%s, try %d: asks the system's = %v, want %v", test.name, try, !test.others, test.others)
			}
		}
	}
}

// A service of one's own is asked by the system's roots at once, and its client
// waits for an answer as long as for a whole attempt.
func TestConnections(t *testing.T) {
	for endpoint, byAmazons := range map[string]bool{"": true, "https://kms.example.com": false} {
		cfg := Service{Endpoint: endpoint}.Patient(time.Minute, Retryer)
		own := cfg.HTTPClient.(*http.Client).Transport.(*http.Transport)
		if (own.DialTLSContext != nil) != byAmazons || own.ResponseHeaderTimeout != time.Minute {
			t.Errorf("at %q by Amazon's roots: %t, for %v, want %t, for a minute",
				endpoint, own.DialTLSContext != nil, own.ResponseHeaderTimeout, byAmazons)
		}
	}
}
