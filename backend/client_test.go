package backend_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/backend"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

const info = `{"sessionHandle":"H","userId":"u1","recipeUserId":"r1","tenantId":"public","device":"a phone",
	"timeCreated":1000,"timeRefreshed":2000,"expiry":3000,"customClaimsInAccessTokenPayload":{"plan":{"v":"pro","t":1}},
	"sessionClaims":{"a":1},"claimsVersion":4,"userClaimsVersion":5}`

const user = `{"userId":"u1","tenantId":"acme","epoch":"E","disabled":true,"claimsVersion":3,
	"account":{"emails":["a@b.c"],"verified":true,"timeJoined":1000,"hasPassword":true,
	"thirdParty":[{"id":"google","userId":"g1"}]}}`

// called is a call of a client: what it returns, and its error.
type called func(context.Context, *backend.Client) (any, error)

// callTest is a call, what it must send, and what it makes of the answer.
type callTest struct {
	name   string
	do     called
	want   string
	answer string
	got    string // what is returned, as JSON
}

func sessionCalls() []callTest {
	h := "/admin/sessions/" + handle()
	return []callTest{
		{"find", func(ctx context.Context, c *backend.Client) (any, error) {
			return c.Find(ctx, handle())
		}, "GET " + h, info, `{"Handle":"H","User":"u1","RecipeUser":"r1","Tenant":"public","Device":"a phone",` +
			`"Created":"1970-01-01T00:00:01Z","Refreshed":"1970-01-01T00:00:02Z","Expires":"1970-01-01T00:00:03Z",` +
			`"Claims":{"plan":{"v":"pro","t":1}},"Own":{"a":1},"Version":4,"OfUser":5}`},
		{"revoke", func(ctx context.Context, c *backend.Client) (any, error) {
			reply, err := c.Revoke(ctx, handle())
			return headersOf(reply), err
		}, "DELETE " + h, `{"status":"OK","reply":{"headers":{"front-token":"remove"},"cookies":["a=b; Path=/"]}}`,
			`{"Front-Token":["remove"],"Set-Cookie":["a=b; Path=/"]}`},
		{"revoke many", func(ctx context.Context, c *backend.Client) (any, error) {
			return nil, c.RevokeMany(ctx, handle(), another())
		}, `POST /admin/sessions/revoke {"handles":["` + handle() + `","` + another() + `"]}`,
			`{"status":"OK"}`, `null`},
		{"data", func(ctx context.Context, c *backend.Client) (any, error) {
			var data struct{ Cart []string }
			version, err := c.Data(ctx, handle(), &data)
			return []any{data, version}, err
		}, "GET " + h + "/data", `{"Cart":["tea"]}`, `[{"Cart":["tea"]},7]`},
		{"put data", func(ctx context.Context, c *backend.Client) (any, error) {
			return c.PutData(ctx, handle(), map[string]any{"a": 1}, backend.IfVersion(0))
		}, `PUT ` + h + `/data "0" {"a":1}`, `{"status":"OK"}`, `7`},
		{"merge claims", func(ctx context.Context, c *backend.Client) (any, error) {
			own, version, err := c.MergeClaims(ctx, handle(), map[string]any{"a": nil}, 3)
			return []any{own, version}, err
		}, `PATCH ` + h + `/claims "3" {"a":null}`, `{"b":2}`, `[{"b":2},7]`},
		{"token", func(ctx context.Context, c *backend.Client) (any, error) {
			i, reply, err := c.Token(ctx, handle(), fdi.Header)
			return []any{i.User, headersOf(reply)}, err
		}, `POST ` + h + `/token {"mode":"header"}`,
			`{"session":` + info + `,"reply":{"headers":{"st-access-token":"A"},"cookies":[]}}`,
			`["u1",{"St-Access-Token":["A"]}]`},
	}
}

