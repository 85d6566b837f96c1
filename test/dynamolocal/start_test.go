package dynamolocal_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

// engine is the environment variable that makes this test binary an engine,
// for a command docker that runs it; its arguments are written to the file it
// names.
const engine = "LATCHKEY_TEST_ENGINE"

func TestMain(m *testing.M) {
	if file := os.Getenv(engine); file != "" {
		os.WriteFile(file, []byte(strings.Join(os.Args[1:], "\n")), 0o600)
		// docker run … --publish 127.0.0.1:PORT:8000
		address := strings.TrimSuffix(os.Args[4], ":8000")
		os.Stderr.WriteString(http.ListenAndServe(address, http.NotFoundHandler()).Error())
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// commands makes a folder of these commands and sh the only one that commands
// are looked for in, and an empty one the place of caches. The text of a
// command is a shell script.
func commands(t *testing.T, scripts map[string]string) {
	t.Helper()
	folder := t.TempDir()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!"+sh+"\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(sh, filepath.Join(folder, "sh")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv(dynamolocal.Variable, "")
}

// Where nothing can run the engine, the error says what to install.
func TestNothingRunsTheEngine(t *testing.T) {
	for name, scripts := range map[string]map[string]string{
		"no command":                       {},
		"Java without Maven":               {"java": `echo 'openjdk version "17.0.9"' >&2`},
		"Java 11":                          {"java": `echo 'openjdk version "11.0.2" 2019-01-15' >&2`, "mvn": "exit 0"},
		"Java 8":                           {"java": `echo 'java version "1.8.0_361"' >&2`, "mvn": "exit 0"},
		"Java that tells no version":       {"java": "exit 0", "mvn": "exit 0"},
		"Maven without Java":               {"mvn": "exit 0"},
		"Java that fails":                  {"java": "exit 1", "mvn": "exit 0"},
		"Docker whose engine is not there": {"docker": `[ "$1" != info ]`},
	} {
		t.Run(name, func(t *testing.T) {
			commands(t, scripts)
			var log bytes.Buffer
			endpoint, _, err := dynamolocal.Start(t.Context(), &log)
			if err == nil || endpoint != "" {
				t.Fatalf("Start = %q, %v, want an error", endpoint, err)
			}
			for _, want := range []string{"Java 17", "Maven", "Docker", dynamolocal.Variable} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Start = %v, want it to name %s", err, want)
				}
			}
		})
	}
}

// Without Java or Maven, Docker runs the engine's image, reached from this
// machine only, and stop ends it.
func TestDockerRunsTheEngine(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	arguments := filepath.Join(t.TempDir(), "arguments")
	commands(t, map[string]string{
		"docker": `[ "$1" = info ] || ` + engine + `="` + arguments + `" exec "` + self + `" "$@"`,
	})
	endpoint, stop, err := dynamolocal.Start(t.Context(), t.Output())
	if err != nil {
		t.Fatalf("Start = %v, want nil", err)
	}
	defer stop()
	got, err := os.ReadFile(arguments)
	if err != nil {
		t.Fatal(err)
	}
	want := "run --rm --publish " + strings.TrimPrefix(endpoint, "http://") + ":8000 " +
		"amazon/dynamodb-local:" + dynamolocal.Version + " -jar DynamoDBLocal.jar -inMemory -sharedDb -disableTelemetry"
	if words := strings.ReplaceAll(string(got), "\n", " "); words != want || !strings.HasPrefix(endpoint, "http://127.0.0.1:") {
		t.Errorf("docker %s\nwant docker %s", words, want)
	}
	stop()
	if resp, err := http.Get(endpoint); err == nil {
		resp.Body.Close()
		t.Error("the engine answers after stop")
	}
}

// An engine that ends at once is an error that holds what it printed.
func TestEngineThatEnds(t *testing.T) {
	commands(t, map[string]string{"docker": `[ "$1" = info ] || { echo no such image >&2; exit 125; }`})
	_, _, err := dynamolocal.Start(t.Context(), t.Output())
	if err == nil || !strings.Contains(err.Error(), "no such image") {
		t.Errorf("Start = %v, want what the engine printed", err)
	}
}

func TestRunningEngineIsUsed(t *testing.T) {
	commands(t, nil)
	t.Setenv(dynamolocal.Variable, "http://127.0.0.1:1")
	endpoint, stop, err := dynamolocal.Start(t.Context(), t.Output())
	if err != nil || endpoint != "http://127.0.0.1:1" {
		t.Fatalf("Start = %q, %v, want the engine that %s names", endpoint, err, dynamolocal.Variable)
	}
	stop()
}

// Without an engine a test run fails, and no test of it passes for that.
func TestRunFailsWithoutAnEngine(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "run")
	if out, err := exec.Command("go", "build", "-o", binary, "./run").CombinedOutput(); err != nil {
		t.Fatalf("go build = %v\n%s", err, out)
	}
	commands(t, nil)
	out, err := exec.Command(binary, "--", "sh", "-c", "echo it ran").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Maven") || strings.Contains(string(out), "it ran") {
		t.Errorf("run = %v, %s, want a failure that says what to install, and nothing run", err, out)
	}
}
