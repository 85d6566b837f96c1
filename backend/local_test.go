package backend_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/backend"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/localrun"
)

// shop is a backend whose API is that of examples/notes-node, attached to a
// local run. Its function is here.
type shop struct {
	*localrun.Process
	client *backend.Client
	routes map[string]backend.HTTPHandler // by route key
}

func openShop(t *testing.T) *shop {
	t.Helper()
	t.Chdir("../cmd/local") // localrun is for folders two below the root
	s := &shop{}
	function := httptest.NewServer(s)
	t.Cleanup(function.Close)
	s.Process = localrun.Launch(t, localrun.Build(t),
		"-template", "examples/notes-node/template.yaml", "-invoke", "NotesNodeFunction="+function.URL)
	role := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return s.Key, nil })
	c, err := backend.New(backend.Config{URL: s.URL, Region: template.Region, Credentials: role})
	if err != nil {
		t.Fatal(err)
	}
	admins := c.Required(authorizer.Includes("st-role", "admin")).HTTP(whoami)
	s.client = c
	s.routes = map[string]backend.HTTPHandler{
		"GET /notes": c.Required().HTTP(whoami), "POST /notes": c.Required().HTTP(whoami),
		"GET /greeting": c.Optional().HTTP(whoami), "GET /reports": admins, "POST /reports": admins,
		"POST /plan": c.Required().HTTP(upgrade), "POST /leave": c.Required().HTTP(signOut), "POST /guest": signIn(c),
	}
	return s
}

// ServeHTTP is Lambda's Invoke API. An error of the function is no answer.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	event, _ := io.ReadAll(r.Body) // what is missing is no event
	answer, _ := lambda.NewHandler(func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (any, error) {
		return s.routes[e.RouteKey](ctx, e)
	}).Invoke(r.Context(), event)
	w.Write(answer)
}

// whoami answers with the user and the claims.
func whoami(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (out events.APIGatewayV2HTTPResponse, err error) {
	out = events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Body: "a stranger"}
	if s := backend.SessionOf(ctx); s != nil {
		out.Body = s.User() + " " + string(s.Claims())
	}
	return out, nil
}

// What a backend does with sessions, through the built command with everything
// that is deployed in it, for frontends that carry tokens either way.
func TestWithTheLocalRun(t *testing.T) {
	s := openShop(t)
	for _, mode := range []string{"cookie", "header"} {
		t.Run(mode, func(t *testing.T) {
			stranger := s.Client(t)
			stranger.InCookies, stranger.Origin = mode == "cookie", "http://localhost:3000"
			s.page(t, stranger, mode+"@example.com")
			s.ownLogin(t, stranger, "ü/1 % ~"+mode)
		})
	}
	t.Run("calls", s.calls)
}

// at returns the client as it calls the shop.
func (s *shop) at(c client.Client) client.Client { return s.Attached(c, "notesapi") }

// refreshed returns the page with the tokens of a refresh.
func (s *shop) refreshed(page client.Client, refresh string) client.Client {
	if !page.InCookies {
		page.Bearer = refresh
	}
	return page.With(page.Post("/auth/session/refresh", "").Want(200))
}

// page is a user's, from sign-up until the shop ends the session.
func (s *shop) page(t *testing.T, stranger client.Client, email string) {
	s.at(stranger).Get("/greeting").Want(200).Saying("a stranger")
	s.at(stranger).Get("/notes").Want(401)
	signedUp := stranger.Post("/auth/signup", client.Form(email, client.Password)).Want(200)
	page, refresh := stranger.With(signedUp), signedUp.Header.Get("St-Refresh-Token")
	said := string(s.at(page).Get("/greeting").Want(200).Body)
	id, claims, _ := strings.Cut(said, " ")
	if claims != "{}" {
		t.Errorf("a new session has the claims %s, want none", claims)
	}

	// A claim of the session is in the page's next GET.
	planned := s.at(page).Post("/plan", "").Want(204)
	page = page.With(planned)
	s.at(page).Get("/notes").Want(200).Saying(`{"plan":{"t":`)

	// A role of the user is in the next POST, in GETs after a refresh, and gone
	// from POSTs at once.
	role := func(roles ...string) {
		t.Helper()
		claim := map[string]any{"st-role": map[string]any{"v": append([]string{}, roles...), "t": 1700000000000}}
		if _, _, err := s.client.MergeUserClaims(t.Context(), "", id, claim); err != nil {
			t.Fatal(err)
		}
	}
	s.at(page).Post("/reports", "").Want(403)
	role("admin")
	s.at(page).Post("/reports", "").Want(200)
	s.at(page).Get("/reports").Want(403).Saying(`"claimValidationErrors":[{"id":"st-role"`)
	page = s.refreshed(page, refresh)
	s.at(page).Get("/reports").Want(200)
	role()
	s.at(page).Post("/reports", "").Want(403)

	// A session that is over leaves nothing with the page.
	left := s.at(page).Post("/leave", "").Want(204)
	if after := page.With(left); after.Bearer != "" || len(after.Cookies) > 0 || left.Header.Get("Front-Token") != "remove" {
		t.Errorf("the page has %+v left and is told %v, want no tokens", after.Cookies, left.Header)
	}
	s.at(page).Post("/notes", "").Want(401)
	s.at(page).Get("/notes").Want(200) // until the access token ends
}

