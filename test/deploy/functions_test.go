//go:build deploy

package deploy_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// functions are those of the stack with their memory in MB and their time in
// seconds. One that sends no mails has no function for that.
func functions(s stack) map[string][2]int {
	all := map[string][2]int{
		"AuthorizerFunction": {256, 5}, "RefreshFunction": {256, 5}, "RevokeFunction": {256, 15}, "ImpersonateFunction": {256, 15},
		"SignUpFunction": {1769, 5}, "SignInFunction": {1769, 5}, "LoginsFunction": {256, 15},
		"DataFunction": {256, 5}, "JwksFunction": {256, 5}, "RotateKeysFunction": {256, 30}, "NotesFunction": {256, 5},
	}
	if s.sendsMails() {
		all["MailFunction"] = [2]int{256, 15}
	}
	return all
}

// sendsMails reports whether the stack was deployed with MailFrom.
func (s stack) sendsMails() bool { return s.name == "latchkey" }

func testFunctions(t *testing.T, s stack) {
	if _, found := s.resources["MailFunction"]; found != s.sendsMails() {
		t.Errorf("there is a mail function: %t, want %t", found, s.sendsMails())
	}
	for name, want := range functions(s) {
		t.Run(name, func(t *testing.T) {
			var f struct {
				Runtime, Handler    string
				MemorySize, Timeout int
				CodeSize            int64
				Environment         struct{ Variables map[string]any }
			}
			s.aws(t, &f, "lambda", "get-function-configuration", "--function-name", s.id(t, name))
			if f.Runtime != "provided.al2023" || f.Handler != "bootstrap" || f.CodeSize == 0 {
				t.Errorf("%s %s with %d bytes of code, want provided.al2023 bootstrap and some", f.Runtime, f.Handler, f.CodeSize)
			}
			if f.MemorySize != want[0] || f.Timeout != want[1] {
				t.Errorf("%d MB for %d s, want %d MB for %d s", f.MemorySize, f.Timeout, want[0], want[1])
			}
			for _, variable := range []string{"DYNAMODB_ENDPOINT", "KMS_ENDPOINT", "SES_ENDPOINT", "LAMBDA_ENDPOINT", "PUBLIC_KEYS"} {
				if value, there := f.Environment.Variables[variable]; there && value != "" {
					t.Errorf("%s is %v, want it empty when deployed", variable, value)
				}
			}
		})
	}
	t.Run("alias", func(t *testing.T) {
		var alias struct{ FunctionVersion string }
		s.aws(t, &alias, "lambda", "get-alias", "--function-name", s.id(t, "AuthorizerFunction"), "--name", "live")
		if alias.FunctionVersion != "1" {
			t.Errorf("the alias live is version %q, want 1", alias.FunctionVersion)
		}
	})
}

// A cold start fetches the archive, so the authorizer's has a bound.
func TestArchiveOfTheAuthorizer(t *testing.T) {
	const bound = 4_000_000
	for name := range functions(stack{name: "latchkey"}) {
		size := archived(t, filepath.Join(os.Getenv(variableBuild), name, "bootstrap"))
		t.Logf("%s: %d bytes", name, size)
		if name == "AuthorizerFunction" && size > bound {
			t.Errorf("the archive of %s has %d bytes, want at most %d", name, size, bound)
		}
	}
}

// archived returns the size of a zip archive with nothing but the file.
func archived(t *testing.T, file string) int {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.DefaultCompression)
	})
	entry, err := w.Create("bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Len()
}
