package authorizer

import (
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// marker is the value of the member latchkey: the version of the context's
// form.
const marker = "1"

// The values of the member checked: what the decision is based on.
const (
	checkedStore = "store"
	checkedToken = "token"
)

// pair is a member of a context.
type pair struct{ name, value string }

// allowContext is the context of an allow, for backends. All values are
// strings: REST and WebSocket APIs take nothing else, and HTTP APIs pass other
// types on differently. Payload format 1.0 reserves the name claims.
func allowContext(d decision, now time.Time) []pair {
	if d.anonymous() {
		return []pair{{"latchkey", marker}, {"anonymous", "1"}, {"decided", seconds(now)}, {"checked", checkedToken}}
	}
	c := d.caller(now)
	return []pair{
		{"latchkey", marker},
		{"user", c.User}, {"recipeUser", c.RecipeUser}, {"tenant", c.Tenant}, {"handle", c.Session},
		{"expires", seconds(c.Expires)}, {"decided", seconds(c.Decided)}, {"checked", c.Checked},
		{"payload", string(c.Claims)},
	}
}

// denyContext is the context of a denial, for the gateway responses of REST
// APIs: a template may print $context.authorizer.body. HTTP and WebSocket
// APIs cannot send a body of their own with a 403.
func denyContext(d decision) []pair {
	switch d.reason {
	case reasonClaims:
		e := &ClaimsError{Failures: d.failures}
		return []pair{
			{"error", fdi.MessageInvalidClaim}, {"failed", strings.Join(e.ids(), ",")}, {"body", string(e.Body())},
		}
	case reasonOrigin:
		return []pair{{"error", "origin not allowed"}, {"body", `{"message":"origin not allowed"}`}}
	}
	return []pair{{"error", "method not allowed"}, {"body", `{"message":"method not allowed"}`}}
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
