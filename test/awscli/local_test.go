//go:build awscli

// Package awscli_test calls the local run with the programs that people use on
// AWS: the AWS CLI, and curl with its signatures. run.sh installs the CLI and
// starts it.
package awscli_test

import (
	"testing"

	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/localrun"
)

const root = "../.."

// local is a running cmd/local with a user who has signed in.
type local struct {
	*localrun.Process
	client.Claims // of Ada's access token
}

// startLocal runs cmd/local until the test ends, and gives Ada a session.
func startLocal(t *testing.T) *local {
	t.Helper()
	l := &local{Process: localrun.Launch(t, localrun.Build(t))}
	token, _ := l.Client(t).Post("/auth/signup", client.Form("ada@example.com", client.Password)).Want(200).Tokens()
	var err error
	if l.Claims, err = client.ClaimsOf(token); err != nil {
		t.Fatal(err)
	}
	return l
}
