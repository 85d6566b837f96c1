package main

import (
	"context"
	"errors"
)

// foreign is an origin that no stack allows.
const foreign = "https://foreign.invalid"

// strangers checks the facts that need no session.
func (w *walk) strangers(ctx context.Context) {
	keys := w.do(ctx, "GET", "/auth/jwt/jwks.json", "").want(200)
	w.fact(keys.must(len(keys.body) > len(`{"keys":[]}`), "want keys").err,
		"the public keys are published",
		"The stack has no keys, or cannot read them: no token can be signed. See the log of RotateKeysFunction.")

	get, post := w.do(ctx, "GET", "/notes", ""), w.do(ctx, "POST", "/notes", note)
	w.fact(errors.Join(get.want(401).message("Unauthorized").err, post.want(401).message("Unauthorized").err),
		`without a token GET and POST get 401 and {"message":"Unauthorized"}`,
		"API Gateway does not turn the authorizer's error into this 401. Frontends refresh on a 401 and on nothing else: they "+
			"would sign users out whenever an access token ends.")
	w.fact(errors.Join(get.readable(w.origin).err, post.readable(w.origin).err),
		"API Gateway's own 401 has the CORS headers",
		"A page sees a network error in place of the 401, and never refreshes. If ORIGIN is one of the stack's AllowedOrigins, "+
			"API Gateway adds no CORS headers to what the authorizer refuses.")

	a := w.do(ctx, "GET", "/greeting", "", with("Origin", foreign))
	w.fact(a.must(a.header.Get("Access-Control-Allow-Origin") == "", "want no Access-Control-Allow-Origin").err,
		"a page of a foreign origin gets no CORS headers",
		"Any page can read the answers that a user's browser gets. AllowedOrigins must be exact origins.")
	for _, origin := range w.origins {
		w.fact(w.preflight(ctx, origin).err,
			"a preflight of "+origin+" is answered without the authorizer",
			"A browser sends no token with a preflight, so no page of "+origin+" can send a request that needs one. Where only an app's "+
				"scheme fails, API Gateway does not take it for an origin: let the app send its requests natively.")
	}

	w.fact(errors.Join(w.slash(ctx, "GET").err, w.slash(ctx, "POST").err),
		"a slash at the end of a route does not lead around the authorizer",
		slashPasses)
	w.fact(w.do(ctx, "GET", "/greeting", "").want(200).message("Hello, stranger").err,
		"an optional route lets a stranger pass",
		"API Gateway refuses before it asks the authorizer: it was given an identity source, which shuts out cookies as well.")
	w.fact(w.do(ctx, "GET", "/admin/users/nobody/sessions", "").want(403).message("Forbidden").err,
		"a backend's route without AWS's signature gets 403",
		"IAM does not guard the routes below /admin: anybody can read and end sessions. Delete them until it is known why.")
}

func (w *walk) preflight(ctx context.Context, origin string) answer {
	a := w.do(ctx, "OPTIONS", "/notes", "", with("Origin", origin), with("Access-Control-Request-Method", "POST"),
		with("Access-Control-Request-Headers", "rid,st-auth-mode")).want(200, 204)
	a = a.must(a.header.Get("Access-Control-Allow-Origin") == origin, "want Access-Control-Allow-Origin: %s", origin)
	a = a.must(lists(a.header, "Access-Control-Allow-Methods", "POST"), "want POST in Access-Control-Allow-Methods")
	for _, name := range []string{"content-type", "rid", "fdi-version", "anti-csrf", "authorization", "st-auth-mode"} {
		a = a.must(lists(a.header, "Access-Control-Allow-Headers", name), "want %s in Access-Control-Allow-Headers", name)
	}
	return a
}

const slashPasses = "API Gateway serves the route and has not asked the authorizer, as was reported in June 2026. A backend that asks " +
	"authorizer.CallerFrom refuses by itself, as the example does; let no other stand behind an HTTP API."

// slash calls a route with a slash at its end. The gateway may know no such
// route, or refuse as it does without the slash. Other words than its own are
// a sign that the backend was reached.
func (w *walk) slash(ctx context.Context, method string, dresses ...dress) answer {
	a := w.do(ctx, method, "/notes/", "", dresses...).want(401, 403, 404)
	return a.message(map[int]string{401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}[a.code])
}
