package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// response is an HTTP response before it is sent.
type response struct {
	status int
	header http.Header
	body   []byte
}

// message returns one of the gateway's own answers.
func message(status int) response {
	text := http.StatusText(status)
	return response{
		status: status,
		header: http.Header{"Content-Type": {"application/json"}},
		body:   fmt.Appendf(nil, `{"message":%q}`, text),
	}
}

// parseResponse reads a function's answer. JSON without a statusCode is a body
// with status 200.
func parseResponse(answer []byte) (response, error) {
	var a struct {
		StatusCode      int               `json:"statusCode"`
		Headers         map[string]string `json:"headers"`
		Body            string            `json:"body"`
		IsBase64Encoded bool              `json:"isBase64Encoded"`
		Cookies         []string          `json:"cookies"`
	}
	if !json.Valid(answer) {
		return response{}, errors.New("its answer is no JSON")
	}
	var members map[string]json.RawMessage
	json.Unmarshal(answer, &members) // an answer that is not an object has no members
	if _, found := members["statusCode"]; !found {
		return response{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}, body: answer}, nil
	}
	err := json.Unmarshal(answer, &a)
	if err != nil || a.StatusCode < 200 || a.StatusCode > 599 {
		return response{}, errors.New("its answer is no response")
	}
	r := response{status: a.StatusCode, header: http.Header{}, body: []byte(a.Body)}
	if a.IsBase64Encoded {
		if r.body, err = base64.StdEncoding.DecodeString(a.Body); err != nil {
			return response{}, errors.New("its body is no base64")
		}
	}
	for name, value := range a.Headers {
		r.header.Set(name, value)
	}
	for _, cookie := range a.Cookies {
		r.header.Add("Set-Cookie", cookie)
	}
	return r, nil
}

// write sends the response.
func (r response) write(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range r.header {
		h[name] = values
	}
	if r.header.Get("Content-Type") == "" && len(r.body) > 0 {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Del("Content-Length") // the server counts the bytes it sends
	w.WriteHeader(r.status)
	w.Write(r.body)
}
