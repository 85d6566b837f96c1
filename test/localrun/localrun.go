// Package localrun runs cmd/local as a separate process. It is for tests in
// folders two levels below the root.
package localrun

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/test/client"
)

// Process is a local run.
type Process struct {
	URL    string
	Key    aws.Credentials // gives access to the admin routes
	Banner []string        // the lines that it printed before it served
	Stderr *bytes.Buffer
	Cmd    *exec.Cmd

	t testing.TB
}

// Build builds the command once for a test, and returns its path.
func Build(t testing.TB) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "local")
	build := exec.Command("go", "build", "-o", binary, "./cmd/local")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build = %v\n%s", err, out)
	}
	return binary
}

// Command returns a run of the binary in the root of the repository, on a port
// of its own.
func Command(binary string, args ...string) *exec.Cmd {
	cmd := exec.Command(binary, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	cmd.Dir = "../.."
	return cmd
}

// keyLine matches the line with the key for the admin routes.
var keyLine = regexp.MustCompile(`^The access key for AWS_IAM is (\S+), its secret (\S+)\.$`)

// Launch starts the binary and returns when it has printed everything. The
// process is killed at the end of the test.
func Launch(t testing.TB, binary string, args ...string) *Process {
	t.Helper()
	p := &Process{t: t, Cmd: Command(binary, args...), Stderr: new(bytes.Buffer)}
	p.Cmd.Stderr = p.Stderr
	stdout, err := p.Cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Cmd.Process.Kill() })
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		line := lines.Text()
		p.Banner = append(p.Banner, line)
		if found := keyLine.FindStringSubmatch(line); found != nil {
			p.Key = aws.Credentials{AccessKeyID: found[1], SecretAccessKey: found[2]}
		}
		if strings.HasPrefix(line, "That GET is refused too") { // the last one
			p.URL = strings.TrimPrefix(p.Banner[0], "Latchkey on ")
			return p
		}
	}
	p.Cmd.Wait()
	t.Fatalf("it ended before it served: %s", p.Stderr)
	return nil
}

// Interrupt sends the signal of Ctrl-C and returns how the process ended.
func (p *Process) Interrupt() error {
	p.t.Helper()
	if err := p.Cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	return p.Cmd.Wait()
}

// Attached returns a client that calls an API attached to the process, with the
// tokens of another client. The API is named by its logical id in small letters.
func (p *Process) Attached(c client.Client, api string) client.Client {
	host := strings.TrimPrefix(p.URL, "http://")
	_, port, _ := strings.Cut(host, ":")
	c.URL = "http://" + api + ".localhost:" + port
	// Not every resolver knows the names below localhost.
	c.HTTP = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, host)
		},
	}}
	return c
}

// Client returns a client without a session that calls the process.
func (p *Process) Client(t testing.TB) client.Client { return client.Client{T: t, URL: p.URL} }
