//go:build clients

package clients_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// session is the one that the API has. It can be over, and the API down.
type session struct{ over, down bool }

func reply(name string, cookies ...string) object {
	headers := object{"front-token": name, "access-control-expose-headers": "front-token, x-" + name, "cache-control": "no-store"}
	return object{"headers": headers, "cookies": append([]string{}, cookies...)}
}

// answers are in the form of the real ones.
func (s session) answers(call string) (status int, etag string, body any) {
	info := object{
		"sessionHandle": handle, "userId": "u1", "recipeUserId": "u1", "tenantId": "public",
		"customClaimsInAccessTokenPayload": object{"plan": object{"v": "pro", "t": 1}},
	}
	switch {
	case s.down:
		return http.StatusServiceUnavailable, "", object{"code": "unavailable"}
	case s.over && !strings.HasPrefix(call, "DELETE"):
		return http.StatusNotFound, "", object{"code": "session_not_found"}
	case call == "DELETE /admin/sessions/H":
		body = object{"status": "OK", "reply": reply("gone", "sAccessToken=; Path=/", "sAccessToken=; Domain=example.com; Path=/")}
	case call == "POST /admin/sessions/H/token":
		body = object{"session": info, "reply": reply("new", "sAccessToken=new; Path=/")}
	case call == "POST /admin/sessions":
		body = object{"session": info, "reply": reply("started", "sAccessToken=first; Path=/", "sRefreshToken=r; Path=/auth")}
	case call == "GET /admin/users/u1":
		body = object{"userId": "u1", "epoch": "0.0"}
	default:
		body = object{}
	}
	return http.StatusOK, `"1"`, body
}

