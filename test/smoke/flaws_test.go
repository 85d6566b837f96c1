package main

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// broken is a flaw with the facts that do not hold because of it, in the order
// of the walk, by how they begin.
type broken struct {
	flaw
	failed []string
}

// flaws are gateways that are not as the documentation says.
func flaws() map[string]broken {
	const slash = "a slash at the end of a route"
	return map[string]broken{
		"no keys":                 {flaw{answer: onPath("/auth/jwt/jwks.json", reply(200, `{"keys":[]}`))}, []string{"the public keys"}},
		"403 for Unauthorized":    {flaw{answer: ofGateway(reply(403, `{"message":"Forbidden"}`))}, []string{"without a token"}},
		"500 for Unauthorized":    {flaw{answer: ofGateway(reply(500, `{"message":"Internal Server Error"}`))}, []string{"without a token"}},
		"401 without its message": {flaw{answer: ofGateway(reply(401, `{"message":null}`))}, []string{"without a token"}},
		"no CORS on its 401":      {flaw{answer: ofGateway(noCORS)}, []string{"API Gateway's own 401"}},
		"no CORS on others' 401":  {flaw{answer: ofFunction(noCORS)}, []string{"a function's own 401"}},
		"no credentials":          {flaw{answer: drop("Access-Control-Allow-Credentials")}, []string{"API Gateway's own 401", "sign-in answers"}},
		"hides headers":           {flaw{answer: drop("Access-Control-Expose-Headers")}, []string{"API Gateway's own 401", "sign-in answers"}},
		"every origin":            {flaw{answer: anyOrigin}, []string{"a page of a foreign origin"}},
		"preflight is authorized": {flaw{answer: onMethod("OPTIONS", reply(401, `{"message":"Unauthorized"}`))}, []string{"a preflight"}},
		"preflight allows less":   {flaw{answer: drop("Access-Control-Allow-Headers")}, []string{"a preflight"}},
		"slash, open backend":     {flaw{answer: onPath("/notes/", reply(200, `{}`))}, []string{slash, "so is a POST"}},
		"slash, careful backend":  {flaw{answer: onPath("/notes/", reply(401, `{"message":"unauthorised"}`))}, []string{slash, "so is a POST"}},
		"identity source":         {flaw{request: identitySource}, []string{"an optional route", "cookies reach"}},
		"admin is open":           {flaw{answer: onPath("/admin/users/nobody/sessions", reply(200, `{"sessions":[]}`))}, []string{"a backend's route"}},
		"one Set-Cookie":          {flaw{answer: oneSetCookie}, []string{"sign-in sets two cookies"}},
		"one cookie":              {flaw{answer: firstSetCookie}, []string{"sign-in sets two cookies"}},
		"one for both to go":      {flaw{answer: onPath("/auth/signout", oneSetCookie)}, []string{"sign-out takes both cookies"}},
		"cookies are lost":        {flaw{request: lose("/notes", "Cookie")}, []string{"cookies reach"}},
		"origin is lost":          {flaw{request: noOrigin}, []string{"with cookies, a POST"}},
		"mode is lost":            {flaw{request: lose("/auth/signin", "St-Auth-Mode")}, []string{"sign-in sets two cookies"}},
		"GET is no GET":           {flaw{request: noGET}, []string{"a GET passes until"}},
		"no verb but POST":        {flaw{answer: onMethod("GET", onPath("/notes", ifOK(reply(403, `{"message":"Forbidden"}`))))}, []string{"cookies reach", "GET passes", "a header's name", "a GET passes until"}},
		"no verb but GET":         {flaw{answer: onMethod("POST", onPath("/notes", ifOK(reply(403, `{"message":"Forbidden"}`))))}, []string{"cookies reach", "POST passes", "refresh answers"}},
		"keeps decisions":         {keepsDecisions(), []string{"the cookies' next POST", "the next POST"}},
		"names of headers":        {flaw{deaf: true}, []string{"a header's name"}},
		"the first of two":        {flaw{request: firstAuthorization}, []string{"two Authorization headers"}},
		"Deny is not heeded":      {flaw{answer: onPath("/reports", reply(200, `{"reports":[]}`))}, []string{"a rule on claims"}},
		"no refresh":              {flaw{answer: onPath("/auth/session/refresh", reply(503, `{}`))}, []string{"refresh answers"}},
		"no refresh token":        {flaw{answer: onPath("/auth/session/refresh", drop("St-Refresh-Token"))}, []string{"refresh answers"}},
		"refreshed after its end": {flaw{answer: onPath("/auth/session/refresh", ofFunction(reply(200, `{}`)))}, []string{"a function's own 401", "its refresh"}},
	}
}

