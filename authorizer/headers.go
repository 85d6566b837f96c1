package authorizer

import (
	"slices"
	"strings"
)

// wantedHeaders names the headers that are read, in lower case. The last three
// are those by which some servers, REST APIs among them, let the client name
// another method than the request's own.
func wantedHeaders() [8]string {
	return [...]string{
		"authorization", "cookie", "rid", "origin", "sec-fetch-site",
		"x-http-method-override", "x-http-method", "x-method-override",
	}
}

// firstOverride is the place of the first method override among them.
const firstOverride = 5

// headers holds the values of the wanted headers, in their order. Gateways
// pass names on as the client wrote them or in lower case.
type headers [8][]string

// get returns the values of the header of that lower-case name.
func (h *headers) get(name string) []string {
	for i, wanted := range wantedHeaders() {
		if name == wanted {
			return h[i]
		}
	}
	return nil
}

// empty reports whether none of the wanted headers was there.
func (h *headers) empty() bool {
	return !slices.ContainsFunc(h[:], func(values []string) bool { return values != nil })
}

// override reports whether the request asks for another method.
func (h *headers) override() bool {
	return slices.ContainsFunc(h[firstOverride:], func(values []string) bool { return values != nil })
}

// place returns where a header belongs that a client calls by that name.
// Comparing names of one length only keeps letters out that fold to ASCII
// without being ASCII.
func place(name string) (int, bool) {
	for i, wanted := range wantedHeaders() {
		if len(name) == len(wanted) && strings.EqualFold(name, wanted) {
			return i, true
		}
	}
	return 0, false
}

// member reads the value of one header, a string or an array of strings.
// Values of names that differ in case only are kept side by side, so that two
// of a kind are seen.
func (h *headers) member(d decoder, name []byte) error {
	if i, ok := place(string(name)); ok {
		return d.texts(&h[i])
	}
	return d.SkipValue()
}
