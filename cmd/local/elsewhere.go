package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// elsewhere is a function that runs in another process, in any language, behind
// the URL of its invocations in Lambda's Invoke API. The emulator in AWS's base
// images serves that API, and so do sam local start-lambda and the server in
// examples/notes-node.
type elsewhere string

// maxAnswer is Lambda's limit for an answer, in bytes.
const maxAnswer = 6 << 20

// Invoke sends the event and returns the answer. If the function failed, the
// error says why.
func (e elsewhere) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, string(e), bytes.NewReader(event))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answers %s", e, response.Status)
	case len(answer) > maxAnswer:
		return nil, errors.New("the answer is larger than 6 MB")
	case response.Header.Get("X-Amz-Function-Error") != "":
		var failure struct {
			Message string `json:"errorMessage"`
		}
		if json.Unmarshal(answer, &failure) != nil {
			failure.Message = string(answer)
		}
		return nil, errors.New(failure.Message)
	}
	return answer, nil
}

// addElsewhere reads one value of -invoke.
func (o *options) addElsewhere(s string) error {
	id, address, found := strings.Cut(s, "=")
	u, err := url.Parse(address)
	if !found || id == "" || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		const like = "http://127.0.0.1:9000/2015-03-31/functions/function/invocations"
		return errors.New("not of the form LogicalId=URL, with a URL such as " + like)
	}
	if _, twice := o.elsewhere[id]; twice {
		return fmt.Errorf("%s is named twice", id)
	}
	o.elsewhere[id] = elsewhere(address)
	return nil
}

// attaches reports whether the template that attaches has that function.
func (w world) attaches(id string) bool {
	return w.attached != nil &&
		slices.ContainsFunc(w.attached.Functions, func(f template.Function) bool { return f.ID == id })
}
