package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
)

// The connect of a WebSocket is judged like a write. An open one stays.
func TestWebSocketWalk(t *testing.T) {
	l := startWith(t, nil, example("websocket-api")...)
	access, _ := l.signUp()
	socket := l.connect(101, "/prod", access)
	l.connect(401, "/prod", "")
	l.connect(401, "/prod", access+"x")
	l.connect(403, "/other", access)
	l.want(200, "POST", "/auth/signout", access, "")
	l.connect(401, "/prod", access)
	if err := socket.Ping(context.Background()); err != nil {
		t.Errorf("the open connection after the revoke: %v, want that it stays", err)
	}
	denied := startWith(t, needsAdmin(), example("websocket-api")...)
	access, _ = denied.signUp()
	denied.connect(403, "/prod", access)
	failing := startWith(t, cannotJudge, example("websocket-api")...)
	failing.connect(500, "/prod", access)
}

// connect opens a WebSocket over a real connection and checks the status of
// the handshake.
func (l *localRun) connect(want int, path, bearer string) *websocket.Conn {
	l.t.Helper()
	server := httptest.NewServer(l.handler)
	l.t.Cleanup(server.Close)
	header := http.Header{}
	if bearer != "" {
		header.Set("Authorization", "Bearer "+bearer)
	}
	socket, answer, err := websocket.Dial(context.Background(), server.URL+path, &websocket.DialOptions{Host: shop, HTTPHeader: header})
	if answer == nil || answer.StatusCode != want {
		l.t.Fatalf("connect to %s = %v, %v, want the status %d", path, answer, err, want)
	}
	if socket == nil {
		return nil
	}
	l.t.Cleanup(func() { socket.CloseNow() })
	socket.CloseRead(context.Background()) // answers of pings are read
	return socket
}
