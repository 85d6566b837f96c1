package gateway_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/latchkey-auth/latchkey/internal/template"
)

func newSocket(t *testing.T, keys ...string) *world {
	api := template.API{
		ID: "Shop", Kind: template.WebSocket, Stage: "prod", Selection: "action",
		Authorizers: map[string]template.Authorizer{"CUSTOM": {Function: "Auth"}},
	}
	for _, key := range keys {
		route := open(key)
		if key == "$connect" {
			route.Auth = "CUSTOM"
		}
		api.Routes = append(api.Routes, route)
	}
	return newWorld(t, api)
}

// dial opens a WebSocket and checks the status of the handshake.
func (k *world) dial(want int) *websocket.Conn {
	k.t.Helper()
	server := httptest.NewServer(k.gateway())
	k.t.Cleanup(server.Close)
	header := http.Header{"Authorization": {"Bearer x"}}
	socket, answer, err := websocket.Dial(context.Background(), server.URL+"/prod?a=b", &websocket.DialOptions{HTTPHeader: header})
	if answer == nil || answer.StatusCode != want {
		k.t.Fatalf("handshake = %v, %v, want the status %d", answer, err, want)
	}
	return socket
}

// after waits for that many more calls of the function and returns its events.
func (k *world) after(n int) []event {
	for range n {
		<-k.calls
	}
	seen, _ := k.events()
	return seen
}

func write(t *testing.T, socket *websocket.Conn, text string) {
	t.Helper()
	if err := socket.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatalf("write = %v, want nil", err)
	}
}

// A connection's events carry what the authorizer said at the handshake.
func TestSocketEvents(t *testing.T) {
	k := newSocket(t, "$connect", "$default", "$disconnect", "buy")
	socket := k.dial(101)
	write(t, socket, `{"action":"buy"}`)
	write(t, socket, `{"action":"$connect"}`)
	write(t, socket, `no JSON`)
	k.after(4)
	socket.Close(websocket.StatusNormalClosure, "")
	seen := k.after(1)
	_, asked := k.events()
	asked[0].check(t, map[string]any{
		"type": "REQUEST", "version": nil, "methodArn": "arn:aws:execute-api:us-east-1:123456789012:shop/prod/$connect",
		"headers.Authorization": "Bearer x", "multiValueHeaders.Authorization": []string{"Bearer x"}, "queryStringParameters.a": "b",
		"requestContext.eventType": "CONNECT", "requestContext.routeKey": "$connect", "requestContext.apiId": "shop",
	})
	id := seen[0].at("requestContext.connectionId")
	for i, want := range []map[string]any{
		{"requestContext.routeKey": "$connect", "requestContext.eventType": "CONNECT", "headers.Authorization": "Bearer x"},
		{"requestContext.routeKey": "buy", "requestContext.eventType": "MESSAGE", "body": `{"action":"buy"}`, "headers": nil},
		{"requestContext.routeKey": "$default", "requestContext.eventType": "MESSAGE", "body": `{"action":"$connect"}`},
		{"requestContext.routeKey": "$default", "requestContext.eventType": "MESSAGE", "body": "no JSON"},
		{"requestContext.routeKey": "$disconnect", "requestContext.eventType": "DISCONNECT"},
	} {
		want["requestContext.authorizer"] = map[string]string{"principalId": "u", "user": "u"}
		want["requestContext.connectionId"], want["requestContext.stage"] = id, "prod"
		seen[i].check(t, want)
	}
	if len(asked) != 1 {
		t.Errorf("the authorizer was asked %d times, want once", len(asked))
	}
}

func TestSocketHandshakes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		auth  string
		fails error
		back  string
		want  int
	}{
		{"Unauthorized", "", errors.New("Unauthorized"), "", 401},
		{"fails", "", errors.New("no"), "", 500},
		{"denied", decision(statement("Deny", "*")), nil, "", 403},
		{"not allowed", allow("arn:aws:execute-api:us-east-1:123456789012:shop/dev/*"), nil, "", 403},
		{"an object in the context", strings.Replace(allow("*"), `"u"}`, `{}}`, 1), nil, "", 500},
		{"the function refuses", allow("*"), nil, `{"statusCode":401}`, 401},
		{"the function says nothing", allow("*"), nil, `{}`, 500},
		{"connects", allow("*"), nil, `{"statusCode":200}`, 101},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newSocket(t, "$connect")
			k.auth = func() (string, error) { return tt.auth, tt.fails }
			k.back = func() (string, error) { return tt.back, nil }
			if socket := k.dial(tt.want); socket != nil {
				socket.CloseNow()
			}
			if seen, _ := k.events(); len(seen) > 0 != (tt.back != "") {
				t.Errorf("the function was called %d times", len(seen))
			}
		})
	}
	k := newSocket(t, "$connect")
	send(t, k.gateway(), 403, request("GET", "/prod", ""))
	send(t, k.gateway(), 403, request("GET", "/other", "", "Upgrade", "websocket"))
}

// A message is answered if no function takes it or if its function fails.
func TestSocketFaults(t *testing.T) {
	for key, want := range map[string]string{"other": `{"message":"Forbidden",`, "$default": `{"message":"Internal server error",`} {
		k := newSocket(t, key)
		k.back = func() (string, error) { return "", errors.New("no") }
		socket := k.dial(101)
		write(t, socket, "x")
		_, text, err := socket.Read(context.Background())
		if err != nil || !strings.HasPrefix(string(text), want) {
			t.Errorf("answer with the route %s = %s, %v, want %s", key, text, err, want)
		}
		socket.CloseNow()
	}
}
