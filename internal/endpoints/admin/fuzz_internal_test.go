package admin

import (
	"encoding/base64"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/web"
)

// FuzzIfMatch: what is read as a version is spelled as the ETag of that
// version and in no other way, and anything else is refused with our words.
func FuzzIfMatch(f *testing.F) {
	for _, seed := range []string{"", "*", `"3"`, ` "0"	`, `W/"3"`, `"03"`, `"-1"`, `"+1"`, `"1","2"`, `"`, `""`, `"9223372036854775807"`, `"9223372036854775808"`, "3"} {
		f.Add(seed, int64(3))
	}
	f.Fuzz(func(t *testing.T, header string, number int64) {
		version, err := ifMatch(header)
		var invalid web.Invalid
		trimmed := strings.TrimSpace(header)
		switch {
		case err != nil && (version != nil || !errors.As(err, &invalid)):
			t.Errorf("ifMatch(%q) = %v, %v, want none and an error that is the client's", header, version, err)
		case err == nil && version == nil && trimmed != "" && trimmed != "*":
			t.Errorf("ifMatch(%q) = any version", header)
		case version != nil && trimmed != `"`+strconv.FormatUint(uint64(*version), 10)+`"`:
			t.Errorf("ifMatch(%q) = %d, which is spelled otherwise", header, *version)
		}
		number &= math.MaxInt64
		if got, err := ifMatch(etag(number)); err != nil || *got != number {
			t.Errorf("ifMatch(%s) = %v, %v, want %d", etag(number), got, err, number)
		}
	})
}

// FuzzParseID: an id has one spelling, which is one segment of a path however
// often that is decoded, and anything else is refused with our words.
func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"", "u1", "a@b|c:d-e_f", ".", "..", "~", "~Lg", "~YS9i", "~dTE", "a/b", "a%2Fb", "é", "~YS9i\n", "~YS9j=="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, segment string) {
		spelled := func(id string) string {
			if isPlain(id) {
				return id
			}
			return "~" + base64.RawURLEncoding.EncodeToString([]byte(id))
		}
		id, err := parseID(segment)
		var invalid web.Invalid
		switch {
		case err != nil && (id != "" || !errors.As(err, &invalid)):
			t.Errorf("parseID(%q) = %q, %v, want none and an error that is the client's", segment, id, err)
		case err == nil && (spelled(id) != segment || strings.ContainsAny(segment, "/%+ ?#\\") || segment == "." || segment == ".."):
			t.Errorf("parseID(%q) = %q, which is spelled %q", segment, id, spelled(id))
		}
		if got, err := parseID(spelled(segment)); err != nil || got != segment {
			t.Errorf("parseID(%q) = %q, %v, want %q", spelled(segment), got, err, segment)
		}
	})
}
