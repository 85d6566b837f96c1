// Command authorizer is the Lambda authorizer: it decides whether a request to
// API Gateway may pass.
package main

import (
	"github.com/latchkey-auth/latchkey/functions/authorizer/rules"
	"github.com/latchkey-auth/latchkey/internal/setup"
)

func main() { setup.Function{Build: setup.Authorizer(rules.All)}.Start() }