func userCalls() []callTest {
	return []callTest{
		{"revoke all", func(ctx context.Context, c *backend.Client) (any, error) {
			return nil, c.RevokeAll(ctx, "", "u1")
		}, "DELETE /admin/users/u1/sessions", `{"status":"OK"}`, `null`},
		{"revoke others", func(ctx context.Context, c *backend.Client) (any, error) {
			return nil, c.RevokeOthers(ctx, "acme", "u1", handle())
		}, "DELETE /admin/users/u1/sessions?except=" + handle() + "&tenantId=acme", `{"status":"OK"}`, `null`},
		{"list", func(ctx context.Context, c *backend.Client) (any, error) {
			list, err := c.List(ctx, "acme", "ü/1")
			return len(list), err
		}, "GET /admin/users/~w7wvMQ/sessions?tenantId=acme", `{"sessions":[` + info + `,` + info + `]}`, `2`},
		{"user", func(ctx context.Context, c *backend.Client) (any, error) {
			return c.User(ctx, "acme", "a|b:c@d-e_f.g")
		}, "GET /admin/users/a%7Cb:c@d-e_f.g?tenantId=acme", user,
			`{"userId":"u1","tenantId":"acme","epoch":"E","disabled":true,"claimsVersion":3,` +
				`"account":{"Emails":["a@b.c"],"Verified":true,"Joined":"1970-01-01T00:00:01Z","HasPassword":true,` +
				`"ThirdParty":[{"id":"google","userId":"g1"}]}}`},
		{"disable", func(ctx context.Context, c *backend.Client) (any, error) {
			u, err := c.SetDisabled(ctx, "", "u1", true)
			return u.Disabled, err
		}, `PATCH /admin/users/u1 {"disabled":true}`, user, `true`},
		{"claims", func(ctx context.Context, c *backend.Client) (any, error) {
			claims, version, err := c.UserClaims(ctx, "", "u1")
			return []any{claims, version}, err
		}, "GET /admin/users/u1/claims", `{"a":1}`, `[{"a":1},7]`},
		{"merge claims", func(ctx context.Context, c *backend.Client) (any, error) {
			claims, version, err := c.MergeUserClaims(ctx, "", "u1", map[string]any{"a": 1}, 6)
			return []any{claims, version}, err
		}, `PATCH /admin/users/u1/claims "6" {"a":1}`, `{"a":1}`, `[{"a":1},7]`},
		{"users", func(ctx context.Context, c *backend.Client) (any, error) {
			page, next, err := c.Users(ctx, "acme", "C", 10)
			return []any{page, next}, err
		}, "GET /admin/users?cursor=C&limit=10&tenantId=acme",
			`{"users":[{"userId":"u1","tenantId":"acme","email":"a@b.c","timeJoined":1000}],"next":"D"}`,
			`[[{"ID":"u1","Tenant":"acme","Email":"a@b.c","Joined":"1970-01-01T00:00:01Z"}],"D"]`},
		{"user by address", func(ctx context.Context, c *backend.Client) (any, error) {
			u, err := c.UserByEmail(ctx, "", "a+b@c.d")
			return u.ID, err
		}, "GET /admin/users?email=a%2Bb%40c.d", `{"users":[` + user + `]}`, `"u1"`},
		{"user by nobody's address", func(ctx context.Context, c *backend.Client) (any, error) {
			_, err := c.UserByEmail(ctx, "", "a@b.c")
			return errors.Is(err, backend.ErrUserNotFound), nil
		}, "GET /admin/users?email=a%40b.c", `{"users":[]}`, `true`},
		{"add", func(ctx context.Context, c *backend.Client) (any, error) {
			u, err := c.AddUser(ctx, "acme", backend.NewUser{
				ID: "u1", Email: "a@b.c", PasswordHash: "$2b$", Verified: true, Joined: time.UnixMilli(1), Claims: map[string]any{"a": 1},
			})
			return u.ID, err
		}, `POST /admin/users?tenantId=acme {"userId":"u1","email":"a@b.c","passwordHash":"$2b$","verified":true,"timeJoined":1,"claims":{"a":1}}`, user, `"u1"`},
		{"add an address", func(ctx context.Context, c *backend.Client) (any, error) {
			_, err := c.AddUser(ctx, "", backend.NewUser{Email: "a@b.c"})
			return nil, err
		}, `POST /admin/users {"email":"a@b.c"}`, user, `null`},
		{"change", func(ctx context.Context, c *backend.Client) (any, error) {
			no := false
			_, err := c.ChangeUser(ctx, "", "u1", backend.UserChange{Email: "b@c.d", Disabled: &no})
			return nil, err
		}, `PATCH /admin/users/u1 {"disabled":false,"email":"b@c.d"}`, user, `null`},
		{"delete", func(ctx context.Context, c *backend.Client) (any, error) {
			return nil, c.DeleteUser(ctx, "acme", "u1")
		}, "DELETE /admin/users/u1?tenantId=acme", `{"status":"OK"}`, `null`},
		{"start", func(ctx context.Context, c *backend.Client) (any, error) {
			s, err := c.Start(ctx, backend.User{ID: "u1", Tenant: "acme", Epoch: "E"}, backend.Start{
				Mode: fdi.Cookie, RecipeUser: "r1", IssuedAt: time.UnixMilli(1), Claims: map[string]any{"a": 1},
				Data: map[string]any{}, Device: "d", Replaces: handle(),
			})
			if err != nil {
				return nil, err
			}
			return []any{s.Handle(), s.User(), s.RecipeUser(), s.Tenant(), s.Claims(), headersOf(s.Reply())}, nil
		}, `POST /admin/sessions {"userId":"u1","tenantId":"acme","recipeUserId":"r1","mode":"cookie","epoch":"E",` +
			`"issuedAt":1,"claims":{"a":1},"data":{},"device":"d","replaces":"` + handle() + `"}`,
			`{"session":` + info + `,"reply":{"headers":{"front-token":"F"},"cookies":["c"]}}`,
			`["H","u1","r1","public",{"plan":{"v":"pro","t":1}},{"Front-Token":["F"],"Set-Cookie":["c"]}]`},
	}
}

