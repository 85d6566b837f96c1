//go:build dynamodb

package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/latchkey-auth/latchkey/internal/template"
)

var (
	// errUnknown means that a request was not acknowledged: it may have had
	// its effect or not.
	errUnknown = errors.New("answered with 5xx")
	// errKilled means the same, and that there is no process any more.
	errKilled = errors.New("killed")
)

// client calls one life of the API.
type client struct {
	life *life
	http *http.Client
	// patience is how often a request that was answered with 5xx is sent
	// again: the engine may be slow.
	patience int
}

// client returns one that calls from that address: attempts are counted by
// source.
func (l *life) client(source net.IP) *client {
	dialer := &net.Dialer{}
	if runtime.GOOS == "linux" { // where all of 127.0.0.0/8 is this machine
		dialer.LocalAddr = &net.TCPAddr{IP: source}
	}
	return &client{life: l, http: &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}, patience: 10}
}

// answer is an answer that arrived whole, with a status below 500.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// get reads with a token of the user's.
func (c *client) get(path, bearer string) (answer, error) { return c.as(bearer, "GET", path, "") }

// post calls with a token of the user's, or none.
func (c *client) post(path, bearer, body string) (answer, error) {
	return c.as(bearer, "POST", path, body)
}

func (c *client) as(bearer, method, path, body string) (answer, error) {
	return c.do(method, path, body, func(r *http.Request) error {
		if bearer != "" {
			r.Header.Set("Authorization", "Bearer "+bearer)
		}
		return nil
	})
}

// admin calls as a backend does, signed.
func (c *client) admin(method, path, body string) (answer, error) {
	return c.do(method, path, body, func(r *http.Request) error {
		digest := sha256.Sum256([]byte(body))
		return v4.NewSigner().SignHTTP(context.Background(), c.life.key, r, hex.EncodeToString(digest[:]), "execute-api", template.Region, time.Now())
	})
}

func (c *client) do(method, path, body string, dress func(*http.Request) error) (answer, error) {
	for try := 0; ; try++ {
		a, err := c.once(method, path, body, dress)
		if !errors.Is(err, errUnknown) || try >= c.patience {
			return a, err
		}
	}
}

func (c *client) once(method, path, body string, dress func(*http.Request) error) (answer, error) {
	r, err := http.NewRequest(method, c.life.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("St-Auth-Mode", "header")
	if err := dress(r); err != nil {
		return answer{}, err
	}
	response, err := c.http.Do(r)
	if err != nil {
		return answer{}, c.broken(method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, c.broken(method, path, err)
	}
	if response.StatusCode >= 500 {
		return answer{}, fmt.Errorf("%s %s: %w: %d %s", method, path, errUnknown, response.StatusCode, text)
	}
	c.life.db.acknowledge(method + " " + path)
	return answer{response.StatusCode, response.Header, text}, nil
}

// broken says what a connection that broke means.
func (c *client) broken(method, path string, err error) error {
	if c.life.db.hasKilled() {
		return errKilled
	}
	return fmt.Errorf("%s %s: %w, though nobody killed the process", method, path, err)
}

// want returns an error unless the answer has the status.
func (a answer) want(status int, call string) error {
	if a.status != status {
		return fmt.Errorf("%s = %d %s, want %d", call, a.status, a.body, status)
	}
	return nil
}

// handleOf returns the handle of the session that an access token is of.
func handleOf(access string) (string, error) {
	parts := strings.Split(access, ".")
	if len(parts) != 3 {
		return "", errors.New("the answer has no access token")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", err
	}
	var claims struct{ SessionHandle string }
	if err := json.Unmarshal(text, &claims); err != nil || claims.SessionHandle == "" {
		return "", errors.New("the access token names no session")
	}
	return claims.SessionHandle, nil
}
