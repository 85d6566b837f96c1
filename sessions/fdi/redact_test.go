package fdi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// However a value that holds tokens is printed, logged or encoded, no token
// comes out.
func TestNothingPrintsTokens(t *testing.T) {
	const secret = "s3cr3t"
	r := fdi.Request{Authorization: []string{secret}, Cookies: []string{secret}}
	reply := fdi.Reply{Headers: map[string]string{"st-access-token": secret}, Cookies: []string{secret}}
	for _, v := range []any{r, &r, reply, &reply, []fdi.Request{r}, struct{ R fdi.Reply }{reply}} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&out, verb, v)
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Errorf("Marshal(%T) = %v", v, err)
		}
		out.Write(encoded)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		if strings.Contains(out.String(), secret) || strings.Contains(out.String(), fmt.Sprintf("%x", secret)) {
			t.Errorf("%T prints a token: %s", v, out.String())
		}
	}
}
