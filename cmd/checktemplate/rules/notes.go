package rules

import (
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// Note is something that is right in the template but needs something
// elsewhere.
type Note struct {
	Line     int
	Resource string // logical id and the part of it
	Text     string
}

// Notes returns the notes on API Gateway's own JWT authorizers that accept
// Latchkey's tokens: one for each, ordered by line.
func Notes(d *document.Document) []Note {
	var notes []Note
	for reading := range d.Readings() {
		for _, api := range apis.Read(reading).APIs {
			for _, a := range api.Authorizers {
				note := Note{a.Line, api.ID + ", authorizer " + a.Name,
					"API Gateway's own JWT authorizer takes RSA keys only: deploy Latchkey with SigningAlgorithm=RS256, which is not the default"}
				if a.Kind == apis.JWT && isLatchkeys(a.Written.Either("JwtConfiguration").Either("Issuer")) && !slices.Contains(notes, note) {
					notes = append(notes, note)
				}
			}
		}
	}
	slices.SortStableFunc(notes, func(a, b Note) int { return a.Line - b.Line })
	return notes
}

// isLatchkeys reports whether an issuer is an export or output of Latchkey's
// stack, or has the form of its issuer.
func isLatchkeys(issuer document.Value) bool {
	said := strings.TrimRight(issuer.String(), "]")
	return strings.HasSuffix(said, "-Issuer") || strings.HasSuffix(said, "Outputs.Issuer") || strings.HasSuffix(said, "/auth")
}
