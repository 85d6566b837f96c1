package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// folder is a package as go list tells of it.
type folder struct {
	Dir, ImportPath, Name              string
	GoFiles, TestGoFiles, XTestGoFiles []string
	Export                             string // the file with what the compiler tells of it
}

// short is the path of the package in the module.
func (f folder) short() string {
	_, short, _ := strings.Cut(f.ImportPath, "latchkey/")
	return short
}

// list returns the packages that the arguments of go list name.
func list(ctx context.Context, args ...string) ([]folder, error) {
	fields := "-json=Dir,ImportPath,Name,GoFiles,TestGoFiles,XTestGoFiles,Export"
	out, err := command(ctx, "", nil, "go", append([]string{"list", "-tags", tags, fields}, args...)...)
	if err != nil {
		return nil, err
	}
	var all []folder
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var f folder
		if err := d.Decode(&f); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// overlay writes files that take the place of others, or join them, and
// returns the path of the file that tells the go command of them.
func overlay(dir string, files map[string][]byte) (string, error) {
	dir, err := os.MkdirTemp(dir, "overlay")
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for path, text := range files {
		replace[path] = filepath.Join(dir, strconv.Itoa(len(replace))+".go")
		if err := os.WriteFile(replace[path], text, 0o600); err != nil {
			return "", err
		}
	}
	told, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "overlay.json"), os.WriteFile(filepath.Join(dir, "overlay.json"), told, 0o600)
}

// command runs a program and returns what it printed, or an error with that.
func command(ctx context.Context, dir string, environment []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, append(os.Environ(), environment...), time.Second
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s%s", name, err, out, complaints.Bytes())
	}
	return out, nil
}
