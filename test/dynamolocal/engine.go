package dynamolocal

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// pom names the engine for Maven; it lies beside this file for those who keep
// an eye on versions.
//
//go:embed pom.xml
var pom []byte

// flags run the engine in memory, with one set of tables for all callers, and
// without telling Amazon.
func flags() []string { return []string{"-inMemory", "-sharedDb", "-disableTelemetry"} }

// oldestJava is the first version of Java that runs the engine.
const oldestJava = 17

// java reports whether Java and Maven can run the engine. Its native library
// is fetched for 64-bit Intel only.
func java(ctx context.Context) bool {
	return runtime.GOARCH == "amd64" && javaVersion(ctx) >= oldestJava && works(ctx, "mvn", "-v")
}

// javaVersion returns the first number of the version that java tells, as in
// openjdk version "17.0.9", 0 where it tells none. To Java 8 and older that
// number is 1.
func javaVersion(ctx context.Context) int {
	told, err := exec.CommandContext(ctx, "java", "-version").CombinedOutput()
	if err != nil {
		return 0
	}
	_, version, _ := strings.Cut(string(told), `version "`)
	number, _ := strconv.Atoi(version[:max(0, strings.IndexAny(version, `.-+"`))])
	return number
}

func docker(ctx context.Context) bool { return works(ctx, "docker", "info") }

func works(ctx context.Context, command ...string) bool {
	return exec.CommandContext(ctx, command[0], command[1:]...).Run() == nil
}

func javaCommand(library string, port int) []string {
	return append([]string{
		"java", "-Djava.library.path=" + library, "-cp", filepath.Join(library, "*"),
		"software.amazon.dynamodb.services.local.main.ServerRunner", "-port", strconv.Itoa(port),
	}, flags()...)
}

func dockerCommand(port int) []string {
	return append([]string{
		"docker", "run", "--rm", "--publish", fmt.Sprintf("127.0.0.1:%d:8000", port),
		"amazon/dynamodb-local:" + Version, "-jar", "DynamoDBLocal.jar",
	}, flags()...)
}

// fetch returns the folder of the engine, and fetches it if it is not there.
// The folder appears whole or not at all: of processes that fetch at once, one
// puts it in place and the others use that.
func fetch(ctx context.Context, log io.Writer) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("folder for DynamoDB Local: %w", err)
	}
	cache = filepath.Join(cache, "latchkey")
	library := filepath.Join(cache, "dynamodb-local-"+Version)
	if present(library) {
		return library, nil
	}
	fmt.Fprintf(log, "fetching DynamoDB Local %s into %s, once\n", Version, library)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("folder for DynamoDB Local: %w", err)
	}
	// Two Mavens at once may disturb each other in their common repository.
	for try := 1; ; try++ {
		err := fetchInto(ctx, cache, library)
		if present(library) {
			return library, nil
		}
		if try == 2 || ctx.Err() != nil {
			return "", err
		}
	}
}

func present(folder string) bool {
	info, err := os.Stat(folder)
	return err == nil && info.IsDir()
}

// fetchInto fetches into a folder beside the library and renames that.
func fetchInto(ctx context.Context, cache, library string) error {
	work, err := os.MkdirTemp(cache, "fetching-")
	if err != nil {
		return fmt.Errorf("fetching DynamoDB Local: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), pom, 0o644); err != nil {
		return fmt.Errorf("fetching DynamoDB Local: %w", err)
	}
	files := filepath.Join(work, "files")
	mvn := exec.CommandContext(ctx, "mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory="+files)
	mvn.Dir = work
	if out, err := mvn.CombinedOutput(); err != nil {
		return fmt.Errorf("fetching DynamoDB Local: mvn: %w; it printed:\n%s", err, out)
	}
	return os.Rename(files, library)
}
