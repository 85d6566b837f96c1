package gateway

import (
	"crypto/rand"
	"io"
	"net/http"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// restAPI serves one REST API under the name of its stage.
type restAPI struct {
	*shared
	routes []route
}

// ServeHTTP implements http.Handler.
func (g *restAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := rand.Text()
	w.Header().Set("X-Amzn-Requestid", id)
	path, inStage := strings.CutPrefix(r.URL.EscapedPath(), "/"+g.cfg.API.Stage+"/")
	if !inStage {
		message(http.StatusForbidden).write(w)
		return
	}
	path = "/" + path
	if g.preflight(w, r, path) {
		return
	}
	matched, parameters := g.match(r.Method, path)
	if matched == nil {
		g.refuse(fault{status: http.StatusForbidden, kind: "MISSING_AUTHENTICATION_TOKEN", message: "Missing Authentication Token"}, id).write(w)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		g.refuse(fault{status: http.StatusRequestEntityTooLarge, kind: "REQUEST_TOO_LARGE", message: "Request Too Long"}, id).write(w)
		return
	}
	in := g.newRequest(r, call{route: matched, parameters: parameters, id: id}, unescape(path))
	who, refusal := g.authorize(r, in)
	if refusal != nil {
		g.refuse(*refusal, id).write(w)
		return
	}
	g.integrate(r, in, who, string(body)).write(w)
}

// match finds the resource first and then its method. If a resource lacks the
// method, the request does not go on to a greedy resource.
func (g *restAPI) match(method, path string) (*route, map[string]string) {
	best, _ := find(g.anyMethod(), method, splitFirst(path))
	var ofPath []route
	for _, r := range g.routes {
		if best != nil && pathOf(r.Key) == pathOf(best.Key) {
			ofPath = append(ofPath, r)
		}
	}
	return find(ofPath, method, splitFirst(path))
}

// anyMethod returns the routes as if each accepted every method.
func (g *restAPI) anyMethod() []route {
	var routes []route
	for _, r := range g.routes {
		r.method = ""
		routes = append(routes, r)
	}
	return routes
}

func pathOf(key string) string {
	_, path, _ := strings.Cut(key, " ")
	return path
}

// preflight answers like the OPTIONS methods that SAM makes from Cors, for
// paths without such a method of their own.
func (g *restAPI) preflight(w http.ResponseWriter, r *http.Request, path string) bool {
	cors := g.cfg.API.CORS
	if cors == nil || r.Method != http.MethodOptions {
		return false
	}
	own, _ := g.match(r.Method, path)
	resource, _ := find(g.anyMethod(), r.Method, splitFirst(path))
	if own != nil || resource == nil {
		return false
	}
	h := w.Header()
	setOrigin(h, cors.Origins[0], cors.Credentials)
	setPreflight(h, cors)
	w.WriteHeader(http.StatusOK)
	return true
}

// authorize returns what the function learns about the caller, or why the
// request is refused. Every path that does not prove something ends in a
// refusal.
func (g *restAPI) authorize(r *http.Request, in restRequest) (map[string]any, *fault) {
	if in.route.Auth == template.None {
		return nil, nil
	}
	authorizer := g.cfg.API.Authorizers[in.route.Auth]
	identity, complete := identify(authorizer.Sources, in.value)
	if !complete || authorizer.Pattern != nil && !authorizer.Pattern.MatchString(identity[0]) {
		return nil, &fault{status: http.StatusUnauthorized, kind: "UNAUTHORIZED", message: "Unauthorized"}
	}
	v, err := g.ask(r.Context(), question{in.route.Auth, authorizer, identity, in.authorizerEvent(authorizer, identity)})
	if err != nil && err.Error() == unauthorized {
		return nil, &fault{status: http.StatusUnauthorized, kind: "UNAUTHORIZED", message: "Unauthorized"}
	}
	context, errContext := v.scalars()
	switch {
	case err != nil:
		g.cfg.Log.Error("the authorizer failed", "route", in.route.Key, "error", err)
		return nil, &fault{status: http.StatusInternalServerError, kind: "AUTHORIZER_FAILURE"}
	case errContext != nil:
		g.cfg.Log.Error("the authorizer is not understood", "route", in.route.Key, "error", errContext)
		return nil, &fault{status: http.StatusInternalServerError, kind: "AUTHORIZER_CONFIGURATION_ERROR"}
	case !v.policy.allows(in.arn):
		return nil, &fault{
			status: http.StatusForbidden, kind: "ACCESS_DENIED", context: context,
			message: "User is not authorized to access this resource",
		}
	}
	return context, nil
}

// integrate calls the function behind the route. It is a proxy integration.
func (g *restAPI) integrate(r *http.Request, in restRequest, who map[string]any, body string) response {
	answer, err := g.cfg.Invoke(r.Context(), in.route.Function, in.event(who, body))
	if err == nil {
		var parsed response
		if parsed, err = parseProxyResponse(answer); err == nil {
			return parsed
		}
	}
	g.cfg.Log.Error("the function failed", "function", in.route.Function, "error", err)
	return g.refuse(fault{status: http.StatusBadGateway, kind: "DEFAULT_5XX", message: "Internal server error"}, in.id)
}
