//go:build sam

package sam_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cli is SAM CLI, set up by run.sh.
type cli struct {
	binary    string
	flags     []string
	template  string
	variables string // file for --env-vars
}

// newCLI returns the CLI that run.sh has set up. The functions get the
// variables that env names for them, or for all as "Parameters"; SAM passes on
// those that the template declares.
func newCLI(t *testing.T, env map[string]map[string]string) cli {
	t.Helper()
	file := filepath.Join(t.TempDir(), "variables.json")
	if err := os.WriteFile(file, []byte(text(env)), 0o600); err != nil {
		t.Fatal(err)
	}
	return cli{
		binary:    os.Getenv(variableSAM),
		flags:     strings.Fields(os.Getenv(variableFlags)),
		template:  os.Getenv(variableTemplate),
		variables: file,
	}
}

// local is the command `sam local NAME ARGS`.
func (c cli) local(ctx context.Context, name string, args ...string) *exec.Cmd {
	all := append([]string{"local", name}, args...)
	all = append(all, "--template", c.template, "--env-vars", c.variables)
	command := exec.CommandContext(ctx, c.binary, append(all, c.flags...)...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 30 * time.Second
	return command
}

// invoke gives the event to the function in a container of its own and returns
// what it answered, an error of the function being an answer too.
func (c cli) invoke(t *testing.T, function string, event []byte) []byte {
	t.Helper()
	for try := 1; ; try++ {
		var answer, log bytes.Buffer
		command := c.local(t.Context(), "invoke", function, "--event", "-")
		command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(event), &answer, &log
		err := command.Run()
		if err == nil {
			return bytes.TrimSpace(answer.Bytes())
		}
		// SAM picks a port at random and uses it later, when it may be another's.
		if try == 3 || !strings.Contains(log.String(), "port is already allocated") {
			t.Fatalf("sam local invoke %s: %v\n%s", function, err, log.String())
		}
	}
}

// startAPI serves the template's API until the test ends and returns its
// address.
func (c cli) startAPI(t *testing.T) (url string) {
	t.Helper()
	port := freePort(t)
	var log bytes.Buffer
	command := c.local(context.Background(), "start-api", "--port", port, "--warm-containers", "LAZY")
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { command.Wait(); close(ended) }()
	t.Cleanup(func() {
		command.Process.Signal(os.Interrupt)
		<-ended
		if t.Failed() {
			t.Log(log.String())
		}
	})
	awaitPort(t, "127.0.0.1:"+port, ended)
	return "http://127.0.0.1:" + port
}

// awaitPort waits until something listens at the address.
func awaitPort(t *testing.T, address string, ended <-chan struct{}) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 600 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatal("sam local start-api ended at its start")
		case <-tick.C:
		}
	}
	t.Fatalf("sam local start-api does not listen on %s after a minute", address)
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
