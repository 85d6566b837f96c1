//go:build dynamodb

package lambda_test

import "testing"

// TestStack takes the functions from the creation of the stack to its removal.
// The parts stand in the order of a stack's life: later ones need the earlier.
func TestStack(t *testing.T) {
	s := newStack(t)
	parts := []struct {
		name string
		run  func(*testing.T)
	}{
		{"keys", s.testKeys},
		{"public keys", s.testPublicKeys},
		{"header mode", s.testHeaderMode},
		{"cookie mode", s.testCookieMode},
		{"backends", s.testBackends},
		{"strangers", s.testStrangers},
		{"bad events", s.testBadEvents},
		{"logs", s.testLogs},
	}
	for _, part := range parts {
		if !t.Run(part.name, part.run) && part.name == "keys" {
			t.Fatal("without keys nothing else can be tested")
		}
	}
}
