package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/latchkey-auth/latchkey/test/localrun"
)

// process is a local run as a process of its own.
type process struct {
	*localrun.Process
	t *testing.T
}

func launch(t *testing.T, binary string, args ...string) process {
	t.Helper()
	return process{localrun.Launch(t, binary, args...), t}
}

// ends interrupts it as Ctrl-C does, which is no error.
func (p process) ends() {
	p.t.Helper()
	if err := p.Interrupt(); err != nil {
		p.t.Errorf("after Ctrl-C it ended with %v, want nil\n%s", err, p.Stderr)
	}
}

// curls returns the printed lines to paste.
func (p process) curls() []string {
	var curls []string
	for _, line := range p.Banner {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "curl ") {
			curls = append(curls, line)
		}
	}
	return curls
}

var statusLine = regexp.MustCompile(`(?m)^HTTP/1\.1 (\d{3})`)

// paste runs one line in a shell and returns the status that curl printed.
func (p process) paste(line string) string {
	p.t.Helper()
	out, err := exec.Command("sh", "-c", line).Output()
	if err != nil {
		p.t.Fatalf("sh -c %q = %v; this test needs sh, sed and curl", line, err)
	}
	if found := statusLine.FindSubmatch(out); found != nil {
		return string(found[1])
	}
	return string(out)
}

// walk pastes every line and checks what came of it. Some lines may stand
// between the sign-in and the first read.
func (p process) walk(between ...string) {
	p.t.Helper()
	want := append([]string{
		"200", // sign up
		"200", // sign in
	}, between...)
	want = append(want,
		"200", // read
		"201", // write
		"200", // refresh
		"201", // write with the new token
		"200", // revoke, signed
		"401", // write
		"401", // refresh
		"200", // read, until the access token ends
	)
	var got []string
	for _, line := range p.curls() {
		got = append(got, p.paste(line))
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("the printed lines answered %v, want %v\n%s", got, want, p.Stderr)
	}
}

// jar returns the file in which the printed lines keep cookies.
func (p process) jar() string {
	for _, word := range strings.Fields(p.curls()[0]) {
		if strings.HasSuffix(word, ".cookies") {
			return word
		}
	}
	p.t.Fatal("the first line names no file for cookies")
	return ""
}

func TestPrintedLinesWalkThePath(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	p := launch(t, localrun.Build(t))
	if !strings.HasPrefix(p.URL, "http://127.0.0.1:") || strings.HasSuffix(p.URL, ":0") {
		t.Errorf("it serves on %q, want a port of this machine", p.URL)
	}
	p.walk()
	jar := p.jar()
	if info, err := os.Stat(filepath.Dir(jar)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder of the cookies: %v, %v, want that nobody else may read it", info, err)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("while it runs %v, %v is in the temporary directory, want nothing that a kill would leave", left, err)
	}
	p.ends()
	if _, err := os.Stat(jar); !os.IsNotExist(err) {
		t.Errorf("the file of the cookies is there after the end: %v", err)
	}
	if _, err := http.Get(p.URL + "/auth/jwt/jwks.json"); err == nil {
		t.Error("it answers after Ctrl-C, want that it does not")
	}
}

// Where an address must be verified, the printed lines verify it.
func TestPrintedLinesVerifyTheAddress(t *testing.T) {
	p := launch(t, localrun.Build(t), "-set", "EmailVerification=required")
	p.walk(
		"200", // ask for a mail
		"200", // use its link
	)
}

// The tables tell where the APIs are and how each route is protected.
func TestPrintedTables(t *testing.T) {
	for file, want := range map[string][]string{
		"": {
			`Latchkey on http://127\.0\.0\.1:8787`, `POST +/auth/signin +open`, `GET +/notes +session, by its token alone`,
			`POST +/notes +session, checked in the store`, `GET +/greeting +session, optional`,
			`GET +/reports +session, by its token alone, with a rule on claims`,
			`GET +/auth/sessions +session, checked in the store`, `DELETE +/admin/sessions/\{handle\} +AWS_IAM`,
		},
		"http-api": {
			`ShopApi is on http://shopapi\.localhost:8787`, `GET +/me +session, by its token alone`,
			`POST +/me +session, checked in the store`,
		},
		"aliases":  {`GET +/me +session, checked in the store`, `GET +/welcome +session, optional`},
		"rest-api": {`ShopApi is on http://shopapi\.localhost:8787/prod`, `POST +/me +session, checked in the store`},
		"websocket-api": {
			`ShopApi is on ws://shopapi\.localhost:8787/prod`, `\$connect +session, checked in the store`,
			`\$default +everybody who is connected`,
		},
		"hybrid":        {`GET +/me +token, by API Gateway's own authorizer`, `POST +/me +session, checked in the store`},
		"custom-domain": {`ShopApi is on http://127\.0\.0\.1:8787/shop`},
	} {
		args := example(file)
		if file == "" {
			args = []string{"-template", "../../template.yaml"}
		}
		w := worldOf(t, new(localRun), nil, args...)
		var out strings.Builder
		banner{url: w.url, stack: w.stack, attached: w.attached}.print(&out)
		for _, line := range want {
			if !regexp.MustCompile(`(?m)^ *` + line + `$`).MatchString(out.String()) {
				t.Errorf("%s: printed\n%s\nwant a line %s", file, out.String(), line)
			}
		}
	}
}

// Ctrl-C reaches everything in the terminal: make must not call that an error.
func TestCtrlCUnderMake(t *testing.T) {
	run := exec.Command("make", "--no-print-directory", "run", "ARGS=-addr 127.0.0.1:0")
	run.Dir = "../.."
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := run.StdoutPipe()
	must(t, err)
	var stderr bytes.Buffer
	run.Stderr = &stderr
	if err := run.Start(); err != nil {
		t.Fatalf("make = %v; this test needs make", err)
	}
	t.Cleanup(func() { syscall.Kill(-run.Process.Pid, syscall.SIGKILL) })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "That GET is refused too") {
	}
	must(t, syscall.Kill(-run.Process.Pid, syscall.SIGINT))
	run.Wait()
	if strings.Contains(stderr.String(), "make: ***") {
		t.Errorf("after Ctrl-C make run printed %s, want no error of make's", stderr.String())
	}
}
