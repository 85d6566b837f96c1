package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const fixtures = "rules/testdata/authorizer-cache/"

func TestRun(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("a: [b"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name           string
		args           []string
		status         int
		stdout, stderr string // what must be in them; nothing else if empty
	}{
		{"clean", []string{fixtures + "pass-sam.yaml", fixtures + "pass-plain.json"}, 0, "", ""},
		{"findings", []string{fixtures + "pass-sam.yaml", fixtures + "fail-plain.yaml"}, 1,
			fixtures + "fail-plain.yaml:14: authorizer-cache: Api, authorizer Session: AuthorizerResultTtlInSeconds is 10, not 0\n\tbreaks: ", ""},
		{"a note", []string{"../../examples/attach/hybrid/template.yaml"}, 0, "template.yaml:34: note: ShopApi, authorizer Token: API Gateway's own", ""},
		{"unreadable beats findings", []string{bad, fixtures + "fail-plain.yaml"}, 2, "mend: write AuthorizerResultTtlInSeconds: 0\n", bad + ": unreadable template"},
		{"absent", []string{"nowhere.yaml"}, 2, "", "nowhere.yaml"},
		{"nothing asked", nil, 2, "", "usage: checktemplate FILE…"},
		{"help", []string{"-h"}, 2, "", "authorizer-cache"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			if got := run(tt.args, &stdout, &stderr); got != tt.status {
				t.Errorf("run(%q) = %d, want %d", tt.args, got, tt.status)
			}
			for _, stream := range []struct{ name, got, want string }{
				{"stdout", stdout.String(), tt.stdout}, {"stderr", stderr.String(), tt.stderr},
			} {
				if !strings.Contains(stream.got, stream.want) || stream.want == "" && stream.got != "" {
					t.Errorf("%s = %q, want %q in it", stream.name, stream.got, stream.want)
				}
			}
		})
	}
}