// Every call is sent as the admin API wants it, signed, and what is answered is
// what the caller gets.
func TestCalls(t *testing.T) {
	for of, tests := range map[string][]callTest{"session": sessionCalls(), "user": userCalls()} {
		for _, test := range tests {
			t.Run(of+"/"+test.name, func(t *testing.T) {
				a := newAdmin(t)
				a.says = func(string) (int, string, string) { return 200, `"7"`, test.answer }
				got, err := test.do(t.Context(), a.client())
				if err != nil || text(got) != test.got {
					t.Errorf("got %s, %v, want %s", text(got), err, test.got)
				}
				if len(a.asked) != 1 || a.asked[0] != test.want {
					t.Errorf("asked %q, want %q", a.asked, test.want)
				}
			})
		}
	}
}

func headersOf(r backend.Reply) http.Header {
	h := http.Header{}
	r.Into(h)
	return h
}

// The error of a call says what kind it is, regardless of who refused: the admin API by
// its code, or API Gateway, which has none.
func TestErrors(t *testing.T) {
	tests := []struct {
		status int
		body   string
		want   error
	}{
		{400, `{"code":"invalid","detail":"userId"}`, backend.ErrInvalid},
		{403, `{"code":"forbidden"}`, backend.ErrForbidden},
		{403, `{"message":"Forbidden"}`, backend.ErrForbidden},
		{404, `{"code":"session_not_found"}`, backend.ErrSessionNotFound},
		{404, `{"code":"user_not_found"}`, backend.ErrUserNotFound},
		{404, `{"message":"Not Found"}`, backend.ErrInternal},
		{404, `{"code":"no_such_route"}`, backend.ErrInternal},
		{409, `{"code":"epoch_changed"}`, backend.ErrEpochChanged},
		{409, `{"code":"issued_before_revoke"}`, backend.ErrIssuedBeforeRevoke},
		{409, `{"code":"user_disabled"}`, backend.ErrUserDisabled},
		{409, `{"code":"email_taken","userId":"u2"}`, backend.ErrEmailTaken},
		{409, `{"code":"user_exists","userId":"u2"}`, backend.ErrUserExists},
		{412, `{"code":"version_conflict"}`, backend.ErrConflict},
		{413, `{"code":"too_large"}`, backend.ErrTooLarge},
		{413, `{"message":"Request Entity Too Large"}`, backend.ErrTooLarge},
		{429, `{"message":"Too Many Requests"}`, backend.ErrUnavailable},
		{500, `{"code":"internal"}`, backend.ErrInternal},
		{500, `{"message":"Internal Server Error"}`, backend.ErrInternal},
		{503, `{"code":"unavailable"}`, backend.ErrUnavailable},
		{503, `not JSON`, backend.ErrUnavailable},
		{307, ``, backend.ErrInternal},
		{200, `not JSON`, backend.ErrInternal},
	}
	all := map[error]bool{}
	for _, test := range tests {
		all[test.want] = true
	}
	for _, test := range tests {
		a := newAdmin(t)
		a.says = func(string) (int, string, string) { return test.status, "", test.body }
		_, err := a.client().Find(t.Context(), handle())
		var typed *backend.Error
		if !errors.As(err, &typed) || typed.Status != test.status {
			t.Errorf("%d %s: error is %v, want one of that status", test.status, test.body, err)
		}
		for kind := range all {
			if got := errors.Is(err, kind); got != (kind == test.want) {
				t.Errorf("%d %s: is %q: %v", test.status, test.body, kind, got)
			}
		}
	}
}

