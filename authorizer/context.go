package authorizer

import (
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// marker is the value of the context's latchkey member: the version of the
// context's form.
const marker = "1"

// Values of the context's checked member: what the decision rests on.
const (
	checkedStore = "store"
	checkedToken = "token"
)

// allowContext is the context of an allow, for backends. All values are
// strings: REST and WebSocket APIs take nothing else and HTTP APIs pass other
// types on differently. The name claims is reserved by payload format 1.0.
type allowContext struct {
	Latchkey   string `json:"latchkey"`
	Anonymous  string `json:"anonymous,omitzero"` // "1" where nobody is signed in
	User       string `json:"user,omitzero"`
	RecipeUser string `json:"recipeUser,omitzero"`
	Tenant     string `json:"tenant,omitzero"`
	Handle     string `json:"handle,omitzero"`
	Expires    string `json:"expires,omitzero"` // epoch seconds
	Decided    string `json:"decided"`          // epoch seconds
	Checked    string `json:"checked"`
	Payload    string `json:"payload,omitzero"` // custom claims as JSON text
}

// denyContext is the context of a denial, for the gateway responses of REST
// APIs: a template may print $context.authorizer.body. HTTP and WebSocket
// APIs cannot send a body of their own with a 403.
type denyContext struct {
	Error  string `json:"error"`
	Failed string `json:"failed,omitzero"` // ids of the failed validators
	Body   string `json:"body"`            // FDI's body for the 403
}

func contextOf(d decision, now time.Time) any {
	if d.outcome != allowed {
		return denyContextOf(d)
	}
	c := allowContext{
		Latchkey: marker,
		Decided:  seconds(now),
		Checked:  checkedToken,
	}
	if d.anonymous() {
		c.Anonymous = "1"
		return c
	}
	if d.checked {
		c.Checked = checkedStore
	}
	c.User, c.RecipeUser, c.Tenant = d.claims.Subject, d.claims.RecipeUser, d.claims.Tenant
	c.Handle, c.Expires = d.claims.Handle, seconds(d.claims.Expires)
	c.Payload = string(d.claims.Custom)
	if c.Payload == "" {
		c.Payload = "{}"
	}
	return c
}

func denyContextOf(d decision) denyContext {
	switch d.reason {
	case reasonClaims:
		e := &ClaimsError{Failures: d.failures}
		return denyContext{Error: fdi.MessageInvalidClaim, Failed: strings.Join(e.ids(), ","), Body: string(e.Body())}
	case reasonOrigin:
		return denyContext{Error: "origin not allowed", Body: `{"message":"origin not allowed"}`}
	}
	return denyContext{Error: "method not allowed", Body: `{"message":"method not allowed"}`}
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
