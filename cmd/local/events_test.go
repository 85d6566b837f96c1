package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/test/eventstest"
)

// want returns the expected answer, with the times of this run filled in.
func (f files) want(t *testing.T, name string) any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(eventsDir, name+".want.json"))
	must(t, err)
	text := strings.NewReplacer("$EXPIRES", fmt.Sprint(f.expires.Unix()), "$DECIDED", fmt.Sprint(f.now().Unix())).Replace(string(data))
	return decode(t, name, []byte(text))
}

func decode(t *testing.T, name string, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %s: %v", name, data, err)
	}
	return v
}

// names returns the event files below events/, without their extension, each
// of which must have its answer beside it, and the reverse.
func names(t *testing.T) []string {
	t.Helper()
	matches, err := filepath.Glob(eventsDir + "/*/*.json")
	must(t, err)
	events, wants := map[string]bool{}, map[string]bool{}
	for _, m := range matches {
		name, err := filepath.Rel(eventsDir, strings.TrimSuffix(m, ".json"))
		must(t, err)
		if event, isWant := strings.CutSuffix(name, ".want"); isWant {
			wants[event] = true
			continue
		}
		events[name] = true
	}
	if !maps.Equal(events, wants) {
		t.Errorf("events %v, answers %v; want the same", events, wants)
	}
	return slices.Sorted(maps.Keys(events))
}

// idOf returns the logical id of the function that a file is for.
func idOf(t *testing.T, name string) string {
	t.Helper()
	for id := range constructors() {
		if folderOf(id) == filepath.Dir(name) {
			return id
		}
	}
	t.Fatalf("%s is for no function", name)
	return ""
}

func TestEvents(t *testing.T) {
	f, seen := readFiles(t), map[string]bool{}
	for _, name := range names(t) {
		id := idOf(t, name)
		seen[id] = true
		t.Run(name, func(t *testing.T) {
			got := decode(t, name, f.answer(t, id, name, func(*api.Backends) {}))
			want := f.want(t, name)
			if !eventstest.Agrees(name, got, want) {
				t.Errorf("answer = %s, want %s", compact(got), compact(want))
			}
		})
	}
	for id := range constructors() {
		if !seen[id] {
			t.Errorf("%s has no event file", id)
		}
	}
}

func compact(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
