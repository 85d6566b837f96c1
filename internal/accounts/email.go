package accounts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What the person is told about a field, in the words of the Frontend Driver
// Interface.
const (
	fieldMissing = "Field is not optional"
	emailInvalid = "Email is invalid"
)

// Lengths in octets (RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3, less the
// angle brackets around a path; RFC 1035, section 2.3.4).
const (
	maxEmail = 254
	maxLocal = 64
	maxLabel = 63
)

// canonical returns the one form of an e-mail address that is stored and
// compared: without white space around it, in NFC, in lower case. Strictly
// only the domain is free of case, but no provider has two people whose
// addresses differ in nothing else, and people do not type them twice alike.
// Quoted local parts and domains that are no host names are refused. It
// returns what is wrong, or "".
func canonical(typed string) (email, fault string) {
	if typed = strings.TrimSpace(typed); typed == "" {
		return "", fieldMissing
	}
	if len(typed) > maxEmail || !utf8.ValidString(typed) {
		return "", emailInvalid
	}
	email = norm.NFC.String(strings.ToLower(norm.NFC.String(typed)))
	local, domain, _ := strings.Cut(email, "@")
	if len(email) > maxEmail || !isLocal(local) || !isDomain(domain) {
		return "", emailInvalid
	}
	return email, ""
}

// isLocal reports whether s is words of graphic characters joined by dots.
func isLocal(s string) bool {
	notGraphic := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }
	return len(s) <= maxLocal && !strings.Contains("."+s+".", "..") &&
		!strings.ContainsAny(s, `<>()[]\,;:@"`) && !strings.ContainsFunc(s, notGraphic)
}

// isDomain reports whether s is a host name of two labels or more whose last
// one is no number: an internationalized one in its ASCII form.
func isDomain(s string) bool {
	foreign := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > maxLabel || strings.Trim(label, "-") != label || strings.ContainsFunc(label, foreign) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) >= 2 && len(last) >= 2 && last[0] >= 'a'
}
