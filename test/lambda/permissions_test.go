//go:build dynamodb

package lambda_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// testRareCommands makes the requests that no other part of the test needs.
func (s *stack) testRareCommands(t *testing.T) {
	c := s.client(t)
	// A sign-in or sign-up ends the session that the caller has.
	c.Bearer, _ = c.Post("/auth/signin", s.form(ada, adas)).Want(200).Saying(`"OK"`).Tokens()
	for _, again := range []string{"/auth/signin", "/auth/signup"} {
		email := map[string]string{"/auth/signin": ada, "/auth/signup": "mary@example.com"}[again]
		next, _ := c.Post(again, s.form(email, adas)).Want(200).Saying(`"OK"`).Tokens()
		c.Post("/notes", `{"text":"late"}`).Want(401)
		c.Bearer = next
	}

	// A listing removes what ended long ago.
	user := claims(t, c.Bearer).User
	s.ended(t, user)
	c.Get("/auth/sessions").Want(200)
	s.ended(t, user)
	c.Bearer, _ = c.Post("/auth/signin", s.form("mary@example.com", adas)).Want(200).Saying(`"OK"`).Tokens()

	s.weaken(t, ada, adas)
	weak := s.hash(t, ada)
	c.Post("/auth/signin", s.form(ada, adas)).Want(200).Saying(`"OK"`)
	if s.hash(t, ada) == weak {
		t.Error("a sign-in left a hash of weak parameters as it was")
	}

	keys, err := s.invoke(t.Context(), "RotateKeysFunction", []byte(daily))
	if err != nil {
		t.Fatal(err)
	}
	_, next, _ := strings.Cut(string(keys[strings.LastIndex(string(keys), `"kid":"`):]), `"kid":"`)
	kid, _, _ := strings.Cut(next, `"`)
	answer, err := s.invoke(t.Context(), "RotateKeysFunction", fmt.Appendf(nil, `{"action":"revoke-signing-key","kid":%q}`, kid))
	if err != nil || !strings.Contains(string(answer), `"revoked":true`) {
		t.Errorf("revoke-signing-key = %s, %v, want the key %s revoked", answer, err, kid)
	}

	for _, command := range []string{
		`{"action":"put-provider","provider":{"id":"corp","issuer":"https://id.example.com","clientId":"a","clientSecret":"s",
			"redirectUris":["https://app.example.com/cb"]}}`,
		`{"action":"list-providers"}`, `{"action":"delete-provider","id":"corp"}`,
	} {
		if answer, err := s.invoke(t.Context(), "RotateKeysFunction", []byte(command)); err != nil || !strings.Contains(string(answer), `"providers"`) {
			t.Errorf("%s = %s, %v, want the providers there are", command, answer, err)
		}
	}
}

// statements returns those of the template by the function's logical id.
func statements(t *testing.T) map[string][]statement {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Resources map[string]struct {
			Type       string    `yaml:"Type"`
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	all := map[string][]statement{}
	for id, r := range document.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		all[id] = nil
		var f struct {
			Policies []map[string][]statement `yaml:"Policies"`
		}
		// Only inline statements fit. Anything else ends the test.
		if err := r.Properties.Decode(&f); err != nil {
			t.Fatalf("policies of %s: %v", id, err)
		}
		for _, policy := range f.Policies {
			all[id] = append(all[id], policy["Statement"]...)
		}
	}
	return all
}

// testPermissions compares the permissions of the functions with their
// requests.
func (s *stack) testPermissions(t *testing.T) {
	ids := map[string]string{sealingKey: "SealingKey", anyIdentity: anyIdentity, "MailFunction": "MailFunction"}
	for variable, name := range s.tables {
		ids[name] = map[string]string{"SESSIONS_TABLE": "SessionsTable", "ACCOUNTS_TABLE": "AccountsTable", "KEYS_TABLE": "KeysTable"}[variable]
	}
	made := s.record.taken()
	for id, may := range statements(t) {
		did := made[id]
		for i := range did {
			table, index, inIndex := strings.Cut(did[i].resource, "/index/")
			if did[i].resource = ids[table]; inIndex {
				did[i].resource += "/index/" + index
			}
			if did[i].leading == mailFrom { // as in the template
				did[i].leading = "MailFrom"
			}
		}
		for _, fault := range compare(may, did) {
			t.Errorf("%s: %s", id, fault)
		}
		delete(made, id)
	}
	if len(made) != 0 {
		t.Errorf("%v are recorded, and are no functions of the template", slices.Collect(maps.Keys(made)))
	}
	want := map[string]bool{"dynamodb:BatchGetItem SessionsTable": true, "dynamodb:Query KeysTable": true}
	if got := pairs(statements(t)["AuthorizerFunction"]); !maps.Equal(got, want) {
		t.Errorf("the authorizer may do %v, want %v", got, want)
	}
}

// pairs returns the actions with their resources.
func pairs(all []statement) map[string]bool {
	got := map[string]bool{}
	for _, st := range all {
		for _, action := range st.Action {
			got[action+" "+string(st.Resource)] = true
		}
	}
	return got
}
