package accounts

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Upper bounds of a password. A longer one is refused, never cut off.
const (
	maxPoints = 256  // code points, after NFC
	maxBytes  = 1024 // of UTF-8, as typed and after NFC
)

// The messages about a password that is refused.
const (
	passwordLong      = "Password must contain at most 256 characters"
	passwordCharacter = "Password contains a character that cannot be used"
	passwordCommon    = "Password is too common, please choose another one"
	passwordPersonal  = "Password must not be your email or the name of this service"
)

// policy is what a new password has to meet (NIST SP 800-63B-4, section
// 3.1.1.2): a length and a list of refused words, but no rule of composition.
type policy struct {
	minimum int // code points
	service []string
}

// accept returns the password in the form that is hashed, and what is wrong
// with it or "". The e-mail address is in its canonical form; it may be empty.
// An attacker who knows the user's address and the service's names would try
// those first.
func (p policy) accept(typed, email string) (password, fault string) {
	password, fault = normalize(typed)
	sum := sha256.Sum256([]byte(strings.ToLower(password)))
	_, isCommon := sort.Find(len(common)/digestWidth, func(i int) int {
		return strings.Compare(string(sum[:digestWidth]), common[i*digestWidth:(i+1)*digestWidth])
	})
	local, _, _ := strings.Cut(email, "@")
	same := func(word string) bool { return word != "" && strings.EqualFold(password, word) }
	switch {
	case typed == "":
		return "", fieldMissing
	case fault != "":
		return "", fault
	case utf8.RuneCountInString(password) < p.minimum:
		return "", fmt.Sprintf("Password must contain at least %d characters", p.minimum)
	case same(email) || same(local) || slices.ContainsFunc(p.service, same):
		return "", passwordPersonal
	case isCommon:
		return "", passwordCommon
	}
	return password, ""
}

// normalize returns the password in NFC, the form that is hashed: keyboards
// differ in how they compose the same characters. It also returns what is wrong
// with a password that nobody can have, or "".
func normalize(typed string) (password, fault string) {
	if len(typed) > maxBytes {
		return "", passwordLong
	}
	if !utf8.ValidString(typed) || strings.ContainsRune(typed, 0) {
		return "", passwordCharacter
	}
	password = norm.NFC.String(typed)
	if len(password) > maxBytes || utf8.RuneCountInString(password) > maxPoints {
		return "", passwordLong
	}
	return password, ""
}