// reply puts another answer in the place of one. Its headers stay.
func reply(code int, body string) func(*http.Response) {
	return func(a *http.Response) {
		a.Body.Close()
		a.StatusCode, a.Body, a.ContentLength = code, io.NopCloser(strings.NewReader(body)), int64(len(body))
		a.Header.Del("Content-Length")
	}
}

func onPath(path string, change func(*http.Response)) func(*http.Response) {
	return func(a *http.Response) {
		if a.Request.URL.Path == path {
			change(a)
		}
	}
}

func onMethod(method string, change func(*http.Response)) func(*http.Response) {
	return func(a *http.Response) {
		if a.Request.Method == method {
			change(a)
		}
	}
}

func ifOK(change func(*http.Response)) func(*http.Response) {
	return func(a *http.Response) {
		if a.StatusCode < 300 {
			change(a)
		}
	}
}

// ofGateway changes a 401 that no function gave.
func ofGateway(change func(*http.Response)) func(*http.Response) {
	return func(a *http.Response) {
		if a.StatusCode == 401 && !strings.HasPrefix(a.Request.URL.Path, "/auth/") {
			change(a)
		}
	}
}

// ofFunction changes a 401 of a function.
func ofFunction(change func(*http.Response)) func(*http.Response) {
	return func(a *http.Response) {
		if a.StatusCode == 401 && strings.HasPrefix(a.Request.URL.Path, "/auth/") {
			change(a)
		}
	}
}

func drop(name string) func(*http.Response) { return func(a *http.Response) { a.Header.Del(name) } }

func noCORS(a *http.Response) { drop("Access-Control-Allow-Origin")(a) }

func anyOrigin(a *http.Response) {
	a.Header.Set("Access-Control-Allow-Origin", a.Request.Header.Get("Origin"))
}

func oneSetCookie(a *http.Response) {
	if lines := a.Header.Values("Set-Cookie"); len(lines) > 1 {
		a.Header.Set("Set-Cookie", strings.Join(lines, ", "))
	}
}

func firstSetCookie(a *http.Response) {
	if line := a.Header.Get("Set-Cookie"); line != "" {
		a.Header.Set("Set-Cookie", line)
	}
}

// identitySource has callers without Authorization refused as on any route.
func identitySource(r *http.Request) {
	if r.Header.Get("Authorization") == "" && (r.URL.Path == "/notes" || r.URL.Path == "/greeting") {
		r.Header.Del("Cookie")
		r.URL.Path = "/notes"
	}
}

func lose(path, name string) func(*http.Request) {
	return func(r *http.Request) {
		if r.URL.Path == path {
			r.Header.Del(name)
		}
	}
}

// noOrigin has the authorizer not know the page that cookies come from.
func noOrigin(r *http.Request) {
	if r.Header.Get("Cookie") != "" {
		r.Header.Del("Origin")
	}
}

// noGET has the authorizer take a GET for a write.
func noGET(r *http.Request) {
	if r.Method == "GET" && r.URL.Path == "/notes" {
		r.Header.Set("X-Http-Method-Override", "POST")
	}
}

func firstAuthorization(r *http.Request) {
	if first := r.Header.Get("Authorization"); first != "" {
		r.Header.Set("Authorization", first)
	}
}

// keepsDecisions lets a caller that passed once pass again.
func keepsDecisions() flaw {
	var kept sync.Map
	key := func(r *http.Request) string {
		return r.Header.Get("Authorization") + r.Header.Get("Cookie") + r.Header.Get("Origin") + r.Header.Get("Rid")
	}
	return flaw{
		instead: func(w http.ResponseWriter, r *http.Request) bool {
			if _, found := kept.Load(key(r)); !found || r.Method != "POST" || r.URL.Path != "/notes" {
				return false
			}
			w.WriteHeader(201)
			return true
		},
		answer: onMethod("POST", onPath("/notes", ifOK(func(a *http.Response) { kept.Store(key(a.Request), true) }))),
	}
}
