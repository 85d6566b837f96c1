// Package backend gives a backend its caller's session. It is a client of the
// admin API, which AWS IAM authorizes.
//
// A [Session] is the session of an event's caller. Its [Reply] goes into the
// backend's own answer and tells the frontend at once what was done: that
// claims were merged, or that the session is over. A [Gate] does that by
// itself. A handler behind a Gate gets its caller's session by [SessionOf].
//
// A [Client] also starts, finds and ends sessions without an event, and changes
// users.
//
// The role that signs the calls needs powers from the stack's managed policies:
// ReadPolicy to find, list and read, RevokePolicy to end, WritePolicy to put
// data, WritePolicy and ImpersonatePolicy to merge claims with a token,
// ImpersonatePolicy to start, and UsersPolicy to list,
// add, change and delete users.
//
// Errors of the admin API are *[Error]. Tell them apart by [errors.Is].
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

// Timeout is how long a call may take if Config.HTTP is nil. It is enough for a
// function of the stack that has to start first.
const Timeout = 10 * time.Second

// Config says where the admin API is and who calls it.
type Config struct {
	// URL is the address of the API, with the path of a base path mapping. It
	// is required, and must be https unless its host is a loopback address.
	URL string
	// Region is the Region of the API. Empty means the one in URL if API
	// Gateway made that, otherwise AWS_REGION of the environment.
	Region string
	// Credentials sign every call. Nil means those of the environment, where
	// Lambda puts them.
	Credentials aws.CredentialsProvider
	// HTTP sends the calls. It never follows redirects. Nil means a client with
	// Timeout.
	HTTP *http.Client
	// Issuer is the issuer of the stack. With it API Gateway's own JWT
	// authorizer may say who calls, by tokens of that issuer. Empty means that
	// only the stack's authorizer may.
	Issuer string
	Now    func() time.Time // nil means time.Now
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

// New returns a client, or an error that says what is wrong with cfg.
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

// safe reports whether tokens may be sent to the URL, and whether paths can be
// appended to it.
func safe(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	local := u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
	bare := u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
	return (u.Scheme == "https" || local) && u.Host != "" && bare
}

// regionOf reads API.execute-api.REGION.amazonaws.com if no Region is given: a
// backend may be in another Region than the API.
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

// Format writes the URL and never a credential, for every verb.
func (c *Client) Format(s fmt.State, _ rune) { io.WriteString(s, "backend.Client{"+c.url+"}") }
