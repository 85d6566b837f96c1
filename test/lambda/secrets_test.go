//go:build dynamodb

package lambda_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// shortest is the length below which a text can occur by chance.
const shortest = 12

// secrets are the texts of a run that no log may contain.
type secrets struct {
	mu    sync.Mutex
	texts map[string]bool
}

// add adds a text, and the last part of a token: its signature. For a refresh
// token it is everything after its form and key id.
func (s *secrets) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.texts == nil {
		s.texts = map[string]bool{}
	}
	for _, part := range []string{text, text[strings.LastIndex(text, ".")+1:]} {
		if len(part) >= shortest {
			s.texts[part] = true
		}
	}
}

// addBytes adds bytes in every form that a log could have.
func (s *secrets) addBytes(b []byte) {
	for _, text := range []string{
		string(b), base64.RawStdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b), fmt.Sprintf("%x", b), fmt.Sprintf("%X", b),
	} {
		s.add(text)
	}
}

// addHeaders adds the tokens, cookies and signatures of a request or an answer.
func (s *secrets) addHeaders(header http.Header) {
	for _, name := range []string{"Authorization", "St-Access-Token", "St-Refresh-Token", "Front-Token", "Anti-Csrf"} {
		for _, value := range header.Values(name) {
			s.add(value)
		}
	}
	for _, line := range header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err == nil {
			s.add(cookie.Value)
		}
	}
}

// addStored adds the secrets in the tables: hashes, salts and all other binary
// values, and what KMS sealed. It returns the number of each.
func (s *stack) addStored(t *testing.T) (hashes, binaries, keys int) {
	t.Helper()
	for variable := range s.tables {
		for _, item := range s.scan(t, variable).Items {
			for _, value := range item {
				switch v := value.(type) {
				case *types.AttributeValueMemberB:
					s.secrets.addBytes(v.Value)
					binaries++
				case *types.AttributeValueMemberS:
					if strings.HasPrefix(v.Value, "$argon2id$") {
						s.secrets.add(v.Value)
						s.secrets.add(v.Value[strings.LastIndex(v.Value, "$")+1:])
						hashes++
					}
				}
			}
		}
	}
	for _, key := range s.kms.Plaintexts() {
		s.secrets.addBytes(key)
		keys++
	}
	return hashes, binaries, keys
}

// testLogs reads everything that the functions logged. It is JSON, and holds no
// secret.
func (s *stack) testLogs(t *testing.T) {
	hashes, binaries, keys := s.addStored(t)
	if hashes < 2 || binaries < 6 || keys < 3 {
		t.Errorf("the run left %d hashes, %d binary attributes and %d keys, want some of each", hashes, binaries, keys)
	}
	lines := 0
	for id, f := range s.functions {
		for line := range strings.Lines(f.Log()) {
			lines++
			var object map[string]any
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Errorf("%s logged a line that is no JSON object: %v", id, err)
			}
			if hidden := s.secrets.hide(line); hidden != line {
				t.Errorf("%s logged a secret: %s", id, hidden)
			}
		}
	}
	// The start and the end of sessions are logged, and metrics too.
	if t.Logf("%d lines hold none of %d secrets", lines, len(s.secrets.texts)); lines < 10 {
		t.Errorf("the functions logged %d lines, want those of a whole run", lines)
	}
}

// hide returns the text without its secrets.
func (s *secrets) hide(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret := range s.texts {
		text = strings.ReplaceAll(text, secret, "SECRET")
	}
	return text
}
