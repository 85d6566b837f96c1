package openapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestAnswersAreAsDescribed sends to every operation what the document says is
// good, and what it says is bad, and holds each answer against it. At the end
// every status that is described was answered, but those of faults.
func TestAnswersAreAsDescribed(t *testing.T) {
	w := newWorld(t)
	w.logins()
	for _, test := range []func(operation){w.good, w.unauthorized, w.fromAnotherPage, w.badParameters, w.badBodies} {
		for _, key := range slices.Sorted(maps.Keys(w.operations)) {
			if w.operations[key].ofProvider() {
				continue
			}
			test(w.operations[key])
		}
	}
	w.usedTwice()
	w.overtaken()
	w.accounts()
	w.mails()
	w.meetings()
	w.throttled()
	w.withoutMails()
	w.coverage()
}

// ask returns a good request.
func (w *world) ask(o operation, by string) request {
	w.Helper()
	return request{route: o.key(), by: by, about: w.session(o), query: o.query(), body: o.bodies()[0]}
}

// good sends every example of a body by every way to authorize, and once more
// with every example of a header.
func (w *world) good(o operation) {
	for _, by := range o.ways() {
		for _, body := range o.bodies() {
			r := w.ask(o, by)
			r.body = body
			w.send(r).want(o.success())
		}
		for _, p := range o.parameters {
			if p.In != openapi3.ParameterInHeader || p.Name == "If-Match" {
				continue
			}
			for _, value := range examples(p) {
				r := w.ask(o, by)
				r.header = map[string]string{p.Name: value}
				w.send(r).want(o.success())
			}
		}
	}
}

// unauthorized sends requests without what the operation asks for, and with
// what is none.
func (w *world) unauthorized(o operation) {
	if len(o.schemes()) == 0 {
		return
	}
	stranger := o.refusal()
	if o.optional() {
		stranger = o.success()
	}
	w.send(w.ask(o, nobody)).want(stranger)
	for _, by := range []string{sessionCookie, sessionBearer, refreshCookie, refreshBearer} {
		forged := w.ask(o, by)
		forged.about.access, forged.about.refresh = "a.b.c", "v1.b.c"
		if !slices.Contains(o.schemes(), by) {
			w.send(w.ask(o, by)).want(stranger)
		}
		refusal := o.refusal()
		if by != sessionCookie { // a Bearer that is not of our form, and a cookie that is not sent here, are nobody's
			refusal = stranger
		}
		w.send(forged).want(refusal)
	}
}

