package awsclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"net"
	"sync/atomic"
)

// amazon are the roots that the services of AWS chain to, from
// https://www.amazontrust.com/repository/. A test compares the hashes of their
// keys with the ones published there.
//
//go:embed amazon.pem
var amazon []byte

// trusting dials with TLS and trusts Amazon's roots. Reading the system's roots
// takes 2 to 10 ms, while a handshake takes 1. They are used only for a service
// that does not chain to Amazon's, such as one behind an inspecting proxy, and
// from then on for every service.
type trusting struct {
	amazon, system tls.Dialer
	others         atomic.Bool // a service did not chain to Amazon's
}

// amazons returns the pool of Amazon's roots.
func amazons() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(amazon)
	return pool
}

// newTrusting returns a dialer with the roots. A nil system means the system's
// own.
func newTrusting(amazon, system *x509.CertPool) *trusting {
	dialer := func(roots *x509.CertPool) tls.Dialer {
		return tls.Dialer{NetDialer: &net.Dialer{Timeout: Attempt}, Config: tlsConfig(roots)}
	}
	return &trusting{amazon: dialer(amazon), system: dialer(system)}
}

func (t *trusting) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, Attempt)
	defer cancel()
	if !t.others.Load() {
		conn, err := t.amazon.DialContext(ctx, network, address)
		if unknown := new(x509.UnknownAuthorityError); !errors.As(err, unknown) {
			return conn, err
		}
		t.others.Store(true)
	}
	return t.system.DialContext(ctx, network, address)
}
