package backend_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/backend"
)

// signOut ends its caller's session, and its answer clears the frontend.
func signOut(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (out events.APIGatewayV2HTTPResponse, err error) {
	out.StatusCode = http.StatusNoContent
	err = backend.SessionOf(ctx).Revoke(ctx)
	return out, err
}

// upgrade puts a claim into its caller's token; the page's next request has it.
func upgrade(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (out events.APIGatewayV2HTTPResponse, err error) {
	out.StatusCode = http.StatusNoContent
	err = backend.SessionOf(ctx).SetClaim(ctx, "plan", "pro")
	return out, err
}

// signIn starts a session for a user who knows the code that was mailed.
func signIn(latchkey *backend.Client) backend.HTTPHandler {
	return func(
		ctx context.Context, e events.APIGatewayV2HTTPRequest,
	) (out events.APIGatewayV2HTTPResponse, err error) {
		var form struct{ User, Code string }
		if err := json.Unmarshal([]byte(e.Body), &form); err != nil {
			return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusBadRequest}, nil
		}
		user, err := latchkey.User(ctx, "", form.User)
		if err != nil {
			return out, err
		}
		if form.Code != "4711" {
			return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusUnauthorized}, nil
		}
		session, err := latchkey.Start(ctx, user, backend.Start{Mode: backend.ModeHTTP(e)})
		if err != nil {
			return out, err
		}
		out.StatusCode = http.StatusNoContent
		session.Reply().IntoHTTP(&out)
		return out, nil
	}
}

// The main of a Lambda function that ends its caller's session.
func Example_main() {
	latchkey, err := backend.New(backend.Config{URL: os.Getenv("LATCHKEY_URL")})
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(latchkey.Required().HTTP(signOut))
}

// newClient returns a client of the admin API at the URL.
func newClient(url string) *backend.Client {
	latchkey, err := backend.New(backend.Config{URL: url, Region: key().Region, Credentials: credentials(), Now: now})
	if err != nil {
		panic(err) // the URLs here are good
	}
	return latchkey
}

// What the function does with an event.
func Example() {
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("asked:", r.Method, r.URL.Path[:len("/admin/sessions")])
		io.WriteString(w, `{"reply":{"headers":{"front-token":"remove"},"cookies":["sAccessToken=; Path=/"]}}`)
	}))
	defer admin.Close()
	latchkey := newClient(admin.URL)
	answer, err := latchkey.Required().HTTP(signOut)(context.Background(), eventOf(decided("{}")))
	fmt.Println(answer.StatusCode, answer.Headers["Front-Token"], answer.Cookies, err)
	// Output:
	// asked: DELETE /admin/sessions
	// 204 remove [sAccessToken=; Path=/] <nil>
}

// A handler that asks for a claim first, and is refused by FDI's 403.
func ExampleClient_Required() {
	gate := newClient("https://api.example.com").Required(authorizer.Includes("st-role", "admin"))
	answer, err := gate.HTTP(upgrade)(context.Background(), eventOf(decided("{}")))
	fmt.Println(answer.StatusCode, answer.Body[:len(`{"message":"invalid claim","claimValidationErrors"`)], err)
	// Output:
	// 403 {"message":"invalid claim","claimValidationErrors" <nil>
}

// A login of your own: the user is read before the proof of who it is, so that
// a user who is shut out meanwhile gets no session.
func ExampleClient_Start() {
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("asked:", r.Method, r.URL.Path)
		if r.Method == "GET" {
			io.WriteString(w, `{"userId":"u1","tenantId":"public","epoch":"opaque"}`)
			return
		}
		io.WriteString(w, `{"session":{"sessionHandle":"h"},"reply":{"headers":{"st-access-token":"a token"}}}`)
	}))
	defer admin.Close()
	latchkey := newClient(admin.URL)
	event := events.APIGatewayV2HTTPRequest{Body: `{"user":"u1","code":"4711"}`}
	answer, err := signIn(latchkey)(context.Background(), event)
	fmt.Println(answer.StatusCode, answer.Headers["St-Access-Token"], err)
	// Output:
	// asked: GET /admin/users/u1
	// asked: POST /admin/sessions
	// 204 a token <nil>
}

// checkout keeps a step with its caller's session, and makes its user a member.
func checkout(latchkey *backend.Client) backend.HTTPHandler {
	return func(
		ctx context.Context, _ events.APIGatewayV2HTTPRequest,
	) (out events.APIGatewayV2HTTPResponse, err error) {
		session := backend.SessionOf(ctx)
		if _, err := session.PutData(ctx, map[string]int{"step": 2}); err != nil {
			return out, err
		}
		role := map[string]any{"st-role": map[string]any{"v": []string{"member"}, "t": now().UnixMilli()}}
		if _, _, err := latchkey.MergeUserClaims(ctx, session.Tenant(), session.User(), role); err != nil {
			return out, err
		}
		out.StatusCode = http.StatusNoContent
		return out, nil
	}
}

// Data stays with the session, on the server. A role belongs to the user.
func ExampleSession_PutData() {
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("asked:", r.Method, r.URL.Path[:len("/admin/u")])
		w.Header().Set("ETag", `"1"`) // the version that was written
		io.WriteString(w, `{}`)
	}))
	defer admin.Close()
	latchkey := newClient(admin.URL)
	answer, err := latchkey.Required().HTTP(checkout(latchkey))(context.Background(), eventOf(decided("{}")))
	fmt.Println(answer.StatusCode, err)
	// Output:
	// asked: PUT /admin/s
	// asked: PATCH /admin/u
	// 204 <nil>
}
