package web

import (
	"maps"
	"net/http"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Form is the form in which errors are reported.
type Form int

// The forms of errors.
const (
	Problem Form = iota // application/problem+json (RFC 9457)
	FDI                 // {"message": …}, as SuperTokens' frontends read it
)

// retryAfter is how long a client is asked to wait after a 503, in seconds.
const retryAfter = "1"

// response returns the response to an error.
func (f Form) response(a answer) Response {
	r := f.body(a)
	if a.status == http.StatusServiceUnavailable {
		r.Headers["retry-after"] = retryAfter
	}
	return r
}

func (f Form) body(a answer) Response {
	if f == FDI {
		return JSON(a.status, map[string]string{"message": a.text})
	}
	r := JSON(a.status, problem{Type: "about:blank", Title: http.StatusText(a.status), Status: a.status, Detail: a.text, Code: a.code, Fields: a.fields, UserID: a.userID})
	r.Headers["content-type"] = "application/problem+json"
	return r
}

// problem is the body that RFC 9457, section 3.1 describes, with extension
// members: the code, by which clients branch, and for some errors their
// subject.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`

	Fields []accounts.Field `json:"fields,omitempty"`
	UserID string           `json:"userId,omitempty"`
}

// JSON returns a response that no cache may keep.
func JSON(status int, body any) Response {
	text, err := jsonv2.Marshal(body, jsonv2.Deterministic(true))
	if err != nil { // only for a value that has no JSON
		status, text = http.StatusInternalServerError, []byte(`{"message":"internal error"}`)
	}
	return Response{
		StatusCode: status,
		Headers: map[string]string{
			"content-type":           "application/json; charset=utf-8",
			"cache-control":          "no-store",
			"x-content-type-options": "nosniff",
		},
		Body: string(text),
	}
}

// Message returns a response of the Frontend Driver Interface that says one thing.
func Message(status int, text string) Response {
	return JSON(status, map[string]string{"message": text})
}

// With adds to a response what the Frontend Driver Interface sends.
func With(r Response, reply fdi.Reply) Response {
	maps.Copy(r.Headers, reply.Headers)
	r.Cookies = append(r.Cookies, reply.Cookies...)
	return r
}
