package accounts

import (
	"crypto/sha256"
	_ "embed" // for the list
	"sort"
	"strings"
)

// common is a list of common passwords, made by the command in blocklist: the
// first digestWidth bytes of the SHA-256 of each, sorted. It is a variable only
// because go:embed requires one; nothing assigns to it.
//
//go:embed common.bin
var common string

// digestWidth is such that one uncommon password in sixty million is taken for
// a common one, at a third of the size of the list itself.
const digestWidth = 5

// isCommon reports whether the password is on the list, in any letter case.
func isCommon(password string) bool {
	sum := sha256.Sum256([]byte(strings.ToLower(password)))
	_, found := sort.Find(len(common)/digestWidth, func(i int) int {
		return strings.Compare(string(sum[:digestWidth]), common[i*digestWidth:(i+1)*digestWidth])
	})
	return found
}
