package fdi

import (
	"strconv"
	"strings"
)

// UserShape is the form of the user object in sign-up and sign-in bodies.
type UserShape int

// The shapes. NewUser is the zero value.
const (
	NewUser UserShape = iota // id, emails, loginMethods …
	OldUser                  // id, email and timeJoined only
)

// Version reads the header fdi-version, one version or a comma-separated list,
// and returns the user shape of the highest version in it. Versions below 1.18
// and 2.x know the old shape only. Without a readable version the shape is
// NewUser, that of the newest interface.
func Version(header string) UserShape {
	best := [2]int{-1, -1}
	for v := range strings.SplitSeq(header, ",") {
		major, minor, ok := parseVersion(trim(v))
		if ok && (major > best[0] || major == best[0] && minor > best[1]) {
			best = [2]int{major, minor}
		}
	}
	switch major, minor := best[0], best[1]; {
	case major < 0:
		return NewUser
	case major == 2, major == 1 && minor < 18, major == 0:
		return OldUser
	}
	return NewUser
}

// parseVersion reads MAJOR.MINOR, each of one to three digits.
func parseVersion(s string) (major, minor int, ok bool) {
	a, b, found := strings.Cut(s, ".")
	if !found || len(a) > 3 || len(b) > 3 || !only(a+b, "0123456789") {
		return 0, 0, false
	}
	major, errA := strconv.Atoi(a)
	minor, errB := strconv.Atoi(b)
	return major, minor, errA == nil && errB == nil
}
