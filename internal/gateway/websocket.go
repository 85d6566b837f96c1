package gateway

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/coder/websocket"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// socketAPI serves one WebSocket API at the name of its stage. Functions cannot
// send messages here: neither route responses nor @connections are served.
type socketAPI struct {
	*shared
	routes map[string]template.Route // by key
}

func newSocketAPI(s *shared) *socketAPI {
	g := &socketAPI{shared: s, routes: map[string]template.Route{}}
	for _, r := range s.cfg.API.Routes {
		g.routes[r.Key] = r
	}
	return g
}

// ServeHTTP implements http.Handler: it judges a handshake and then passes
// messages on until the connection ends.
func (g *socketAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/"+g.cfg.API.Stage || r.Header.Get("Upgrade") == "" {
		message(http.StatusForbidden).write(w)
		return
	}
	c := g.newConnection(r)
	if refusal := g.connect(r.Context(), c); refusal != 0 {
		message(refusal).write(w)
		return
	}
	// The authorizer checks the origin: API Gateway does not look at it.
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		g.cfg.Log.Warn("the handshake failed", "error", err)
		return
	}
	defer socket.CloseNow()
	socket.SetReadLimit(maxMessage)
	for g.deliver(r.Context(), c, socket) == nil {
	}
	if route, found := g.routes["$disconnect"]; found {
		// No client waits for the answer.
		g.cfg.Invoke(context.WithoutCancel(r.Context()), route.Function, c.event(g, "$disconnect", "DISCONNECT", ""))
	}
}

// connect asks the authorizer of $connect and then its function. It returns the
// status of the refusal, or 0 if there is none.
func (g *socketAPI) connect(ctx context.Context, c *connection) int {
	route, found := g.routes["$connect"]
	if !found {
		return 0 // without a $connect route nobody is asked
	}
	if route.Auth != template.None {
		if refusal := g.authorize(ctx, c, route); refusal != 0 {
			return refusal
		}
	}
	answer, err := g.cfg.Invoke(ctx, route.Function, c.event(g, "$connect", "CONNECT", ""))
	if err == nil {
		var said response
		if said, err = parseProxyResponse(answer); err == nil && said.status >= 300 {
			return said.status
		}
	}
	if err != nil {
		g.cfg.Log.Error("the function failed", "function", route.Function, "error", err)
		return http.StatusInternalServerError
	}
	return 0
}

// authorize notes who connects, or returns the status of the refusal. Answers
// of a WebSocket API's authorizer are never kept.
func (g *socketAPI) authorize(ctx context.Context, c *connection, route template.Route) int {
	v, err := g.ask(ctx, question{name: route.Auth, by: g.cfg.API.Authorizers[route.Auth], event: c.authorizerEvent(g)})
	if err != nil && err.Error() == unauthorized {
		return http.StatusUnauthorized
	}
	if err == nil {
		c.who, err = v.scalars()
	}
	if err != nil {
		g.cfg.Log.Error("the authorizer failed", "route", route.Key, "error", err)
		return http.StatusInternalServerError
	}
	if !v.policy.allows(c.arn) {
		return http.StatusForbidden
	}
	return 0
}

// deliver passes one message on. It returns an error if the connection has
// ended.
func (g *socketAPI) deliver(ctx context.Context, c *connection, socket *websocket.Conn) error {
	_, text, err := socket.Read(ctx)
	if err != nil {
		return err
	}
	fault := "Forbidden"
	if key, found := g.route(text); found {
		_, err = g.cfg.Invoke(ctx, g.routes[key].Function, c.event(g, key, "MESSAGE", string(text)))
		if err == nil {
			return nil
		}
		g.cfg.Log.Error("the function failed", "function", g.routes[key].Function, "error", err)
		fault = "Internal server error"
	}
	return socket.Write(ctx, websocket.MessageText,
		fmt.Appendf(nil, `{"message":%q,"connectionId":%q,"requestId":%q}`, fault, c.id, rand.Text()))
}

// route returns the key of the route that a message names, otherwise $default,
// and whether the API has that route.
func (g *socketAPI) route(text []byte) (key string, found bool) {
	var members map[string]any
	json.Unmarshal(text, &members) // a message that is not an object names no route
	if key, ok := members[g.cfg.API.Selection].(string); ok && key != "$connect" && key != "$disconnect" {
		if _, found := g.routes[key]; found {
			return key, true
		}
	}
	_, found = g.routes["$default"]
	return "$default", found
}
