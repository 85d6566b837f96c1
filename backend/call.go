package backend

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAnswer is the longest answer of a Lambda function, in bytes.
const maxAnswer = 6 << 20

// IfVersion makes a write depend on the version of what it changes: if that is
// another, the error is ErrConflict and nothing is changed. Without an
// IfVersion a write replaces any version.
type IfVersion int64

// call is one request.
type call struct {
	method, path string // the path is escaped
	query        url.Values
	body         any // nil means none
	only         []IfVersion
	versioned    bool // the answer has a version
	once         bool // sending it twice is not the same as sending it once
}

// do sends the call and decodes the answer into what into points to. It returns
// the version in the answer's ETag, or 0 if the call has none.
func (c *Client) do(ctx context.Context, call call, into any) (version int64, err error) {
	r, err := c.request(ctx, call)
	if err != nil {
		return 0, err
	}
	response, err := c.http.Do(r)
	if err != nil {
		return 0, unanswered(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return 0, unanswered(err)
	case response.StatusCode < 200 || response.StatusCode > 299:
		return 0, refused(response, text)
	case len(text) > maxAnswer || json.Unmarshal(text, into) != nil:
		return 0, unreadable(response.StatusCode)
	}
	if call.versioned {
		version, err = strconv.ParseInt(strings.Trim(response.Header.Get("Etag"), `"`), 10, 64)
		if err != nil {
			return 0, unreadable(response.StatusCode)
		}
	}
	return version, nil
}

// request returns the signed request.
func (c *Client) request(ctx context.Context, call call) (*http.Request, error) {
	var body []byte
	if call.body != nil {
		var err error
		if body, err = json.Marshal(call.body); err != nil {
			return nil, fmt.Errorf("backend: encoding what is sent: %w", err)
		}
	}
	target := c.url + call.path
	if len(call.query) > 0 {
		target += "?" + call.query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, call.method, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("backend: %w", err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if len(call.only) > 0 {
		r.Header.Set("If-Match", etags(call.only))
	}
	if err := c.sign(r, body); err != nil {
		return nil, err
	}
	if !call.once && len(call.only) == 0 {
		// A connection may have ended while the sandbox was frozen. The
		// transport repeats a request that has this header. It does not send
		// the header.
		r.Header["Idempotency-Key"] = nil
	}
	return r, nil
}

func (c *Client) sign(r *http.Request, body []byte) error {
	credentials, err := c.credentials.Retrieve(r.Context())
	if err != nil {
		return fmt.Errorf("backend: credentials: %w", err)
	}
	hash := sha256.Sum256(body)
	err = c.signer.SignHTTP(r.Context(), credentials, r, hex.EncodeToString(hash[:]), "execute-api", c.region, c.now())
	if err != nil {
		return fmt.Errorf("backend: signing: %w", err)
	}
	return nil
}

func etags(versions []IfVersion) string {
	tags := make([]string, len(versions))
	for i, v := range versions {
		tags[i] = `"` + strconv.FormatInt(int64(v), 10) + `"`
	}
	return strings.Join(tags, ", ")
}

func unreadable(status int) error { return &Error{Status: status, Detail: "the answer cannot be read"} }

// unanswered is the error of a call without a whole answer. It leaves out what
// net/http wraps around the cause, since that names the URL and so the user.
func unanswered(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	return &Error{cause: err}
}

// refused reads the answer that says why a call failed. Answers of API Gateway
// itself, such as its 403, have no code.
func refused(response *http.Response, text []byte) error {
	var said struct {
		Code, Detail, Message, UserID string
		Fields                        []Field
	}
	if json.Unmarshal(text, &said) != nil {
		said.Code = ""
	}
	wait, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil {
		wait = 0 // an answer need not say
	}
	return &Error{
		Status: response.StatusCode, Code: said.Code, Detail: cmp.Or(said.Detail, said.Message),
		Fields: said.Fields, UserID: said.UserID, RetryAfter: time.Duration(wait) * time.Second,
	}
}
