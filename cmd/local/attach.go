package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
	whoami "github.com/latchkey-auth/latchkey/examples/attach/whoami/handler"
	"github.com/latchkey-auth/latchkey/internal/gateway"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// A template that attaches Latchkey's authorizer to its own APIs is served
// beside Latchkey. Each of its APIs has its own host, as at AWS. What its
// custom domain maps is served at the host of Latchkey's own API.

// backend builds a function of such a template, or returns the one that runs
// elsewhere.
func (w world) backend(f template.Function) (lambda.Handler, error) {
	if there, found := w.options.elsewhere[f.ID]; found {
		return there, nil
	}
	if f.ID != "WhoAmIFunction" {
		return nil, errors.New("there is no such function in this repository; -invoke names where it runs")
	}
	return whoami.Handler{
		Backend: authorizer.Backend{Now: w.now, Issuer: f.Environment["ISSUER"]},
		Origin:  f.Environment["ALLOWED_ORIGIN"],
	}, nil
}

// attach reads the template that attaches, if there is one.
func (w *world) attach(t *template.Template) error {
	if t == nil {
		return nil
	}
	exports, err := w.exports()
	if err != nil {
		return err
	}
	t.Import(exports)
	stack, err := t.Stack(w.options.of(t))
	if err != nil {
		return err
	}
	if len(stack.APIs) == 0 {
		return fmt.Errorf("-template: %s has no API", w.options.template)
	}
	for _, api := range stack.APIs {
		if apiIDOf(api) == apiID {
			return fmt.Errorf("-template: %s has the id of Latchkey's own API here", api.ID)
		}
	}
	w.attached = stack
	return nil
}

// serveAttached returns a handler for the attached APIs. It passes everything
// else to next, Latchkey's own API.
func (w world) serveAttached(functions *invoke.Functions, next http.Handler) (http.Handler, error) {
	if w.attached == nil {
		return next, nil
	}
	hosts, err := w.hosts(functions)
	if err != nil {
		return nil, err
	}
	domain, err := w.domain(functions, next)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if api, found := hosts[hostname(r.Host)]; found {
			api.ServeHTTP(rw, r)
			return
		}
		domain.ServeHTTP(rw, r)
	}), nil
}

// hosts returns the attached APIs by their hosts.
func (w world) hosts(functions *invoke.Functions) (map[string]http.Handler, error) {
	hosts := map[string]http.Handler{}
	for _, api := range w.attached.APIs {
		handler, err := w.gateway(functions, apiIDOf(api), api, "")
		if err != nil {
			return nil, err
		}
		if api.DomainOnly {
			handler = http.NotFoundHandler()
		}
		hosts[hostOf(api)] = handler
	}
	return hosts, nil
}

// apiIDOf returns the id of an attached API in events and policies.
func apiIDOf(api template.API) string { return strings.ToLower(api.ID) }

// hostOf returns the name at which an attached API is served. Names below
// localhost are this machine (RFC 6761, section 6.3).
func hostOf(api template.API) string { return apiIDOf(api) + ".localhost" }

// domain returns a handler for the paths of the custom domain. It passes the
// rest to next.
func (w world) domain(functions *invoke.Functions, next http.Handler) (http.Handler, error) {
	mapped := map[string]http.Handler{}
	for _, m := range w.attached.Mappings {
		if m.API == apiID && m.Path == "" {
			continue // Latchkey's own API is there in any case
		}
		id, api, found := w.api(m.API)
		if !found {
			return nil, fmt.Errorf("-template: the mapping of %q is to %s, which is no HTTP API of the template",
				m.Path, m.API)
		}
		handler, err := w.gateway(functions, id, api, m.Path)
		if err != nil {
			return nil, err
		}
		mapped[m.Path] = handler
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if handler, found := longest(mapped, r.URL.Path); found {
			handler.ServeHTTP(rw, r)
			return
		}
		next.ServeHTTP(rw, r)
	}), nil
}

// longest returns the handler with the longest path that the request is below.
func longest(mapped map[string]http.Handler, path string) (http.Handler, bool) {
	for {
		if handler, found := mapped[path]; found {
			return handler, true
		}
		i := strings.LastIndex(path, "/")
		if i < 0 {
			return nil, false
		}
		path = path[:i]
	}
}

// api returns an HTTP API that can be mapped, with its id in events:
// Latchkey's own or an attached one.
func (w world) api(name string) (id string, api template.API, found bool) {
	if name == apiID {
		return apiID, w.stack.APIs[0], true
	}
	for _, api := range w.attached.APIs {
		if api.ID == name && api.Kind == template.HTTP {
			return apiIDOf(api), api, true
		}
	}
	return "", template.API{}, false
}

func (w world) gateway(functions *invoke.Functions, id string, api template.API, mapping string) (http.Handler, error) {
	return gateway.New(gateway.Config{
		API: api, APIID: id, Mapping: mapping, Invoke: watch(functions), JWKS: w.jwks(functions),
		Key: w.key, Now: w.now, Log: w.log,
	})
}
