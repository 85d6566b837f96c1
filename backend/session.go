package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Session is the session of a caller. Changes act in the store at once, and the
// Reply tells the frontend. Methods return ErrOver if the session has ended.
// It is safe for concurrent use.
type Session struct {
	client *Client
	mode   fdi.Transport // of the frontend's tokens; None if unknown

	mu     sync.Mutex
	caller authorizer.Caller
	reply  Reply
}

// Format writes the handle and never a token or a claim, for every verb.
func (s *Session) Format(w fmt.State, _ rune) {
	if s == nil {
		io.WriteString(w, "backend.Session{none}")
		return
	}
	io.WriteString(w, "backend.Session{"+s.Handle()+"}")
}

// Caller returns who is calling, with the present claims.
func (s *Session) Caller() authorizer.Caller {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.caller
}

// Handle returns the name of the session, which never changes.
func (s *Session) Handle() string { return s.Caller().Session }

// User returns the user's id.
func (s *Session) User() string { return s.Caller().User }

// RecipeUser returns the user id of the login method. It is User unless accounts
// are linked.
func (s *Session) RecipeUser() string { return s.Caller().RecipeUser }

// Tenant returns the tenant's id.
func (s *Session) Tenant() string { return s.Caller().Tenant }

// Expires returns when the request's access token ends. It is zero for a
// session that was started here.
func (s *Session) Expires() time.Time { return s.Caller().Expires }

// Claims returns the custom claims of the access token, a JSON object.
func (s *Session) Claims() json.RawMessage { return s.Caller().Claims }

// Claim decodes the value of a claim in FDI's form into what into points to,
// and reports whether there is such a claim.
func (s *Session) Claim(name string, into any) (bool, error) {
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(s.Claims(), &claims); err != nil {
		return false, fmt.Errorf("backend: claims: %w", err)
	}
	var claim struct {
		Value json.RawMessage `json:"v"`
	}
	if claims[name] == nil || json.Unmarshal(claims[name], &claim) != nil || claim.Value == nil {
		return false, nil
	}
	if err := json.Unmarshal(claim.Value, into); err != nil {
		return false, fmt.Errorf("backend: claim %q: %w", name, err)
	}
	return true, nil
}

// Require returns an *authorizer.ClaimsError with the validators that the
// claims fail, or nil. A Gate answers it with FDI's 403.
func (s *Session) Require(validators ...authorizer.Validator) error {
	return s.Caller().Require(validators...)
}

// Info returns what the store knows about the session: times, device, claims.
func (s *Session) Info(ctx context.Context) (Info, error) {
	info, err := s.client.Find(ctx, s.Handle())
	return info, over(err)
}

// Data decodes the session's data into what into points to, and returns its
// version, which is 0 before the first write. Only backends see the data.
func (s *Session) Data(ctx context.Context, into any) (version int64, err error) {
	version, err = s.client.Data(ctx, s.Handle(), into)
	return version, over(err)
}

// PutData replaces the session's data, which must be an object, and returns its
// new version.
func (s *Session) PutData(ctx context.Context, data any, only ...IfVersion) (version int64, err error) {
	version, err = s.client.PutData(ctx, s.Handle(), data, only...)
	return version, over(err)
}

// MergeClaims merges claims into the session's own; a nil value removes a
// claim. Then it asks for a token with them, so that the frontend's next
// request has them.
//
// If only the request for the token fails, the claims are merged, and the
// frontend has them after its next refresh. Token asks for the token again.
func (s *Session) MergeClaims(ctx context.Context, claims map[string]any, only ...IfVersion) error {
	if s.mode == fdi.None {
		return ErrMode // before anything is written
	}
	if _, _, err := s.client.MergeClaims(ctx, s.Handle(), claims, only...); err != nil {
		return over(err)
	}
	return s.Token(ctx)
}

// SetClaim sets one claim in FDI's form, as of now, by MergeClaims.
func (s *Session) SetClaim(ctx context.Context, name string, value any) error {
	claim := map[string]any{"v": value, "t": s.client.now().UnixMilli()}
	return s.MergeClaims(ctx, map[string]any{name: claim})
}

// RemoveClaim removes one claim by MergeClaims.
func (s *Session) RemoveClaim(ctx context.Context, name string) error {
	return s.MergeClaims(ctx, map[string]any{name: nil})
}

// Token gives the frontend a new access token with the present claims.
func (s *Session) Token(ctx context.Context) error {
	info, reply, err := s.client.Token(ctx, s.Handle(), s.mode)
	if err != nil {
		return over(err)
	}
	s.told(info, reply)
	return nil
}

// Revoke ends the session and signs the frontend out. It is no error if the
// session is over.
func (s *Session) Revoke(ctx context.Context) error {
	reply, err := s.client.Revoke(ctx, s.Handle())
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = reply
	return nil
}

// RevokeOthers ends all sessions of the user but this one.
func (s *Session) RevokeOthers(ctx context.Context) error {
	return over(s.client.RevokeOthers(ctx, s.Tenant(), s.User(), s.Handle()))
}

// Reply returns what the frontend must be told. It is empty if s is nil.
func (s *Session) Reply() Reply {
	if s == nil {
		return Reply{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return Reply{s.reply.header.Clone()}
}

// told takes over what the admin API says about the session.
func (s *Session) told(info Info, reply Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.caller.Claims = info.Claims
	header := s.reply.header.Clone()
	if header == nil {
		header = map[string][]string{}
	}
	reply.Into(header)
	s.reply = Reply{header}
}

// over translates an error about any session into one about the caller's
// session.
func over(err error) error {
	if errors.Is(err, ErrSessionNotFound) {
		return fmt.Errorf("%w: %w", ErrOver, err)
	}
	return err
}
