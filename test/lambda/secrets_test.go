//go:build dynamodb

package lambda_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// shortest is the length below which a text is found everywhere by chance.
const shortest = 12

// secrets are the texts of a run that no log may hold.
type secrets struct {
	mu    sync.Mutex
	texts map[string]bool
}

// add adds a text, and the last part of a token: its signature, or all of a
// refresh token but for its form and key id.
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

// addBytes adds bytes in every form in which a log could show them.
func (s *secrets) addBytes(b []byte) {
	if len(b) < shortest {
		return
	}
	s.add(string(b))
	s.add(base64.RawStdEncoding.EncodeToString(b))
	s.add(base64.RawURLEncoding.EncodeToString(b))
	s.add(hex.EncodeToString(b))
	s.add(strings.ToUpper(hex.EncodeToString(b)))
}

// addResponse adds the tokens and cookies of an answer of the API.
func (s *secrets) addResponse(header http.Header) {
	for _, name := range []string{"St-Access-Token", "St-Refresh-Token", "Front-Token", "Anti-Csrf"} {
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

// addStored adds what the tables hold that must not be told: hashes, salts and
// everything else that is binary, and what KMS sealed. It returns how much
// there was of each.
func (s *stack) addStored(t *testing.T) (hashes, binaries, keys int) {
	t.Helper()
	for _, variable := range []string{"SESSIONS_TABLE", "ACCOUNTS_TABLE", "KEYS_TABLE"} {
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

// testLogs reads all that the functions wrote.
func (s *stack) testLogs(t *testing.T) {
	hashes, binaries, keys := s.addStored(t)
	t.Logf("looking for %d secrets: %d hashes, %d binary attributes and %d keys in all their forms among them", len(s.secrets.texts), hashes, binaries, keys)
	if hashes < 2 || binaries < 6 || keys < 3 {
		t.Errorf("the run left %d hashes, %d binary attributes and %d keys, want some of each", hashes, binaries, keys)
	}
	lines := 0
	for id, f := range s.functions {
		log := f.Log()
		for line := range strings.Lines(log) {
			lines++
			var object map[string]any
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Errorf("%s logged %q, which is no JSON object: %v", id, line, err)
			}
		}
		for secret := range s.secrets.texts {
			if i := strings.Index(log, secret); i >= 0 {
				t.Errorf("%s logged a secret of %d bytes, in %q", id, len(secret), strings.ReplaceAll(around(log, i), secret, "SECRET"))
			}
		}
	}
	// Sessions that start and end are logged, and metrics are.
	if lines < 10 {
		t.Errorf("the functions logged %d lines, want those of a whole run", lines)
	}
}

// around returns the line of the text that the index is in.
func around(text string, i int) string {
	start := strings.LastIndexByte(text[:i], '\n') + 1
	line, _, _ := strings.Cut(text[start:], "\n")
	return line
}
