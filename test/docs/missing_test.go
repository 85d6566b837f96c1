package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tools is the command of each package in the line to install of docs/development.md.
var tools = map[string]string{
	"openjdk-17-jre-headless": "java",
	"maven":                   "mvn",
	"nodejs":                  "node",
	"npm":                     "npm",
	"chromium":                "chromium",
	"python3-venv":            "python3",
	"curl":                    "curl",
	"docker.io":               "dockerd",
	"iptables":                "iptables",
}

// Where something that docs/development.md says make test needs is missing, make test names
// it and fails. That no Docker engine answers but one can be started needs root.
func TestMissingToolsFailTheRun(t *testing.T) {
	line := regexp.MustCompile(`(?m)^apt-get install (.*)$`).FindStringSubmatch(read(t, "docs/development.md"))
	if line == nil {
		t.Fatal("docs/development.md has no line apt-get install")
	}
	named := append(strings.Fields(line[1]), "")
	if len(named) != len(tools)+1 {
		t.Errorf("the page names %v, want %d packages", named, len(tools))
	}
	for _, absent := range named {
		if _, known := tools[absent]; !known && absent != "" {
			t.Errorf("the page names %s, whose commands are not known here", absent)
		}
		out, err := exec.Command("env", "-i", "PATH="+without(t, absent), "bash", filepath.Join(root, "test/run.sh")).CombinedOutput()
		if absent == "" {
			if strings.Contains(string(out), "NOT RUN") && os.Geteuid() == 0 {
				t.Errorf("with everything there, run.sh runs not every part\n%s", out)
			}
			continue
		}
		if err == nil || !regexp.MustCompile(`NOT RUN, .*Debian: .*`+regexp.QuoteMeta(absent)).Match(out) {
			t.Errorf("without %s, run.sh = %v, want a failure that names it\n%s", absent, err, out)
		}
	}
}

// without returns a folder of commands that do nothing, but those of a package.
func without(t *testing.T, absent string) string {
	t.Helper()
	folder := t.TempDir()
	for _, real := range []string{"bash", "dirname"} {
		path, err := exec.LookPath(real)
		must(t, err)
		must(t, os.Symlink(path, filepath.Join(folder, real)))
	}
	stubs := map[string]string{"make": "exit 0", "docker": "exit 1"}
	for name, command := range tools {
		if name != absent {
			stubs[command] = "exit 0"
		}
	}
	for name, script := range stubs {
		must(t, os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700))
	}
	return folder
}
