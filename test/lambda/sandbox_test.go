//go:build dynamodb && bench && linux

package lambda_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// whole is the memory in MB at which Lambda gives a whole processor. With less
// memory a function gets a share:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const whole = 1769

// period is the time for which each share is given.
const period = 20 * time.Millisecond

// cpu returns the processor time that a process has used.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(tasks) == 0 {
		t.Fatalf("process %d has no tasks: %v", pid, err)
	}
	var sum time.Duration
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		ran, _, _ := strings.Cut(string(text), " ")
		n, errNumber := strconv.ParseInt(ran, 10, 64)
		if err := errors.Join(err, errNumber); err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(n)
	}
	return sum
}

// evict makes the kernel forget the file. The next start then reads it from the
// disk, as in a fresh sandbox.
func evict(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const dontNeed, all = 4, 0 // from fcntl.h
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if _, _, failed := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, all, dontNeed, 0, 0); failed != 0 {
		t.Fatal(failed)
	}
}

// throttle gives a process the share of a processor that Lambda gives a
// function with that memory. It reports whether the machine can do this. That
// needs control groups of version 1 and the permission to make one.
func throttle(t *testing.T, pid, megabytes int) bool {
	t.Helper()
	group := fmt.Sprintf("/sys/fs/cgroup/cpu/latchkey-%d", pid)
	if err := os.Mkdir(group, 0o755); err != nil {
		return false
	}
	t.Cleanup(func() { os.Remove(group) })
	quota := period.Microseconds() * int64(megabytes) / whole
	for _, set := range []struct {
		name  string
		value int64
	}{{"cpu.cfs_period_us", period.Microseconds()}, {"cpu.cfs_quota_us", quota}, {"cgroup.procs", int64(pid)}} {
		if err := os.WriteFile(filepath.Join(group, set.name), strconv.AppendInt(nil, set.value, 10), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return true
}

// megabytes returns the size of a binary and of the zip that is deployed.
func megabytes(t *testing.T, path string) (binary, zipped float64) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var counted bytes.Buffer
	w, err := flate.NewWriter(&counted, flate.BestCompression) // the rest of a zip is about a hundred bytes
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return float64(len(text)) / 1e6, float64(counted.Len()) / 1e6
}
