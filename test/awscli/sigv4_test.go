//go:build awscli

package awscli_test

import (
	"os/exec"
	"strings"
	"testing"
)

const (
	region    = "us-east-1"
	forbidden = `403 {"message":"Forbidden"}`
)

// TestAWS calls one local run.
func TestAWS(t *testing.T) {
	l := startLocal(t)
	t.Run("curl", func(t *testing.T) { testCurl(t, l) })
	t.Run("invoke", func(t *testing.T) { testInvoke(t, l) })
}

// testCurl signs with curl. What signatures are refused is a test of
// internal/gateway/sigv4.
func testCurl(t *testing.T, l *local) {
	session := l.URL + "/admin/sessions/" + l.Handle
	user := l.URL + "/admin/users/nobody/sessions?tenantId=public"
	signed := []string{"--aws-sigv4", "aws:amz:" + region + ":execute-api", "--user", l.Key.AccessKeyID + ":" + l.Key.SecretAccessKey}
	wrong := []string{"--aws-sigv4", "aws:amz:" + region + ":execute-api", "--user", l.Key.AccessKeyID + ":wrong"}
	for _, c := range []struct {
		name  string
		flags []string
		url   string
		want  string // status and a part of the body
	}{
		{"signed", signed, session, `200 "userId"`},
		{"signed, with a query", signed, user, `200 "sessions":[]`},
		{"wrong secret", wrong, session, forbidden},
	} {
		out, err := exec.CommandContext(t.Context(), "curl", append(c.flags, "-sS", "-w", "\n%{http_code}", c.url)...).CombinedOutput()
		if err != nil {
			t.Fatalf("curl, %s: %v\n%s", c.name, err, out)
		}
		body, status, _ := strings.Cut(string(out), "\n")
		wantStatus, wantBody, _ := strings.Cut(c.want, " ")
		if status != wantStatus || !strings.Contains(body, wantBody) {
			t.Errorf("curl, %s = %s %s, want %s", c.name, status, body, c.want)
		}
	}
}
