//go:build dynamodb

package main

import (
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/localrun"
)

// What is in DynamoDB outlives the process: accounts, sessions and the keys
// that sign and open them.
func TestStateOutlivesTheProcess(t *testing.T) {
	binary, endpoint := localrun.Build(t), dynamolocal.Endpoint(t)
	first := launch(t, binary, "-dynamodb", endpoint)
	c := first.Client(t)
	c.InCookies = true
	c.Post("/auth/signup", person) // somebody may have run this before
	c = c.With(c.Post("/auth/signin", person).Want(200).Saying(`"OK"`))
	first.ends()
	launch(t, binary, "-addr", strings.TrimPrefix(first.URL, "http://"), "-dynamodb", endpoint)
	c.Get("/notes").Want(200)
	c.Post("/notes", `{"text":"milk"}`).Want(201)
	c = c.With(c.Post("/auth/session/refresh", "").Want(200))
	c.Post("/notes", `{"text":"milk"}`).Want(201)
	client.Client{T: t, URL: first.URL}.Post("/auth/signin", person).Want(200).Saying(`"OK"`)
}
