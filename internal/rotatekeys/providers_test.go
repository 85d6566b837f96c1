package rotatekeys_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
)

const clientSecret = "a secret of the client's"

// withProviders gives the bench a store of providers.
func withProviders(t *testing.T) (*bench, *logins.Memory) {
	b, store := newBench(t), logins.NewMemory()
	b.Providers = rotatekeys.Providers{Store: store, Sealer: b.config().Sealer}
	return b, store
}

func putting(id, more string) string {
	return fmt.Sprintf(`{"action":"put-provider","provider":{"id":%q,"issuer":"https://id.example.com","clientId":"c",
		"redirectUris":["https://app.example.com/cb"]%s}}`, id, more)
}

// A provider is put, listed and deleted; its secret is sealed for it alone, and
// told to nobody.
func TestProviderCommands(t *testing.T) {
	b, store := withProviders(t)
	secret := fmt.Sprintf(`,"clientSecret":%q`, clientSecret)
	for _, step := range []struct{ event, want string }{
		{putting("corp", secret), `"hasSecret":true`},
		{putting("corp", `,"clientType":"ios"`), `"clientType":"ios"`},
		{`{"action":"list-providers"}`, `"hasSecret":false`},
		{`{"action":"delete-provider","id":"corp","clientType":"ios"}`, `{"providers":[{"id":"corp","issuer":"https://id.example.com",` +
			`"clientId":"c","scopes":["openid","email"],"redirectUris":["https://app.example.com/cb"],"hasSecret":true}]}`},
	} {
		out, err := b.Invoke(t.Context(), []byte(step.event))
		if err != nil || !bytes.Contains(out, []byte(step.want)) {
			t.Errorf("Invoke(%s) = %s, %v, want %s", step.event, out, err, step.want)
		}
		if bytes.Contains(out, []byte(clientSecret)) || bytes.Contains(out, []byte("ealed")) {
			t.Errorf("the answer %s tells a secret", out)
		}
	}
	all, _ := store.Load(t.Context())
	sealer := b.config().Sealer
	if got, err := sealer.Open(t.Context(), logins.PurposeSecret, all[0].Binding(), all[0].Sealed); err != nil || string(got) != clientSecret {
		t.Errorf("the secret opens as %q, %v", got, err)
	}
	if _, err := sealer.Open(t.Context(), "signing", all[0].Binding(), all[0].Sealed); err == nil {
		t.Error("the secret opens as a signing key")
	}
}

// What is refused is told why, in words without the secret, and changes nothing.
func TestBadProviders(t *testing.T) {
	b, store := withProviders(t)
	b.send(t, putting("corp", ""))
	secret := fmt.Sprintf(`,"clientSecret":%q`, clientSecret)
	for event, want := range map[string]string{
		`{"action":"put-provider"}`:                                                  "member provider",
		`{"action":"put-provider","provider":[]}`:                                    "member provider",
		putting("Corp", secret):                                                      "id must",
		putting("new", secret+`,"redirectURIs":[]`):                                  "redirectURIs",
		putting("new", `,"clientSecret":7`):                                          "clientSecret",
		putting("new", `,"clientSecret":""`):                                         "clientSecret",
		putting("new", secret+secret):                                                "member provider",
		putting("new", `,"clientSecret":"a\u0000b"`):                                 "clientSecret",
		strings.Replace(putting("new", secret), "https://id", "http://id", 1):        "issuer must",
		strings.Replace(putting("corp", `,"clientType":"b"`), "id.ex", "evil.ex", 1): "one issuer",
		`{"action":"delete-provider","id":"nobody"}`:                                 `"nobody"`,
		`{"action":"delete-provider"}`:                                               "no such provider",
	} {
		_, err := b.Invoke(t.Context(), []byte(event))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), clientSecret) {
			t.Errorf("Invoke(%s) = %v, want words with %q and without the secret", event, err, want)
		}
	}
	if all, _ := store.Load(t.Context()); len(all) != 1 || all[0].Sealed != nil {
		t.Errorf("bad commands left %+v, want what was there", all)
	}
}

// There is room for so many, and for a change of any of them.
func TestManyProviders(t *testing.T) {
	b, _ := withProviders(t)
	for i := range logins.MaxProviders {
		b.send(t, putting(fmt.Sprint("p", i), ""))
	}
	b.send(t, putting("p7", `,"clientSecret":"new"`))
	if _, err := b.Invoke(t.Context(), []byte(putting("one-more", ""))); err == nil || !strings.Contains(err.Error(), "50 already") {
		t.Errorf("one more provider = %v, want that there are 50 already", err)
	}
}