// What a backend does with a session reaches the API, and its answer tells the
// frontend, in both languages.
func TestSessions(t *testing.T) {
	bearer, cookie := "Bearer "+token(handle), "sAccessToken="+token(handle)
	other := "Bearer " + token("another")
	set := []any{[]any{"merge", object{"plan": object{"v": "pro"}}}}
	merged := `PATCH /admin/sessions/H/claims {"plan":{"v":"pro"}}`
	tokenBy := func(mode string) string { return `POST /admin/sessions/H/token {"mode":"` + mode + `"}` }
	plain := object{"statusCode": 200.0, "body": "{}"}
	exposing := with(plain, object{"headers": object{"Access-Control-Expose-Headers": "x-own, Front-Token", "Cache-Control": "max-age=9", "x-own": "1"}})
	headers := func(name, exposed string) object {
		return object{"front-token": name, "access-control-expose-headers": exposed, "cache-control": "no-store"}
	}
	newHeaders := headers("new", "front-token, x-new")
	refused := func(status float64, message string) object {
		return object{"statusCode": status, "headers": object{"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}, "body": `{"message":"` + message + `"}`}
	}
	gone := []any{"sAccessToken=; Path=/", "sAccessToken=; Domain=example.com; Path=/"}
	rows := []struct {
		name       string
		event      object
		calls      []any
		answer     object
		over, down bool
		sent       []string
		want       object // nil: the function fails
	}{
		{name: "nothing", event: httpEvent(bearer, ""), answer: plain, want: plain},
		{name: "claims, by a bearer", event: httpEvent(bearer, ""), calls: set, answer: plain, sent: []string{merged, tokenBy("header")},
			want: with(plain, object{"headers": newHeaders, "cookies": []any{"sAccessToken=new; Path=/"}})},
		{name: "claims, by a cookie", event: httpEvent(other, cookie), calls: set, answer: plain, sent: []string{merged, tokenBy("cookie")},
			want: with(plain, object{"headers": newHeaders, "cookies": []any{"sAccessToken=new; Path=/"}})},
		{name: "claims, by both", event: restEvent(bearer, cookie), calls: set, answer: plain, sent: []string{merged, tokenBy("cookie")},
			want: with(plain, object{"headers": newHeaders, "multiValueHeaders": object{"set-cookie": []any{"sAccessToken=new; Path=/"}}})},
		{name: "claims, by neither", event: httpEvent(other, "sAccessToken="+token("another")), calls: set, answer: plain},
		{name: "a claim is removed", event: httpEvent(bearer, ""), calls: []any{[]any{"removeClaim", "plan"}}, answer: plain,
			sent: []string{`PATCH /admin/sessions/H/claims {"plan":null}`, tokenBy("header")},
			want: with(plain, object{"headers": newHeaders, "cookies": []any{"sAccessToken=new; Path=/"}})},
		{name: "revoke", event: httpEvent(bearer, ""), calls: []any{[]any{"revoke"}}, answer: with(exposing, object{"cookies": []any{"own=1"}}),
			sent: []string{"DELETE /admin/sessions/H"},
			want: with(plain, object{"headers": with(headers("gone", "x-own, Front-Token, x-gone"), object{"x-own": "1"}), "cookies": append([]any{"own=1"}, gone...)})},
		{name: "revoke, payload 1.0", event: restEvent(bearer, ""), calls: []any{[]any{"revoke"}},
			answer: with(exposing, object{"multiValueHeaders": object{"Set-Cookie": []any{"own=1"}, "X-Many": []any{"1", "2"}}}),
			sent:   []string{"DELETE /admin/sessions/H"},
			want: with(plain, object{"headers": with(headers("gone", "x-own, Front-Token, x-gone"), object{"x-own": "1"}),
				"multiValueHeaders": object{"X-Many": []any{"1", "2"}, "set-cookie": append([]any{"own=1"}, gone...)}})},
		{name: "revoke after claims", event: httpEvent(bearer, ""), calls: append(slices.Clone(set), []any{"revoke"}), answer: plain,
			sent: []string{merged, tokenBy("header"), "DELETE /admin/sessions/H"},
			want: with(plain, object{"headers": headers("gone", "front-token, x-gone"), "cookies": gone})},
		{name: "revoke of a session that is over", event: httpEvent(bearer, ""), calls: []any{[]any{"revoke"}}, answer: plain, over: true,
			sent: []string{"DELETE /admin/sessions/H"}, want: with(plain, object{"headers": headers("gone", "front-token, x-gone"), "cookies": gone})},
		{name: "a start, and claims", event: with(httpEvent("", ""), object{"requestContext": object{"http": object{"method": "POST"}}}), calls: set, answer: plain,
			sent: []string{`POST /admin/sessions {"epoch":"0.0","mode":"cookie","userId":"u1"}`, merged, tokenBy("cookie")},
			want: with(plain, object{"headers": headers("new", "front-token, x-started, x-new"), "cookies": []any{"sRefreshToken=r; Path=/auth", "sAccessToken=new; Path=/"}})},
		{name: "data", event: httpEvent(bearer, ""), calls: []any{[]any{"putData", object{"a": 1}}, []any{"data"}, []any{"info"}}, answer: plain,
			sent: []string{`PUT /admin/sessions/H/data {"a":1}`, "GET /admin/sessions/H/data", "GET /admin/sessions/H"}, want: plain},
		{name: "data of a session that is over", event: httpEvent(bearer, ""), calls: []any{[]any{"data"}}, answer: plain, over: true,
			sent: []string{"GET /admin/sessions/H/data"}, want: refused(401, "unauthorised")},
		{name: "the store does not answer", event: httpEvent(bearer, ""), calls: []any{[]any{"revoke"}}, answer: plain, down: true,
			sent: []string{"DELETE /admin/sessions/H"}, want: refused(503, "temporarily unavailable, please try again")},
		{name: "no caller", event: with(httpEvent(bearer, ""), object{"requestContext": object{"http": object{"method": "POST"}}}), calls: []any{[]any{"revoke"}}, answer: plain,
			want: refused(401, "unauthorised")},
		{name: "the function's own error", event: httpEvent(bearer, ""), calls: []any{[]any{"noSuchMethod"}}, answer: plain},
		{name: "an answer without a status, and a reply", event: httpEvent(bearer, ""), calls: []any{[]any{"revoke"}}, answer: object{}, sent: []string{"DELETE /admin/sessions/H"}},
	}
	for _, l := range languages() {
		a := newAPI(t)
		f := l.serve(t, "told", "0", signing(a.URL, key))
		for _, row := range rows {
			t.Run(l.name+"/"+row.name, func(t *testing.T) {
				a.t, a.asked, a.answers = t, nil, session{over: row.over, down: row.down}.answers
				body := text(object{"calls": append([]any{}, row.calls...), "answer": row.answer, "start": row.name == "a start, and claims"})
				got, failed := f.invoke(t, with(row.event, object{"body": body}))
				if failed != (row.want == nil) || !failed && !reflect.DeepEqual(got, row.want) {
					t.Errorf("the answer is %v, want %v", got, row.want)
				}
				if !slices.Equal(a.asked, row.sent) {
					t.Errorf("it asked for %q, want %q", a.asked, row.sent)
				}
			})
		}
	}
}
