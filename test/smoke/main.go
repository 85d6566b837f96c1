// Command smoke walks the path of a user against a deployed stack: sign up,
// sign in, GET, POST, refresh, sign out, and see the next POST refused. On the
// way it asserts what only the live API Gateway can show, and says of each
// fact that does not hold what that means.
//
//	make smoke API=https://….execute-api.eu-central-1.amazonaws.com
//
// ORIGIN is one or more of the stack's AllowedOrigins, http://localhost:3000 if
// it is not given. The walk is by the first; of each it is asked whether API
// Gateway lets its pages call, which AWS does not say of the schemes of apps,
// such as capacitor://localhost. With SMOKE_EMAIL and SMOKE_PASSWORD in the environment it signs
// that user in; without, it signs up one that nobody knows the password of.
// It uses the example routes of template.yaml, /notes, /greeting and /reports.
//
// It exits with 1 if a fact does not hold, and with 2 if it cannot begin. It
// ends the sessions that it began. It prints no token and no password.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Stdout, os.Args[1:], os.Getenv))
}

// run does what the command does, and returns its exit status.
func run(ctx context.Context, out io.Writer, args []string, getenv func(string) string) int {
	flags := flag.NewFlagSet("smoke", flag.ContinueOnError)
	flags.SetOutput(out)
	api := flags.String("api", "", "the `URL` of the API: the stack's output ApiUrl")
	origin := flags.String("origin", "http://localhost:3000", "one or more of the stack's AllowedOrigins, separated by commas")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	who, err := newAccount(getenv("SMOKE_EMAIL"), getenv("SMOKE_PASSWORD"))
	if err == nil {
		err = checkURL(*api)
	}
	if err != nil {
		fmt.Fprintln(out, "smoke:", err)
		return 2
	}
	origins := strings.Split(*origin, ",")
	w := &walk{api: strings.TrimSuffix(*api, "/"), origin: origins[0], origins: origins, account: who, client: newClient(), out: out}
	if !w.run(ctx) {
		return 1
	}
	return 0
}

// checkURL refuses to send a password in the clear, but to this machine.
func checkURL(api string) error {
	u, err := url.Parse(api)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("say where the API is: make smoke API=https://…")
	}
	addr, _ := netip.ParseAddr(u.Hostname()) // a name is no address
	if u.Scheme == "http" && u.Hostname() != "localhost" && !addr.IsLoopback() {
		return errors.New("the API must be https")
	}
	return nil
}

// account is who signs in.
type account struct {
	email, password string
	known           bool // else it is signed up first
}

// newAccount makes up an account if none is given.
func newAccount(email, password string) (account, error) {
	switch {
	case email != "" && password != "":
		return account{email, password, true}, nil
	case email != "" || password != "":
		return account{}, errors.New("give both SMOKE_EMAIL and SMOKE_PASSWORD, or neither")
	}
	// The longest password that a stack may ask for has 64 characters.
	return account{"smoke-" + strings.ToLower(rand.Text()) + "@example.com", rand.Text() + rand.Text() + rand.Text(), false}, nil
}
