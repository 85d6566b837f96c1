//go:build dynamodb

package lambda_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/test/client"
)

// client calls the API. It notes the secrets of requests and answers.
func (s *stack) client(t testing.TB) client.Client {
	return client.Client{T: t, URL: s.url, Told: s.secrets.addHeaders}
}

// backend calls the API as a backend does.
func (s *stack) backend(t testing.TB) client.Client {
	c := s.client(t)
	c.Key = aws.Credentials{AccessKeyID: s.key.ID, SecretAccessKey: s.key.Secret}
	return c
}

// signIn returns a client with a new session of the user, and its refresh
// token.
func (s *stack) signIn(t testing.TB, email, password string) (c client.Client, refresh string) {
	t.Helper()
	c = s.client(t)
	c.Bearer, refresh = c.Post("/auth/signin", s.form(email, password)).Want(200).Saying(`"OK"`).Tokens()
	return c, refresh
}

// claims returns the claims of an access token.
func claims(t testing.TB, access string) client.Claims {
	t.Helper()
	c, err := client.ClaimsOf(access)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// form returns the body of sign-up and sign-in. The password is a secret of the
// run.
func (s *stack) form(email, password string) string {
	s.secrets.add(password)
	return client.Form(email, password)
}
