// Command notes is the backend of examples/notes-node in Go, by package
// backend. It serves Lambda's Invoke API on a loopback port, for the flag
// -invoke of the local run.
//
//	notes PORT
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/backend"
	"github.com/latchkey-auth/latchkey/examples/notes/handler"
)

type (
	request  = events.APIGatewayV2HTTPRequest
	response = events.APIGatewayV2HTTPResponse
)

func main() {
	latchkey, err := backend.New(backend.Config{URL: os.Getenv("LATCHKEY_URL")})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", os.Args[1]))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Serving on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, invoked(routed(latchkey))))
}

// invoked serves a function as Lambda does: an event comes in by POST, the
// answer goes out.
func invoked(function backend.HTTPHandler) http.Handler {
	of := lambda.NewHandler(function)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, err := io.ReadAll(r.Body)
		if err == nil {
			event, err = of.Invoke(r.Context(), event)
		}
		if err != nil {
			log.Print(err)
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			event, _ = json.Marshal(map[string]string{"errorMessage": err.Error(), "errorType": "error"})
		}
		w.Write(event)
	})
}

// routed answers by the route that API Gateway matched. The notes are those of
// examples/notes.
func routed(latchkey *backend.Client) backend.HTTPHandler {
	admins := latchkey.Required(authorizer.Includes("st-role", "admin"))
	notes := handler.New(authorizer.Backend{}).Handle
	routes := map[string]backend.HTTPHandler{
		"GET /notes":    latchkey.Required().HTTP(notes),
		"POST /notes":   latchkey.Required().HTTP(notes),
		"GET /greeting": latchkey.Optional().HTTP(greet),
		"GET /reports":  admins.HTTP(reports),
		"POST /reports": admins.HTTP(reports),
		"GET /plan":     latchkey.Required().HTTP(tellPlan),
		"POST /plan":    latchkey.Required().HTTP(plan),
		"POST /leave":   latchkey.Required().HTTP(leave),
		"POST /guest":   guest(latchkey),
	}
	return func(ctx context.Context, e request) (response, error) {
		if route, found := routes[e.RouteKey]; found {
			return route(ctx, e)
		}
		return answer(http.StatusNotFound, map[string]any{"message": "no such route"})
	}
}

func greet(ctx context.Context, _ request) (response, error) {
	name := "stranger"
	if session := backend.SessionOf(ctx); session != nil {
		name = session.User()
	}
	return answer(http.StatusOK, map[string]any{"message": "Hello, " + name})
}

func reports(context.Context, request) (response, error) {
	return answer(http.StatusOK, map[string]any{"reports": []string{}})
}

func tellPlan(ctx context.Context, _ request) (response, error) {
	var claims struct {
		Plan any `json:"plan"`
	}
	if err := json.Unmarshal(backend.SessionOf(ctx).Claims(), &claims); err != nil {
		return response{}, err
	}
	return answer(http.StatusOK, map[string]any{"plan": claims.Plan})
}

func plan(ctx context.Context, e request) (response, error) {
	if err := backend.SessionOf(ctx).SetClaim(ctx, "plan", "pro"); err != nil {
		return response{}, err
	}
	return tellPlan(ctx, e)
}

func leave(ctx context.Context, _ request) (response, error) {
	if err := backend.SessionOf(ctx).Revoke(ctx); err != nil {
		return response{}, err
	}
	return answer(http.StatusOK, map[string]any{"status": "OK"})
}

// guest is a login of the backend's own; here everybody is somebody new.
func guest(latchkey *backend.Client) backend.HTTPHandler {
	return func(ctx context.Context, e request) (response, error) {
		user, err := latchkey.User(ctx, "", "guest:"+rand.Text())
		if err != nil {
			return response{}, err
		}
		claims := map[string]any{"guest": map[string]any{"v": true, "t": time.Now().UnixMilli()}}
		session, err := latchkey.Start(ctx, user, backend.Start{Mode: backend.ModeHTTP(e), Claims: claims})
		if err != nil {
			return response{}, err
		}
		out, err := answer(http.StatusCreated, map[string]any{"user": session.User()})
		session.Reply().IntoHTTP(&out)
		return out, err
	}
}

func answer(status int, body map[string]any) (response, error) {
	text, err := json.Marshal(body)
	headers := map[string]string{"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}
	return response{StatusCode: status, Headers: headers, Body: string(text)}, err
}
