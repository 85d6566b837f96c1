package backend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/backend"
	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
	"github.com/latchkey-auth/latchkey/internal/gateway"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/localrun"
)

// page is an origin that the local run allows.
const page = "http://localhost:3000"

// shop is a backend of another stack: an HTTP API that attaches the authorizer
// of a local run by its aliases, and calls the admin API there.
type shop struct {
	url      string
	latchkey *localrun.Process
	client   *backend.Client
	routes   map[string]backend.HTTPHandler // by route key
}

// openShop starts the built command and the shop. A key of routes is a route
// key and the alias that it names.
func openShop(t *testing.T, routes func(*backend.Client) map[string]backend.HTTPHandler) *shop {
	t.Helper()
	t.Chdir("../cmd/local") // localrun is for folders two below the root
	s := &shop{latchkey: localrun.Launch(t, localrun.Build(t))}
	var err error
	role := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return s.latchkey.Key, nil })
	s.client, err = backend.New(backend.Config{URL: s.latchkey.URL, Region: template.Region, Credentials: role})
	if err != nil {
		t.Fatal(err)
	}
	s.routes = map[string]backend.HTTPHandler{}
	api := template.API{ID: "Shop", Stage: "$default", Authorizers: map[string]template.Authorizer{}}
	for named, handler := range routes(s.client) {
		key, alias, _ := strings.Cut(named, " by ")
		s.routes[key] = handler
		if alias == "" {
			alias = template.None
		} else {
			api.Authorizers[alias] = template.Authorizer{Function: "AuthorizerFunction:" + alias}
		}
		api.Routes = append(api.Routes, template.Route{Key: key, Function: key, Auth: alias})
	}
	log := slog.New(slog.DiscardHandler)
	entrance, err := gateway.New(gateway.Config{API: api, APIID: "shop", Invoke: s.invoke, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(entrance)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// invoke runs a function of the shop, or the authorizer where it is.
func (s *shop) invoke(ctx context.Context, name string, event []byte) ([]byte, error) {
	if handler, own := s.routes[name]; own {
		return lambda.NewHandler(handler).Invoke(ctx, event)
	}
	url := s.latchkey.URL + "/2015-03-31/functions/" + name + "/invocations"
	answer, err := http.Post(url, "application/json", bytes.NewReader(event))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.Header.Get("X-Amz-Function-Error") != "" {
		failed := &invoke.Error{}
		if err = json.Unmarshal(body, failed); err == nil {
			err = failed
		}
	}
	return body, err
}

// frontend is a page in the given mode. It keeps of every answer what FDI says.
type frontend struct {
	t                      *testing.T
	shop                   *shop
	mode                   string
	http                   http.Client
	access, refresh, front string // "" if there is none
}

func (s *shop) frontend(t *testing.T, mode string) *frontend {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &frontend{t: t, shop: s, mode: mode, http: http.Client{Jar: jar}}
}

// want asks the shop, or Latchkey under /auth, and asserts the status.
func (f *frontend) want(status int, method, path, body string) string {
	f.t.Helper()
	url, bearer := f.shop.url, f.access
	if strings.HasPrefix(path, "/auth/") {
		url = f.shop.latchkey.URL
	}
	if path == "/auth/session/refresh" {
		bearer = f.refresh
	}
	r, err := http.NewRequestWithContext(f.t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Rid": "anti-csrf", "St-Auth-Mode": f.mode, "Origin": page,
	} {
		r.Header.Set(name, value)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	answer, err := f.http.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		f.t.Fatalf("%s %s = %d %s, %v, want %d", method, path, answer.StatusCode, text, err, status)
	}
	f.keep(answer.Header)
	return string(text)
}

func (f *frontend) keep(h http.Header) {
	for name, kept := range map[string]*string{
		"St-Access-Token": &f.access, "St-Refresh-Token": &f.refresh, "Front-Token": &f.front,
	} {
		if _, told := h[name]; told {
			*kept = strings.TrimSuffix(h.Get(name), "remove")
		}
	}
}

// signUp makes a new user, who is signed in then, and returns the id.
func (f *frontend) signUp(email string) (id string) {
	f.t.Helper()
	return f.signedIn("/auth/signup", email)
}

func (f *frontend) signedIn(path, email string) (id string) {
	f.t.Helper()
	var body struct {
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	text := f.want(200, "POST", path, client.Form(email, client.Password))
	if json.Unmarshal([]byte(text), &body) != nil || body.User.ID == "" || f.front == "" {
		f.t.Fatalf("%s = %s, want a user and tokens", path, text)
	}
	return body.User.ID
}

// tokens returns how many tokens the frontend holds.
func (f *frontend) tokens() (n int) {
	r, err := http.NewRequest("POST", f.shop.latchkey.URL+"/auth/session/refresh", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	n = len(f.http.Jar.Cookies(r.URL))
	for _, kept := range []string{f.access, f.refresh, f.front} {
		if kept != "" {
			n++
		}
	}
	return n
}

// whoami answers with the user and the claims.
func whoami(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	s := backend.SessionOf(ctx)
	if s == nil {
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "a stranger"}, nil
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: s.User() + " " + string(s.Claims())}, nil
}
