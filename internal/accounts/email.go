package accounts

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The messages about a field, in the words of the Frontend Driver Interface.
const (
	fieldMissing = "Field is not optional"
	emailInvalid = "Email is invalid"
)

// Lengths in octets (RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3, less the
// angle brackets around a path; RFC 1035, section 2.3.4).
const (
	maxEmail = 254
	maxLocal = 64
)

// hostName is a host name of two labels or more, of 63 octets at most each,
// whose last label is not a number. An internationalized name is in its ASCII
// form.
var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)

// canonical returns the one form in which an e-mail address is stored and
// compared: without white space around it, in NFC, in lower case. Strictly,
// only the domain ignores case. But no provider has two people whose addresses
// differ in nothing else, and people do not always type them alike. A local
// part is words of graphic characters joined by dots. Quoted local parts, and
// domains that are not host names, are refused. It also returns what is wrong,
// or "".
func canonical(typed string) (email, fault string) {
	if typed = strings.TrimSpace(typed); typed == "" {
		return "", fieldMissing
	}
	if len(typed) > maxEmail || !utf8.ValidString(typed) {
		return "", emailInvalid
	}
	email = norm.NFC.String(strings.ToLower(norm.NFC.String(typed)))
	local, domain, _ := strings.Cut(email, "@")
	foreign := func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsGraphic(r) || strings.ContainsRune(`<>()[]\,;:@"`, r)
	}
	if len(email) > maxEmail || len(local) > maxLocal || strings.Contains("."+local+".", "..") ||
		strings.ContainsFunc(local, foreign) || !hostName.MatchString(domain) {
		return "", emailInvalid
	}
	return email, ""
}
