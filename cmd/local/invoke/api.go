package invoke

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// Path is the pattern of the Invoke API for an http.ServeMux.
const Path = "POST /2015-03-31/functions/{id}/invocations"

// limit is Lambda's limit for a synchronous event, in bytes.
const limit = 6 << 20

// ServeHTTP answers the Invoke API at Path.
//
// The API is not authorized here, and an event can claim any caller. So a
// request that a browser made for a page is refused: any page could make it.
func (f *Functions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
		refuse(w, http.StatusForbidden, fault{kind: "AccessDeniedException", text: "browsers may not invoke functions"})
		return
	}
	event, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		refuse(
			w,
			http.StatusRequestEntityTooLarge,
			fault{kind: "RequestTooLargeException", text: "the event is larger than 6 MB"},
		)
		return
	}
	if len(event) == 0 {
		event = []byte("{}")
	}
	if !json.Valid(event) {
		refuse(w, http.StatusBadRequest, fault{kind: "InvalidRequestContentException", text: "the event is no JSON"})
		return
	}
	name, ok := nameOf(r)
	if !ok {
		refuse(w, http.StatusBadRequest, fault{
			kind: "InvalidParameterValueException", text: "the name and the parameter Qualifier name two aliases",
		})
		return
	}
	if _, err := f.find(name); err != nil {
		refuse(w, http.StatusNotFound, fault{kind: "ResourceNotFoundException", text: err.Error()})
		return
	}
	f.answer(w, r, name, event)
}

// nameOf returns the function's name, of which the request gives the alias
// apart or behind it, and which may be a whole ARN. It reports whether both
// name one alias.
func nameOf(r *http.Request) (name string, ok bool) {
	name = strings.TrimPrefix(r.PathValue("id"), template.FunctionARN(""))
	qualifier := r.URL.Query().Get("Qualifier")
	_, own, qualified := strings.Cut(name, ":")
	if qualifier == "" || qualified {
		return name, qualifier == "" || own == qualifier
	}
	return name + ":" + qualifier, true
}

// answer runs the function as the invocation type asks. Asynchronous
// invocations are over before they are answered, so that nothing is left to do
// when the process ends.
func (f *Functions) answer(w http.ResponseWriter, r *http.Request, name string, event []byte) {
	kind := r.Header.Get("X-Amz-Invocation-Type")
	if kind == "DryRun" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	answer, err := f.Invoke(r.Context(), name, event)
	if kind == "Event" {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amz-Executed-Version", "$LATEST")
	var failed *Error
	if errors.As(err, &failed) {
		h.Set("X-Amz-Function-Error", "Unhandled")
		answer, _ = json.Marshal(failed) // two strings
	}
	w.Write(answer)
}

// fault is an error of the Invoke API itself.
type fault struct{ kind, text string }

func refuse(w http.ResponseWriter, status int, f fault) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", f.kind)
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"Type":"User","Message":%q}`+"\n", f.text)
}
