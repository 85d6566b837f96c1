package backend

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/latchkey-auth/latchkey/sessions"
)

// sessionPath returns the path of a session. It checks the handle, since
// another text could name another route.
func sessionPath(handle string) (string, error) {
	if _, err := sessions.ParseHandle(handle); err != nil {
		return "", &Error{Status: http.StatusNotFound, Code: "session_not_found", Detail: "no handle of a session"}
	}
	return "/admin/sessions/" + handle, nil
}

// plain are the characters of an id that stay unchanged in a path.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@|:-"

// userPath returns the path of a user. API Gateway decodes a path before it
// matches routes. So an id with any other character is written as ~ and
// base64url, and so is an id that would be dots in a path.
func userPath(user string) (string, error) {
	switch {
	case user == "" || !utf8.ValidString(user):
		return "", invalid("a user id is UTF-8, and not empty")
	case strings.Trim(user, plain) == "" && user != "." && user != "..":
		return "/admin/users/" + url.PathEscape(user), nil
	}
	return "/admin/users/~" + base64.RawURLEncoding.EncodeToString([]byte(user)), nil
}
