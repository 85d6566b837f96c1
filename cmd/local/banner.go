package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/functions/authorizer/rules"
	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// banner is what is printed when the API is served.
type banner struct {
	url      string
	stack    *template.Stack
	attached *template.Stack // nil if there is none
	store    string          // "" means in memory
	key      sigv4.Key
	jar      string // file for curl's cookies
}

func (b banner) print(w io.Writer) {
	fmt.Fprintf(w, "Latchkey on %s\n", b.url)
	fmt.Fprintf(w, "Open it in a browser to try it there.\n")
	store := "memory, and gone when this stops"
	if b.store != "" {
		store = "the DynamoDB at " + b.store
	}
	fmt.Fprintf(w, "Everything is kept in %s. Ctrl-C stops it.\n\n", store)
	b.routes(w)
	b.attach(w)
	fmt.Fprintf(w, "\nThe access key for AWS_IAM is %s, its secret %s.\n", b.key.ID, b.key.Secret)
	fmt.Fprintf(w, "Its Region is %s.\n", b.key.Region)
	fmt.Fprintf(w, "Lambda's Invoke API is served here too: aws lambda invoke --endpoint-url %s …\n", b.url)
	fmt.Fprintf(w, "\nPaste these into another terminal, one after another:\n")
	for _, step := range b.walk() {
		fmt.Fprintf(w, "\n%s\n  %s\n", step.what, step.line)
	}
	fmt.Fprintln(
		w, "\nThat GET is refused too when the access token ends: start with -set AccessTokenSeconds=20 to see it.",
	)
}

// routes prints the table of routes.
func (b banner) routes(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	byRoute := map[string]authorizer.Rule{}
	for _, rule := range rules.Rules(false) {
		byRoute[rule.Route] = rule
	}
	for _, route := range b.stack.APIs[0].Routes {
		method, path, found := strings.Cut(route.Key, " ")
		if !found {
			method, path = "", route.Key
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", method, path, protection(route, method, byRoute[route.Key]))
	}
	table.Flush()
}

// protection says in words what a route asks for.
func protection(route template.Route, method string, rule authorizer.Rule) string {
	switch route.Auth {
	case template.None:
		return "open"
	case template.IAM:
		return "AWS_IAM"
	}
	words := "session, checked in the store"
	if (method == "GET" || method == "HEAD") && rule.Check == authorizer.Default {
		words = "session, by its token alone"
	}
	if rule.Session == authorizer.Optional {
		words = "session, optional"
	}
	if len(rule.Claims) > 0 {
		words += ", with a rule on claims"
	}
	return words
}

// step is one line to paste, with what happens.
type step struct{ what, line string }

const (
	isJSON = ` -H 'content-type: application/json' -d `
	rid    = ` -H 'rid: session'`
)

// walk returns the steps from sign-up to revocation. Each line works by itself;
// they share the cookies.
func (b banner) walk() []step {
	const (
		person = `'{"formFields":[{"id":"email","value":"ada@example.com"},` +
			`{"id":"password","value":"nine tall birches by the river"}]}'`
		note = `'{"text":"buy milk"}'`
		mode = ` -H 'st-auth-mode: cookie'`
	)
	get := "curl -i -b " + b.jar + " " + b.url + "/notes"
	post := get + rid + isJSON + note
	refresh := "curl -i -b " + b.jar + " -X POST " + b.url + "/auth/session/refresh" + rid
	// The handle of the session that the cookies belong to.
	handle := "$(curl -s -b " + b.jar + " " + b.url + "/auth/sessions" + rid +
		` | sed 's/.*"handle":"\([^"]*\)"[^}]*"current":true.*/\1/')`
	signed := []step{
		{
			"Sign up, and be signed in: 200",
			"curl -i -c " + b.jar + " " + b.url + "/auth/signup" + mode + isJSON + person,
		},
		{
			"Sign in: 200",
			"curl -i -b " + b.jar + " -c " + b.jar + " " + b.url + "/auth/signin" + mode + isJSON + person,
		},
	}
	return slices.Concat(signed, b.verification(), []step{
		{"Read, by the token alone: 200", get},
		{"Write, checked in the store: 201", post},
		{"Refresh the session: 200", refresh + " -c " + b.jar},
		{"Write with the new token: 201", post},
		{"Revoke the session, as a backend does: 200", "curl -i -X DELETE " + b.url + "/admin/sessions/" + handle +
			" --aws-sigv4 aws:amz:" + b.key.Region + ":execute-api --user " + b.key.ID + ":" + b.key.Secret},
		{"Write, refused at once: 401", post},
		{"Refresh, refused: 401", refresh},
		{"Read, until the access token ends: 200", get},
	})
}

// verification returns the steps that verify the address, which are needed only
// where every other step answers 403 without.
func (b banner) verification() []step {
	i := slices.IndexFunc(b.stack.Functions, func(f template.Function) bool { return f.ID == "SignInFunction" })
	if i < 0 || b.stack.Functions[i].Environment["EMAIL_VERIFICATION"] != "required" {
		return nil
	}
	token := "$(curl -s " + b.url + `/_local/mails | sed 's/.*verify-email?token=\([A-Za-z0-9_-]*\).*/\1/')`
	verify := b.url + "/auth/user/email/verify"
	return []step{
		{
			"Ask for the mail that verifies the address: 200",
			"curl -i -b " + b.jar + " -X POST " + verify + "/token" + rid,
		},
		{
			"Verify it by the link of that mail: 200",
			"curl -i -b " + b.jar + " -c " + b.jar + " " + verify + rid + isJSON +
				`'{"method":"token","token":"'` + token + `'"}'`,
		},
	}
}
