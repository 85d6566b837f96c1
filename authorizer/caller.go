package authorizer

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/sessions"
)

// Caller is who makes a request, as the authorizer decided.
type Caller struct {
	User       string          // user id
	RecipeUser string          // the login method's user id; equal to User unless accounts are linked
	Tenant     string          // tenant id
	Session    string          // the session's handle
	Expires    time.Time       // when the access token ends
	Decided    time.Time       // when the authorizer decided; zero if API Gateway's own JWT authorizer did
	Checked    string          // "store" if the session was found live, "token" if only the token was read
	Claims     json.RawMessage // custom claims, a JSON object

	read time.Time // when the caller was read from the event
}

// Require returns a *ClaimsError with the validators that the caller fails, or
// nil. Answer it with 403 and the error's Body. The age of claims counts up to
// when the caller was read from an event, or up to now for a caller that was
// not.
func (c Caller) Require(validators ...Validator) error {
	if c.read.IsZero() {
		c.read = time.Now()
	}
	if failures := failuresOf(c, validators); len(failures) > 0 {
		return &ClaimsError{Failures: failures}
	}
	return nil
}

// maxAge is how old a decision may be if the request may change something. An
// authorizer decides within a second of the backend's call, unless its answer
// was cached.
const maxAge = 30 * time.Second

// received is what an event says about its caller.
type received struct {
	context map[string]any    // of our authorizer
	jwt     map[string]string // claims, as API Gateway's own JWT authorizer passes them on
	read    bool              // the method is certainly GET or HEAD
	joined  bool              // a message on a WebSocket, whose decision was made at the handshake
}

// optional returns the caller, and whether there is one.
func (b Backend) optional(e received) (Caller, bool, error) {
	now := b.now()
	if e.context == nil && e.jwt != nil {
		c, err := callerFromJWT(e, b.Issuer, now)
		return c, err == nil, err
	}
	text := func(name string) string { s, _ := e.context[name].(string); return s }
	if text("latchkey") != marker {
		return Caller{}, false, ErrNoCaller
	}
	if text("anonymous") == "1" && text("user") == "" {
		return Caller{}, false, nil
	}
	expires, errExpires := epoch(text("expires"))
	decided, errDecided := epoch(text("decided"))
	c := Caller{
		User: text("user"), RecipeUser: text("recipeUser"), Tenant: text("tenant"), Session: text("handle"),
		Expires: expires, Decided: decided, Checked: text("checked"),
		Claims: json.RawMessage(text("payload")), read: now,
	}
	if errExpires != nil || errDecided != nil || !c.whole() {
		return Caller{}, false, ErrNoCaller
	}
	if err := e.covers(c); err != nil {
		return Caller{}, false, err
	}
	return c, true, nil
}

// whole reports whether the caller has everything that every decision has.
func (c Caller) whole() bool {
	object := jsontext.Value(c.Claims)
	return c.User != "" && c.Tenant != "" && c.Session != "" &&
		(c.Checked == checkedStore || c.Checked == checkedToken) &&
		object.IsValid() && object.Kind() == '{'
}

// covers returns why the decision does not cover the request, or nil. A decision
// that is ahead of the clock is as wrong as an old one.
func (e received) covers(c Caller) error {
	age := c.read.Sub(c.Decided)
	switch {
	case !c.read.Before(c.Expires):
		return ErrExpired
	case e.read:
		return nil
	case c.Checked != checkedStore:
		return ErrStale
	case !e.joined && (age > maxAge || age < -maxAge):
		return ErrStale
	}
	return nil
}

// required returns the caller, or ErrAnonymous if there is none.
func (b Backend) required(e received) (Caller, error) {
	c, signedIn, err := b.optional(e)
	if err == nil && !signedIn {
		err = ErrAnonymous
	}
	return c, err
}

// callerFromJWT reads claims that API Gateway's own JWT authorizer verified. It
// knows nothing about sessions, so it covers GET and HEAD only. Claims must
// come from the issuer, and name a session of the user that they name. Claims
// of another issuer name nobody here.
//
// The gateway passes every claim on as text. Custom claims are objects, and
// their text cannot be read back, so validators fail on them.
func callerFromJWT(e received, issuer string, now time.Time) (Caller, error) {
	c := Caller{
		User: e.jwt["sub"], RecipeUser: e.jwt["rsub"], Tenant: e.jwt["tId"], Session: e.jwt["sessionHandle"],
		Checked: checkedToken, read: now,
	}
	handle, err := sessions.ParseHandle(c.Session)
	if err != nil || issuer == "" || e.jwt["iss"] != issuer || handle.User() != sessions.KeyOf(c.Tenant, c.User) {
		return Caller{}, ErrNoCaller
	}
	if c.Expires, err = epoch(e.jwt["exp"]); err != nil {
		return Caller{}, ErrNoCaller
	}
	if c.Claims, err = textClaims(e.jwt); err != nil || !c.whole() {
		return Caller{}, ErrNoCaller
	}
	if err := e.covers(c); err != nil {
		return Caller{}, err
	}
	return c, nil
}

// textClaims returns the claims that not every token has, as a JSON object of
// strings.
func textClaims(jwt map[string]string) (json.RawMessage, error) {
	custom := map[string]string{}
	for name, value := range jwt {
		switch name {
		case "iss", "aud", "sub", "iat", "exp", "sessionHandle", "tId", "rsub":
		default:
			custom[name] = value
		}
	}
	return json.Marshal(custom)
}

// epoch reads whole seconds since 1970.
func epoch(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(n, 0), err
}
