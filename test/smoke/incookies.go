package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

const note = `{"text":"smoke"}`

const revokedPasses = "A revoked session goes on writing. API Gateway keeps decisions (ReauthorizeEvery above 0), or another authorizer stands " +
	"before the route: go run ./cmd/checktemplate says which."

// inCookies checks the facts about a session in cookies, from its start to its
// end.
func (w *walk) inCookies(ctx context.Context) {
	s, a := w.enter(ctx, "cookie")
	if !w.fact(a.cookies(w.api, false).err,
		"sign-in sets two cookies, each in a Set-Cookie header of its own",
		"If it is not sign-in that failed, API Gateway joins the headers. Of two cookies in one header browsers keep the first: in "+
			"cookie mode no session could be refreshed.") {
		return
	}
	w.fact(errors.Join(
		w.do(ctx, "GET", "/notes", "", s.dress).want(200).err,
		w.do(ctx, "POST", "/notes", note, s.dress).want(201).err),
		"cookies reach the authorizer: GET and POST pass",
		"Payload format 2.0 does not have the cookies where AWS's pages say, or Origin and rid do not arrive.")
	w.fact(errors.Join(
		w.do(ctx, "POST", "/notes", note, s.dress, with("Origin", foreign)).refused().err,
		w.do(ctx, "POST", "/notes", note, s.dress, without("Rid")).refused().err),
		"with cookies, a POST from a foreign origin is refused, and one without rid",
		"Origin or rid does not reach the authorizer as it was sent: a foreign page can write in a user's name.")
	if !w.fact(w.signOut(ctx, s).cookies(w.api, true).err,
		"sign-out takes both cookies away, each in a Set-Cookie header of its own",
		"The session has not ended, or a browser keeps a cookie of it. See the log of RevokeFunction.") {
		return
	}
	w.fact(w.do(ctx, "POST", "/notes", note, s.dress).refused().err,
		"the cookies' next POST is refused",
		revokedPasses)
}

// cookies asks for the two cookies, to be kept or to be taken away.
func (a answer) cookies(api string, gone bool) answer {
	lines := a.header.Values("Set-Cookie")
	a = a.must(len(lines) == 2, "want two Set-Cookie headers, not %d", len(lines))
	for i, name := range []string{accessCookie, "sRefreshToken"} {
		if a.err != nil {
			return a
		}
		cookie, err := http.ParseSetCookie(lines[i])
		if a = a.must(err == nil, "want a cookie in each Set-Cookie header"); err != nil {
			return a
		}
		a = a.must(cookie.Name == name && (cookie.Value == "") == gone, "want %s in Set-Cookie header %d", name, i+1)
		a = a.must(cookie.HttpOnly && (cookie.Secure || strings.HasPrefix(api, "http://")), "want %s to be HttpOnly and Secure", name)
	}
	return a
}