// An error of a user who is to be added says which members were refused, or
// who is there.
func TestErrorsOfAdding(t *testing.T) {
	a := newAdmin(t)
	add := func(status int, body string) *backend.Error {
		a.says = func(string) (int, string, string) { return status, "", body }
		_, err := a.client().AddUser(t.Context(), "", backend.NewUser{Email: "a@b.c"})
		var typed *backend.Error
		if !errors.As(err, &typed) {
			t.Fatalf("%s = %v", body, err)
		}
		return typed
	}
	refused := add(400, `{"code":"invalid","detail":"bad","fields":[{"id":"email","error":"Email is invalid"}]}`)
	if len(refused.Fields) != 1 || refused.Error() != "backend: 400 invalid: bad; email: Email is invalid" {
		t.Errorf("refused = %v, with the fields %v", refused, refused.Fields)
	}
	if taken := add(409, `{"code":"email_taken","userId":"u2"}`); taken.UserID != "u2" {
		t.Errorf("taken by %q, want u2", taken.UserID)
	}
}

// An answer that does not say its version is no answer to a call that returns
// one: 0 would be the version before the first write.
func TestAnswerWithoutVersion(t *testing.T) {
	a := newAdmin(t)
	a.says = func(string) (int, string, string) { return 200, "", "{}" }
	if _, err := a.client().Data(t.Context(), handle(), new(json.RawMessage)); !errors.Is(err, backend.ErrInternal) {
		t.Errorf("Data = %v, want ErrInternal", err)
	}
}

// What would reach another route, or never be answered well, is not sent.
func TestNotSent(t *testing.T) {
	a := newAdmin(t)
	c, ctx := a.client(), t.Context()
	_, find := c.Find(ctx, "../users/u1")
	_, user := c.User(ctx, "", "")
	_, utf8 := c.User(ctx, "", "\xff")
	_, epoch := c.Start(ctx, backend.User{ID: "u1"}, backend.Start{Mode: fdi.Cookie})
	_, mode := c.Start(ctx, backend.User{ID: "u1", Epoch: "E"}, backend.Start{})
	_, _, token := c.Token(ctx, handle(), fdi.None)
	for i, test := range []struct{ err, want error }{
		{find, backend.ErrSessionNotFound}, {user, backend.ErrInvalid}, {utf8, backend.ErrInvalid},
		{epoch, backend.ErrInvalid}, {mode, backend.ErrMode}, {token, backend.ErrMode},
		{c.RevokeMany(ctx, handle(), "x"), backend.ErrSessionNotFound},
		{c.RevokeOthers(ctx, "", "u1", "x&tenantId=acme"), backend.ErrSessionNotFound},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%d: error is %v, want %v", i, test.err, test.want)
		}
	}
	if len(a.asked) > 0 {
		t.Errorf("asked %q, want nothing", a.asked)
	}
}

// One call ends at most 100 sessions, so more are several calls.
func TestRevokeManyMore(t *testing.T) {
	a := newAdmin(t)
	many := make([]string, 101)
	for i := range many {
		many[i] = handle()
	}
	if err := a.client().RevokeMany(t.Context(), many...); err != nil || len(a.asked) != 2 {
		t.Errorf("RevokeMany = %v in %d calls, want nil in 2", err, len(a.asked))
	}
}

// A connection that ended while nobody looked costs nothing: the call is sent
// again, unless that would be more than to send it once.
func TestLostConnection(t *testing.T) {
	tests := []struct {
		name string
		do   func(context.Context, *backend.Client) error
		want error
	}{
		{"revoke", func(ctx context.Context, c *backend.Client) error {
			_, err := c.Revoke(ctx, handle())
			return err
		}, nil},
		{"merge", func(ctx context.Context, c *backend.Client) error {
			_, _, err := c.MergeUserClaims(ctx, "", "u1", map[string]any{"a": 1})
			return err
		}, nil},
		{"merge by version", func(ctx context.Context, c *backend.Client) error {
			_, _, err := c.MergeUserClaims(ctx, "", "u1", map[string]any{"a": 1}, 2)
			return err
		}, backend.ErrUnavailable},
		{"start", func(ctx context.Context, c *backend.Client) error {
			_, err := c.Start(ctx, backend.User{ID: "u1", Epoch: "E"}, backend.Start{Mode: fdi.Cookie})
			return err
		}, backend.ErrUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAdmin(t)
			calls := 0
			a.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if calls++; calls == 2 {
					panic(http.ErrAbortHandler) // ends the connection without an answer
				}
				a.ServeHTTP(w, r)
			})
			c := a.client()
			if _, err := c.Find(t.Context(), handle()); err != nil {
				t.Fatal(err)
			}
			if err := test.do(t.Context(), c); !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
		})
	}
}

