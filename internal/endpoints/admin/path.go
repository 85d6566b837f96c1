package admin

import (
	"encoding/base64"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// tenantParameter is the parameter of the query that names the tenant of the
// user in the path.
const tenantParameter = "tenantId"

// user is the user that a request is about.
type user struct{ tenant, id string }

// userOf returns the user that the path and the query name.
func (s *Service) userOf(r *web.Request) (user, error) {
	tenant, err := s.Tenants.Named(r.Query[tenantParameter])
	if err != nil {
		return user{}, err
	}
	id, err := parseID(r.Path["userId"])
	if err != nil {
		return user{}, err
	}
	return user{tenant, id}, sessions.CheckUser(tenant, id)
}

// encodedID marks an id in base64url.
const encodedID = "~"

// parseID reads an id in a path: a plain id as it is, any other in base64url
// after the mark. So an id is one segment, however often the path is decoded,
// and has one spelling.
func parseID(segment string) (string, error) {
	if isPlain(segment) {
		return segment, nil
	}
	encoded, marked := strings.CutPrefix(segment, encodedID)
	id, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	exact := base64.RawURLEncoding.EncodeToString(id) == encoded // the decoder skips line ends
	if !marked || err != nil || !exact || isPlain(string(id)) {
		const form = "a user id in a path is of A-Z a-z 0-9 . _ @ | : - or else ~ and its base64url without padding"
		return "", web.Invalid(form)
	}
	return string(id), nil
}

// isPlain reports whether an id is written unchanged in a path.
func isPlain(id string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@|:-"
	return id != "" && id != "." && id != ".." && strings.Trim(id, alphabet) == ""
}
