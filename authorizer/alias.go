package authorizer

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Alias is an alias of the authorizer's function. A route of any API chooses by
// the ARN of an alias what it asks for: API Gateway invokes the alias that the
// route names, and Lambda tells the function which one that was. So the choice
// belongs to the route, and nothing in a request can change it.
type Alias string

// The aliases. An invocation without an alias is one by AliasLive.
const (
	AliasLive     Alias = "live"     // a session, which must be live for every method but GET and HEAD
	AliasChecked  Alias = "checked"  // a session, which must be live for every method
	AliasOptional Alias = "optional" // as AliasLive, and a request without a token is anonymous
)

// Rule returns what the alias asks of every route. The error is ErrAlias.
func (a Alias) Rule() (Rule, error) {
	switch a {
	case AliasLive:
		return Rule{}, nil
	case AliasChecked:
		return Rule{Check: Always}, nil
	case AliasOptional:
		return Rule{Session: Optional}, nil
	}
	return Rule{}, fmt.Errorf("%w %q", ErrAlias, a)
}

// invokedAlias reads the invoked ARN,
// arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:ALIAS]. Outside of Lambda
// there is none, and the alias is AliasLive. An ARN of another form gives an
// alias that does not exist.
func invokedAlias(ctx context.Context) Alias {
	invocation, ok := lambdacontext.FromContext(ctx)
	if !ok || invocation.InvokedFunctionArn == "" {
		return AliasLive
	}
	switch part := strings.Split(invocation.InvokedFunctionArn, ":"); len(part) {
	case 7:
		return AliasLive
	case 8:
		return Alias(part[7])
	}
	return ""
}