// optional reports whether an operation takes requests of nobody besides.
func (o operation) optional() bool {
	return slices.ContainsFunc(*o.Security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
}

// refusal is the status for those who may not call.
func (o operation) refusal() int {
	if slices.Contains(o.schemes(), signature) {
		return 403
	}
	return 401
}

// fromAnotherPage sends requests by cookie from a page that is not listed.
func (w *world) fromAnotherPage(o operation) {
	if !slices.ContainsFunc(o.parameters, func(p *openapi3.Parameter) bool { return p.Name == "Origin" }) {
		return
	}
	for _, header := range []map[string]string{{"Origin": anotherPage}, {"Origin": "", "Sec-Fetch-Site": "cross-site"}} {
		header["St-Auth-Mode"] = "cookie"
		for _, by := range o.ways() {
			if by != sessionBearer && by != refreshBearer {
				r := w.ask(o, by)
				r.header = header
				w.send(r).want(403)
			}
		}
	}
}

// badParameters sends values that the document does not admit, and leaves out
// what it requires.
func (w *world) badParameters(o operation) {
	for _, p := range o.parameters {
		for value, want := range refused(p) {
			r := w.ask(o, o.ways()[0])
			switch p.In {
			case openapi3.ParameterInPath:
				r.path = map[string]string{p.Name: value}
			case openapi3.ParameterInHeader:
				r.header = map[string]string{p.Name: value}
			default:
				r.query = url.Values{p.Name: {value}}
			}
			w.send(r).want(want)
		}
		if p.In == openapi3.ParameterInQuery && p.Required {
			r := w.ask(o, o.ways()[0])
			r.query = nil
			w.send(r).want(400)
		}
	}
}

// refused are values of a parameter, and the status that they are answered by.
func refused(p *openapi3.Parameter) map[string]int {
	switch p.Name {
	case "handle":
		return map[string]int{"x": 404, unknownHandle + "A": 404}
	case "tenantId":
		return map[string]int{"nobody": 400, "Public": 400, "..": 400}
	case "userId":
		return map[string]int{"a b": 400, "..": 400, "~YQ": 400, "~": 400}
	case "except":
		return map[string]int{"x": 409, unknownHandle: 409}
	case "If-Match":
		return map[string]int{"1": 400, `"01"`: 400, `W/"1"`: 400, unknownVersion: 412}
	}
	return nil
}

// usedTwice presents a refresh token that was replaced twice.
func (w *world) usedTwice() {
	const refresh = "POST /auth/session/refresh"
	s := w.session(w.operations[refresh])
	next := s
	for range 2 {
		a := w.send(request{route: refresh, by: refreshBearer, about: next}).want(200)
		next.refresh = a.header.Get("St-Refresh-Token")
	}
	a := w.send(request{route: refresh, by: refreshCookie, about: s}).want(401)
	if !strings.Contains(string(a.body), "token theft detected") {
		w.Errorf("a token that was replaced twice is answered by %s, want theft", a.body)
	}
	w.send(request{route: "GET /admin/sessions/{handle}", by: signature, about: s}).want(404)
}

// overtaken starts sessions of a user whose sessions were ended, and who was
// disabled, after the backend had read the epoch.
func (w *world) overtaken() {
	about := w.session(w.operations["GET /auth/sessions"])
	ask := func(route, body string) result {
		return w.send(request{route: route, by: signature, about: about, body: body})
	}
	const sessions = "DELETE /admin/users/{userId}/sessions"
	w.send(request{route: sessions, by: signature, about: about, query: url.Values{"except": {about.handle}}}).want(200)
	for _, end := range []func(){
		func() {},
		func() { ask(sessions, "").want(200) },
		func() { ask("PATCH /admin/users/{userId}", `{"disabled":true}`).want(200) },
	} {
		var user struct{ Epoch string }
		json.Unmarshal(ask("GET /admin/users/{userId}", "").want(200).body, &user)
		end()
		start := map[string]any{"userId": about.user, "mode": "header", "epoch": user.Epoch, "issuedAt": 1700000000000}
		ask("POST /admin/sessions", text(start)).want(409)
		delete(start, "issuedAt")
		ask("POST /admin/sessions", text(start))
	}
}

// throttled asks more often than one source may.
func (w *world) throttled() {
	w.launch("AttemptsPerSource=10")
	for _, key := range []string{"POST /auth/signup", "POST /auth/signin", "GET /auth/emailpassword/email/exists", askReset} {
		o := w.operations[key]
		for _, body := range o.bodies() {
			for range 11 {
				w.send(request{route: key, query: o.query(), body: body}).want(200)
			}
		}
	}
}

// coverage fails the test where an answer is described that never came. Those
// to faults are held by the tests of internal/endpoints.
func (w *world) coverage() {
	// Where nothing bounds attempts, only a table has too many requests for one key.
	unbounded := map[string]bool{}
	for _, path := range []string{"/auth", "/auth/{tenantId}"} {
		unbounded["POST "+path+"/user/password/reset"], unbounded["POST "+path+"/user/email/verify"] = true, true
	}
	for key, o := range w.operations {
		for status, response := range o.Responses.Map() {
			if status == "500" || status == "503" {
				continue
			}
			for _, outcome := range outcomes(response.Value) {
				if outcome == "GENERAL_ERROR" && unbounded[key] {
					continue
				}
				if !w.seen[o.Summary+" "+status+" "+outcome] {
					w.Errorf("%s: %s %s is described, and was never answered", key, status, outcome)
				}
			}
		}
	}
}

// outcomes are what tells answers of one status apart: the values of status in
// the bodies of the frontend's, of code in those of problems. They are "" where
// nothing does.
func outcomes(response *openapi3.Response) []string {
	media := response.Content["application/json"]
	if media == nil {
		media = response.Content["application/problem+json"]
	}
	if media == nil { // the body is empty
		return []string{""}
	}
	var all []string
	parts := append(slices.Concat(media.Schema.Value.OneOf, media.Schema.Value.AllOf), media.Schema)
	for _, schema := range parts {
		for _, name := range []string{"status", "code"} {
			member := schema.Value.Properties[name]
			if member == nil {
				continue
			}
			for _, value := range append(member.Value.Enum, member.Value.Const) {
				if s, isText := value.(string); isText {
					all = append(all, s)
				}
			}
		}
	}
	if len(all) == 0 {
		return []string{""}
	}
	return all
}

// success is the status of an answer to a good request.
func (o operation) success() int {
	if o.Responses.Value("201") != nil {
		return 201
	}
	return 200
}

// ways are those to authorize a request.
func (o operation) ways() []string {
	if all := o.schemes(); len(all) > 0 {
		return all
	}
	return []string{nobody}
}

// bodies are the examples of the body, or none.
func (o operation) bodies() []string {
	if o.RequestBody == nil {
		return []string{""}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(o.content().Examples)) {
		all = append(all, text(o.content().Examples[name].Value.Value))
	}
	return all
}

func (o operation) content() *openapi3.MediaType {
	return o.RequestBody.Value.Content["application/json"]
}

// query has the examples of the query.
func (o operation) query() url.Values {
	values := url.Values{}
	for _, p := range o.parameters {
		if known := examples(p); p.In == openapi3.ParameterInQuery && len(known) > 0 {
			values.Set(p.Name, known[0])
		}
	}
	return values
}

// examples are those of a parameter.
func examples(p *openapi3.Parameter) []string {
	var all []string
	if p.Example != nil {
		all = append(all, fmt.Sprint(p.Example))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Examples)) {
		all = append(all, fmt.Sprint(p.Examples[name].Value.Value))
	}
	return all
}
