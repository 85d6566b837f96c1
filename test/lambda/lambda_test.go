//go:build dynamodb

package lambda_test

import "testing"

// TestLambda takes a stack from its creation to its removal. The parts are in
// the order of the stack's life, and later ones need the earlier.
func TestLambda(t *testing.T) {
	s := newStorage(t)
	s.record = newRecord(t)
	s.start(t, build(t))
	parts := []struct {
		name string
		run  func(*testing.T)
	}{
		{"keys", s.testKeys},
		{"public keys", s.testPublicKeys},
		{"header mode", s.testHeaderMode},
		{"cookie mode", s.testCookieMode},
		{"backends", s.testBackends},
		{"impersonation", s.testImpersonation},
		{"mails", s.testMails},
		{"users", s.testUsers},
		{"logins", s.testLogins},
		{"bad events", s.testBadEvents},
		{"cost", s.testCost},
		{"growth", s.testGrowth},
		{"rare commands", s.testRareCommands},
		{"permissions", s.testPermissions},
		{"logs", s.testLogs},
	}
	for _, part := range parts {
		if !t.Run(part.name, part.run) && part.name == "keys" {
			t.Fatal("without keys nothing else can be tested")
		}
	}
}
