package authorizer_test

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/authorizer/authorizertest"
)

// reports answers administrators only. It asserts by itself that the authorizer
// decided about the request, and what the claims must be.
func reports(e events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPResponse {
	caller, err := authorizer.CallerFrom(e)
	if err != nil {
		return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusUnauthorized}
	}
	err = caller.Require(authorizer.Includes("st-role", "admin"))
	if missing := (*authorizer.ClaimsError)(nil); errors.As(err, &missing) {
		return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusForbidden, Body: string(missing.Body())}
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Body: "the reports of " + caller.Tenant}
}

// A backend that asks who calls, and for a role.
func ExampleCallerFrom() {
	var event events.APIGatewayV2HTTPRequest // from Lambda
	event.RequestContext.HTTP.Method = "GET"

	ada := authorizertest.Caller("ada")
	ada.Claims = []byte(`{"st-role":{"v":["admin"],"t":1700000000000}}`)
	fmt.Println(reports(authorizertest.Allowed(event, ada)).Body)
	fmt.Println(reports(authorizertest.Allowed(event, authorizertest.Caller("bob"))).StatusCode)
	fmt.Println(reports(event).StatusCode)
	// Output:
	// the reports of public
	// 403
	// 401
}

// A route that strangers may use as well.
func ExampleOptionalCallerFrom() {
	greet := func(e events.APIGatewayProxyRequest) string {
		caller, signedIn, err := authorizer.OptionalCallerFrom(e)
		switch {
		case err != nil:
			return "401"
		case !signedIn:
			return "Hello, stranger"
		}
		return "Hello, " + caller.User
	}
	event := events.APIGatewayProxyRequest{HTTPMethod: http.MethodGet}
	event.RequestContext.HTTPMethod = http.MethodGet
	fmt.Println(greet(authorizertest.Allowed(event, authorizertest.Caller("ada"))))
	fmt.Println(greet(authorizertest.Anonymous(event)))
	fmt.Println(greet(event))
	// Output:
	// Hello, ada
	// Hello, stranger
	// 401
}

// An http.Handler behind an adapter that puts the event into the context.
func ExampleWithEvent() {
	var event events.APIGatewayV2HTTPRequest
	event.RequestContext.HTTP.Method = "GET"
	event = authorizertest.Allowed(event, authorizertest.Caller("ada"))

	r, err := http.NewRequest(http.MethodGet, "https://api.example.com/notes", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r = r.WithContext(authorizer.WithEvent(r.Context(), event)) // the adapter's part
	caller, err := authorizer.CallerFrom(r)
	fmt.Println(caller.User, err)
	// Output: ada <nil>
}
