package openid

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/latchkey-auth/latchkey/internal/logins"
)

// The bounds of one request to a provider, and of all requests of a login
// together. Real documents have some kilobytes.
const (
	requestTime = 3 * time.Second
	loginTime   = 9 * time.Second
	maxDocument = 128 << 10
)

var errTooLong = errors.New("openid: a document too long")

// newHTTP returns a client that follows no redirect and ends every request in
// time. A nil transport means connections of its own.
func newHTTP(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: requestTime}).DialContext,
			TLSHandshakeTimeout:    requestTime,
			DisableKeepAlives:      true, // a frozen sandbox does not learn that a connection was closed
			MaxResponseHeaderBytes: maxDocument,
		}
	}
	return &http.Client{
		Transport:     whole{transport},
		Timeout:       requestTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// whole reads an answer to its end before the caller sees it, so an answer that
// is too long or breaks off is an error.
type whole struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t whole) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxDocument {
		return nil, errTooLong
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// get reads the JSON document at the URL, and shows bearer to it if that is not
// empty. what names the document in errors.
func (c *Client) get(ctx context.Context, what, url, bearer string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return refused(what + ": no URL")
	}
	request.Header.Set("accept", "application/json")
	if bearer != "" {
		request.Header.Set("authorization", "Bearer "+bearer)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return unanswered(what, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return statusFault(what, response.StatusCode)
	}
	if jsonv2.UnmarshalRead(response.Body, into) != nil {
		return refused(what + ": malformed")
	}
	return nil
}

// unanswered is the error of a request that has no answer.
func unanswered(what string, err error) error {
	if errors.Is(err, errTooLong) {
		return refused(what + ": too long")
	}
	return fmt.Errorf("%w: %s", logins.ErrUnavailable, what)
}

// statusFault is the error of an answer with another status than the expected
// one.
func statusFault(what string, status int) error {
	if status >= 500 || status == http.StatusTooManyRequests {
		return fmt.Errorf("%w: %s: status %d", logins.ErrUnavailable, what, status)
	}
	return refused(fmt.Sprintf("%s: status %d", what, status))
}
