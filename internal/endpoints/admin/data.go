package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// maxData is the longest body with session data, in bytes. It has room for all
// that a session can hold, and for white space and other members.
const maxData = 416 << 10

// DataRoutes are the routes of the data and claims of sessions. They need
// Sessions.
func (s *Service) DataRoutes() map[string]web.Route {
	return map[string]web.Route{
		"GET /admin/sessions/{handle}/data":     admin(s.getData),
		"PUT /admin/sessions/{handle}/data":     admin(s.putData),
		"PATCH /admin/sessions/{handle}/claims": admin(s.patchClaims),
	}
}

func (s *Service) getData(ctx context.Context, r *web.Request) (web.Response, error) {
	handle, err := sessions.ParseHandle(r.Path["handle"])
	if err != nil {
		return web.Response{}, err
	}
	data, err := s.Sessions.Data(ctx, handle)
	if err != nil {
		return web.Response{}, err
	}
	return versioned(data.JSON, data.Version), nil
}

// putData replaces the data. With If-Match it does so only if the data still
// has that version.
func (s *Service) putData(ctx context.Context, r *web.Request) (web.Response, error) {
	handle, err := sessions.ParseHandle(r.Path["handle"])
	if err != nil {
		return web.Response{}, err
	}
	c, err := readChange(r, maxData)
	if err != nil {
		return web.Response{}, err
	}
	version, err := s.Sessions.PutData(ctx, handle, c.body, c.version)
	if err != nil {
		return web.Response{}, c.failure(err)
	}
	return versioned(json.RawMessage(`{"status":"OK"}`), version), nil
}

// patchClaims merges the body into the claims, as RFC 7396 does on its first
// level: null removes a claim.
func (s *Service) patchClaims(ctx context.Context, r *web.Request) (web.Response, error) {
	handle, err := sessions.ParseHandle(r.Path["handle"])
	if err != nil {
		return web.Response{}, err
	}
	c, err := readChange(r, web.MaxBody)
	if err != nil {
		return web.Response{}, err
	}
	claims, version, err := s.Sessions.MergeClaims(ctx, handle, c.body, c.version)
	if err != nil {
		return web.Response{}, c.failure(err)
	}
	return versioned(claims, version), nil
}

// change is what is to be written, and which version it replaces.
type change struct {
	version *int64 // from If-Match; nil means any
	body    json.RawMessage
}

func readChange(r *web.Request, limit int) (change, error) {
	var c change
	var err error
	if c.version, err = ifMatch(r.Header("if-match")); err != nil {
		return change{}, err
	}
	err = r.JSON(limit, &c.body)
	return c, err
}

// failure returns what the error of a write means to the caller. Without
// If-Match a conflict is not the fault of the caller: others were faster at
// every try.
func (c change) failure(err error) error {
	if c.version == nil {
		return contended(err)
	}
	return err
}

// contended is the error of a write that goes by no version of the caller's: a
// conflict says that it met another at every try.
func contended(err error) error {
	if errors.Is(err, sessions.ErrConflict) {
		return fmt.Errorf("%w: %w", sessions.ErrUnavailable, errContended)
	}
	return err
}

// errContended means that another write was faster at every try.
var errContended = errors.New("too many writes at once")

// ifMatch reads the version in an If-Match header (RFC 9110, section 13.1.1),
// which is the ETag of an earlier answer. No header and * mean any version.
func ifMatch(header string) (*int64, error) {
	header = strings.TrimSpace(header)
	if header == "" || header == "*" {
		return nil, nil
	}
	digits, opened := strings.CutPrefix(header, `"`)
	digits, closed := strings.CutSuffix(digits, `"`)
	version, err := strconv.ParseInt(digits, 10, 64)
	if !opened || !closed || err != nil || version < 0 || etag(version) != header {
		return nil, web.Invalid(`If-Match must be one version in quotes, as in "3"`)
	}
	return &version, nil
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// versioned answers with a body and its version as an ETag.
func versioned(body json.RawMessage, version int64) web.Response {
	r := web.JSON(http.StatusOK, body)
	r.Headers["etag"] = etag(version)
	return r
}
