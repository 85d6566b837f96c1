//go:build awscli

// Package awscli_test calls the local run with the programs that people use on
// AWS: the AWS CLI, curl with its signatures, and the signer of the SDK.
// run.sh installs the CLI and starts it.
package awscli_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const root = "../.."

// local is a running cmd/local with a user who has signed in.
type local struct {
	url    string
	key    aws.Credentials // admits to the admin routes
	token  string          // Ada's access token
	user   string          // her id
	handle string          // of her session
}

// startLocal runs cmd/local until the test ends.
func startLocal(t *testing.T) *local {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "local")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/local")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	command := exec.Command(binary, "-addr", "127.0.0.1:0")
	var log strings.Builder
	command.Dir, command.Stderr = root, &log
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Signal(os.Interrupt)
		command.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	l := readBanner(t, out)
	l.signIn(t)
	return l
}

// readBanner reads where the local run is, and its key. What follows is read
// too, so that the process never waits for a reader.
func readBanner(t *testing.T, out io.Reader) *local {
	t.Helper()
	l := &local{}
	url := regexp.MustCompile(`^Latchkey on (http://\S+)$`)
	key := regexp.MustCompile(`^The access key for AWS_IAM is (\S+), its secret (\S+)\.$`)
	lines := bufio.NewScanner(out)
	for l.key.AccessKeyID == "" && lines.Scan() {
		if m := url.FindStringSubmatch(lines.Text()); m != nil {
			l.url = m[1]
		}
		if m := key.FindStringSubmatch(lines.Text()); m != nil {
			l.key = aws.Credentials{AccessKeyID: m[1], SecretAccessKey: m[2]}
		}
	}
	if l.url == "" || l.key.AccessKeyID == "" {
		t.Fatal("the local run printed no address or no access key")
	}
	go io.Copy(io.Discard, out)
	return l
}

// signIn gives Ada an account and a session.
func (l *local) signIn(t *testing.T) {
	t.Helper()
	const form = `{"formFields":[{"id":"email","value":"ada@example.com"},{"id":"password","value":"nine tall birches by the river"}]}`
	r, err := http.NewRequestWithContext(t.Context(), "POST", l.url+"/auth/signup", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("St-Auth-Mode", "header")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	l.token = response.Header.Get("St-Access-Token")
	parts := strings.Split(l.token, ".")
	if len(parts) != 3 {
		t.Fatalf("POST /auth/signup = %s without an access token", response.Status)
	}
	var claims struct {
		User   string `json:"sub"`
		Handle string `json:"sessionHandle"`
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		t.Fatal("the access token cannot be read")
	}
	l.user, l.handle = claims.User, claims.Handle
}
