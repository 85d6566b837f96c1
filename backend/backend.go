// Package backend is a session in the hands of a backend: a client of the
// admin API, which AWS IAM authorizes.
//
// A [Session] is the session of an event's caller. What is done with it is told
// to the frontend at once, by the [Reply] that goes into the backend's own
// answer: claims that were merged, or that the session is over. A [Gate] does
// that by itself; behind one a handler asks [SessionOf] for its caller's
// session.
//
// Without an event a [Client] starts sessions, finds and ends them, and changes
// users.
//
// The role that signs needs the powers that the stack's managed policies give:
// ReadPolicy to find, list and read, RevokePolicy to end, WritePolicy to put
// data, WritePolicy and ImpersonatePolicy to merge claims with a token,
// ImpersonatePolicy to start, and UsersPolicy to change a user.
//
// Errors of the admin API are *[Error], and are told apart by [errors.Is].
package backend

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/awsclient"
)

// Timeout is how long a call may take where Config.HTTP is nil. A function
// that was asked for nothing lately starts within it.
const Timeout = 10 * time.Second

// Config says where the admin API is and who calls it.
type Config struct {
	// URL is the API's, with the path of a base path mapping. Required; https,
	// but for a local run on a loopback address.
	URL string
	// Region is the API's. Empty: the one in URL if API Gateway made it, else
	// AWS_REGION of the environment.
	Region string
	// Credentials sign every call. Nil: those of the environment, where Lambda
	// puts a function's.
	Credentials aws.CredentialsProvider
	// HTTP sends the calls. Redirects are not followed, whatever it says. Nil: a
	// client that waits for Timeout.
	HTTP *http.Client
	// Issuer is the stack's, by whose tokens API Gateway's own JWT authorizer may
	// say who calls. Empty: only our authorizer may.
	Issuer string
	Now    func() time.Time // nil: time.Now
}

// Client calls the admin API. It is safe for concurrent use.
type Client struct {
	url         string // without a slash at its end
	region      string
	credentials aws.CredentialsProvider
	http        http.Client
	signer      *v4.Signer
	reader      authorizer.Backend
	now         func() time.Time
}

// New returns a client, or all faults of cfg.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || !safe(u) {
		return nil, errors.New("backend: URL must be an https URL without query, as https://api.example.com")
	}
	c := &Client{
		url: strings.TrimSuffix(u.String(), "/"), region: regionOf(cfg, u), credentials: cfg.Credentials,
		http: http.Client{Timeout: Timeout}, signer: v4.NewSigner(), now: cfg.Now,
		reader: authorizer.Backend{Now: cfg.Now, Issuer: cfg.Issuer},
	}
	if c.region == "" {
		return nil, errors.New("backend: no Region, and no AWS_REGION in the environment")
	}
	if c.credentials == nil {
		c.credentials = awsclient.Environment(os.Getenv)
	}
	if cfg.HTTP != nil {
		c.http = *cfg.HTTP
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if c.now == nil {
		c.now = time.Now
	}
	return c, nil
}

// safe reports whether tokens may be sent to the URL, and paths appended to it.
func safe(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	local := u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
	bare := u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
	return (u.Scheme == "https" || local) && u.Host != "" && bare
}

// regionOf reads API.execute-api.REGION.amazonaws.com where no region is named:
// a backend may be in another one than the API.
func regionOf(cfg Config, u *url.URL) string {
	labels := strings.Split(u.Hostname(), ".")
	switch {
	case cfg.Region != "":
		return cfg.Region
	case len(labels) > 4 && labels[1] == "execute-api" && labels[3] == "amazonaws":
		return labels[2]
	}
	return os.Getenv("AWS_REGION")
}

// Format writes the URL, whatever the verb, and never a credential.
func (c *Client) Format(s fmt.State, _ rune) { io.WriteString(s, "backend.Client{"+c.url+"}") }
