package main

import (
	"context"
	"net/http"
)

// inHeaders checks the facts about a session in headers, from its start to its
// end.
func (w *walk) inHeaders(ctx context.Context) {
	s, a := w.enter(ctx, "header")
	if !w.fact(a.readable(w.origin).tokens().err,
		"sign-in answers with both tokens in headers that a page may read",
		"SuperTokens' frontends find no session in the answer: st-auth-mode does not reach the function, or its headers not the page.") {
		return
	}
	w.requests(ctx, s)
	next, a := w.refresh(ctx, s)
	if !w.fact(a.err,
		"refresh answers with new tokens, and the new one passes a POST",
		"No session outlives its first access token. See the log of RefreshFunction.") {
		return
	}
	w.fact(w.do(ctx, "POST", "/auth/session/refresh", "", with("Authorization", "Bearer nothing")).want(401).readable(w.origin).err,
		"a function's own 401 has the CORS headers",
		"A page cannot read that its refresh was refused, and tries again for ever.")
	w.revoked(ctx, next)
}

// requests checks what passes and what does not while the session is live.
func (w *walk) requests(ctx context.Context, s *session) {
	w.fact(w.do(ctx, "GET", "/notes", "", s.dress).want(200).err,
		"GET passes with the token",
		"The token does not reach the authorizer, or API Gateway compares its policy with another ARN than the one it tells.")
	w.fact(w.do(ctx, "POST", "/notes", note, s.dress).want(201).err,
		"POST passes, by a policy for the verb that the route ARN names",
		"The route ARN does not hold the verb of the request where AWS's pages say: whatever is no GET is refused.")
	w.fact(w.do(ctx, "GET", "/notes", "", with("AUTHORIZATION", "Bearer "+s.access)).want(200).err,
		"a header's name may be in capitals",
		"API Gateway does not write header names in small letters, nor does the authorizer find them: some clients are refused.")
	w.fact(w.do(ctx, "GET", "/notes", "", s.dress, func(h http.Header) { h.Add("Authorization", "Bearer nothing") }).refused().err,
		"two Authorization headers do not pass",
		"API Gateway takes one of them: what it believes of a request and what others before it believe may differ.")
	w.fact(w.do(ctx, "GET", "/reports", "", s.dress).want(403).message("Forbidden").readable(w.origin).err,
		`a rule on claims answers 403 and {"message":"Forbidden"}, with the CORS headers`,
		"API Gateway does not heed an explicit Deny as AWS's pages say. If this is no 403, rules on claims protect nothing. "+
			"An administrator's account passes: give another.")
}

// refresh goes on with new tokens.
func (w *walk) refresh(ctx context.Context, s *session) (*session, answer) {
	a := w.do(ctx, "POST", "/auth/session/refresh", "", with("Authorization", "Bearer "+s.refresh)).want(200).readable(w.origin).tokens()
	next := a.session()
	// Two access tokens of the same second may be the same.
	if a = a.must(next.refresh != s.refresh, "want another refresh token"); a.err != nil {
		return s, a
	}
	w.close(s)
	w.open = append(w.open, next)
	return next, w.do(ctx, "POST", "/notes", note, next.dress).want(201)
}

// tokens asks for both tokens, and for what a page reads of them.
func (a answer) tokens() answer {
	for _, name := range []string{"st-access-token", "st-refresh-token", "front-token"} {
		a = a.must(a.header.Get(name) != "", "want the header %s", name)
	}
	return a
}

// revoked ends the session and checks what still passes.
func (w *walk) revoked(ctx context.Context, s *session) {
	if !w.fact(w.signOut(ctx, s).err,
		"sign-out answers 200",
		"The session has not ended. See the log of RevokeFunction.") {
		return
	}
	w.fact(w.do(ctx, "POST", "/notes", note, s.dress).refused().err,
		"the next POST is refused",
		revokedPasses)
	w.fact(w.slash(ctx, "POST", s.dress).err,
		"so is a POST with a slash at its end",
		slashPasses)
	w.fact(w.do(ctx, "GET", "/notes", "", s.dress).want(200).err,
		"a GET passes until its token ends, by the verb that the route ARN names",
		"The route ARN does not hold the verb GET where AWS's pages say, so the authorizer takes every request for a write: safe, but each "+
			"GET costs a read of the table. Or AccessTokenSeconds is shorter than this walk.")
	w.fact(w.do(ctx, "POST", "/auth/session/refresh", "", with("Authorization", "Bearer "+s.refresh)).want(401).err,
		"its refresh gets 401",
		"A session that has ended comes back to life: what sign-out answers is not true.")
}
