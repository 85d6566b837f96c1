package setup_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// While a changed AccessTokenSeconds is deployed, functions with the old value
// and with the new one serve side by side for minutes: tokens of either length
// pass at both, and both sign out.
func TestLivesOfAccessTokensOverlap(t *testing.T) {
	for _, lives := range [][2]time.Duration{{time.Hour, 2 * time.Hour}, {2 * time.Hour, time.Hour}, {time.Hour, 24 * time.Hour}} {
		b := inMemory("SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID", "ACCOUNTS_TABLE")
		build := func(access time.Duration, construct api.Constructor) *life {
			cfg := defaults(t)
			cfg.Access, cfg.Algorithm = access, token.ES256
			bootstrap(t, cfg, b)
			handler, err := construct(cfg, b)
			must(t, err)
			return &life{functions: map[string]lambda.Handler{"it": handler}}
		}
		access, _ := build(lives[0], api.SignUp).send(t, "it", post("POST /auth/signup", "", credentials(birches)))
		event, err := json.Marshal(request("POST", access))
		if err != nil || access == "" {
			t.Fatalf("sign-up gave the token %q, %v", access, err)
		}
		if _, err := build(lives[1], api.Plain(setup.Authorizer(nil))).functions["it"].Invoke(t.Context(), event); err != nil {
			t.Errorf("an authorizer of %s judged a token of %s: %v, want that it passes", lives[1], lives[0], err)
		}
		event, _ = json.Marshal(post("POST /auth/signout", access, ""))
		out, err := build(lives[1], api.Revoke).functions["it"].Invoke(t.Context(), event)
		if err != nil || !strings.Contains(string(out), `"statusCode":200`) {
			t.Errorf("a function of %s signed out a token of %s: %s, %v, want 200", lives[1], lives[0], out, err)
		}
	}
}