// Nobody who hangs is waited for longer than the caller's context says, and the
// error says so without the path.
func TestHangs(t *testing.T) {
	held := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-held }))
	defer server.Close()
	defer close(held)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	_, err := newClient(server.URL).User(ctx, "", "a-user")
	why := errors.Is(err, backend.ErrUnavailable) && errors.Is(err, context.DeadlineExceeded)
	if !why || strings.Contains(err.Error(), "a-user") {
		t.Errorf("User = %v, want ErrUnavailable for the deadline, without the user", err)
	}
}

func TestCredentials(t *testing.T) {
	broken := errors.New("no role")
	none := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, broken
	})
	c, err := backend.New(backend.Config{URL: "https://api.example.com", Region: "eu-central-1", Credentials: none})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Find(t.Context(), handle()); !errors.Is(err, broken) {
		t.Errorf("Find = %v, want the provider's error", err)
	}
}

// By default a call is signed by the environment's credentials, their session's
// token too, for the region that the URL names.
func TestEnvironment(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDLAMBDA")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	t.Setenv("AWS_SESSION_TOKEN", "a token")
	t.Setenv("AWS_REGION", "eu-west-1")
	for url, region := range map[string]string{
		"https://abc123.execute-api.ap-south-1.amazonaws.com/": "ap-south-1",
		"https://api.example.com/session":                      "eu-west-1",
	} {
		var sent *http.Request
		keep := roundTripper(func(r *http.Request) (*http.Response, error) { sent = r; return nil, errors.New("kept") })
		c, err := backend.New(backend.Config{URL: url, HTTP: &http.Client{Transport: keep}})
		if err != nil {
			t.Fatal(err)
		}
		c.Find(t.Context(), handle())
		a, scope := sent.Header.Get("Authorization"), "/"+region+"/execute-api/aws4_request"
		if !strings.Contains(a, "Credential=AKIDLAMBDA/") || !strings.Contains(a, scope) {
			t.Errorf("%s: Authorization = %s, want %s", url, a, scope)
		}
		if got := sent.Header.Get("X-Amz-Security-Token"); got != "a token" {
			t.Errorf("%s: security token = %q", url, got)
		}
		if want := strings.TrimSuffix(url, "/") + "/admin/sessions/" + handle(); sent.URL.String() != want {
			t.Errorf("sent to %s, want %s", sent.URL, want)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNewRefuses(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	for _, cfg := range []backend.Config{
		{}, {URL: "://"}, {URL: "api.example.com", Region: "r"}, {URL: "http://api.example.com", Region: "r"},
		{URL: "http://127.0.0.1.example.com", Region: "r"}, {URL: "https://", Region: "r"},
		{URL: "https://u:p@a.b", Region: "r"}, {URL: "https://a.b?c", Region: "r"},
		{URL: "https://a.b#c", Region: "r"}, {URL: "https://api.example.com"},
	} {
		if c, err := backend.New(cfg); err == nil || c != nil {
			t.Errorf("New(%q, %q) = %v, want an error", cfg.URL, cfg.Region, c)
		}
	}
}

// Redirects are not followed: the body would go to whom nobody named.
func TestRedirect(t *testing.T) {
	a := newAdmin(t)
	from := httptest.NewServer(http.RedirectHandler(a.URL+"/admin/sessions/"+handle(), http.StatusTemporaryRedirect))
	defer from.Close()
	_, err := newClient(from.URL).Find(t.Context(), handle())
	if !errors.Is(err, backend.ErrInternal) || len(a.asked) > 0 {
		t.Errorf("Find = %v, asked %q, want an error and nothing", err, a.asked)
	}
}

// Neither credentials nor tokens are printed.
func TestPrintsNoSecrets(t *testing.T) {
	a := newAdmin(t)
	a.says = func(string) (int, string, string) {
		const secret = `{"headers":{"st-access-token":"TOPSECRET"},"cookies":["TOPSECRET"]}`
		return 200, "", `{"session":` + info + `,"reply":` + secret + `}`
	}
	c := a.client()
	s, err := c.Start(t.Context(), backend.User{ID: "u1", Epoch: "E"}, backend.Start{Mode: fdi.Header})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		printed := fmt.Sprintf(verb+verb+verb+verb, c, s, s.Reply(), []any{s})
		if strings.Contains(printed, "TOPSECRET") || strings.Contains(printed, key().Secret) {
			t.Errorf("%s prints %s", verb, printed)
		}
	}
}