// ownLogin is of a user whom only the shop knows. A session that it starts is
// like any other.
func (s *shop) ownLogin(t *testing.T, stranger client.Client, id string) {
	s.at(stranger).Post("/guest", `{"user":"`+id+`","code":"1"}`).Want(401)
	started := s.at(stranger).Post("/guest", `{"user":"`+id+`","code":"4711"}`).Want(204)
	page := s.refreshed(stranger.With(started), started.Header.Get("St-Refresh-Token"))
	s.at(page).Post("/notes", "").Want(200).Saying(id + " ")
	if list, err := s.client.List(t.Context(), "", id); err != nil || len(list) != 1 || list[0].User != id {
		t.Errorf("List = %v, %v, want the session", list, err)
	}
	if _, err := s.client.SetDisabled(t.Context(), "", id, true); err != nil {
		t.Fatal(err)
	}
	s.at(page).Post("/notes", "").Want(401)
}

// calls are those that need no page, of the user "..", an id that no path could
// have.
func (s *shop) calls(t *testing.T) {
	c, ctx := s.client, t.Context()
	user, err := c.User(ctx, "", "..")
	if err != nil {
		t.Fatal(err)
	}
	var started []*backend.Session
	for range 2 {
		session, err := c.Start(ctx, user, backend.Start{
			Mode: fdi.Header, Claims: map[string]any{"a": 1}, Data: map[string]any{"cart": "tea"}, Device: "a phone",
		})
		if err != nil {
			t.Fatal(err)
		}
		started = append(started, session)
	}
	kept, other := started[0], started[1]
	found, err := kept.Info(ctx)
	if err != nil || found.Device != "a phone" || string(found.Own) != `{"a":1}` || found.Created.Unix() == 0 {
		t.Errorf("Info = %+v, %v", found, err)
	}
	var data map[string]string
	version, errData := kept.Data(ctx, &data)
	next, errPut := kept.PutData(ctx, map[string]any{"cart": "milk"}, backend.IfVersion(version))
	if err := errors.Join(errData, errPut); err != nil || data["cart"] != "tea" || !slices.Equal([]int64{version, next}, []int64{1, 2}) {
		t.Errorf("Data = %v of version %d, PutData = %d, %v, want tea of 1, 2, nil", data, version, next, err)
	}
	_, errPut = kept.PutData(ctx, map[string]any{}, 1)
	role := map[string]any{"st-role": map[string]any{"v": []string{"admin"}, "t": 1}}
	errOthers := kept.RevokeOthers(ctx)
	_, errInfo := other.Info(ctx)
	_, errStart := c.Start(ctx, user, backend.Start{Mode: fdi.Header})
	for i, test := range []struct{ err, want error }{
		{errPut, backend.ErrConflict}, {kept.MergeClaims(ctx, role), backend.ErrInvalid},
		{errOthers, nil}, {errInfo, backend.ErrOver}, {errStart, backend.ErrEpochChanged},
		{c.RevokeMany(ctx, kept.Handle(), other.Handle()), nil},
		{c.RevokeOthers(ctx, "", "..", kept.Handle()), backend.ErrSessionNotFound},
		{c.RevokeAll(ctx, "nobody", ".."), backend.ErrInvalid},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%d: error is %v, want %v", i, test.err, test.want)
		}
	}
	if list, err := c.List(ctx, "", ".."); err != nil || len(list) > 0 {
		t.Errorf("List = %v, %v, want none", list, err)
	}
}
