package authorizer

import (
	"slices"
	"strings"
)

// wantedHeaders are the headers that are read, in lower case. By the last
// three, some servers, REST APIs among them, let the client name another method
// than the request's own.
func wantedHeaders() [8]string {
	return [...]string{
		"authorization", "cookie", "rid", "origin", "sec-fetch-site",
		"x-http-method-override", "x-http-method", "x-method-override",
	}
}

// firstOverride is the place of the first method override among them.
const firstOverride = 5

// headers holds the values of the wanted headers, in that order. Gateways pass
// names on as the client wrote them, or in lower case.
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

// place returns the place of the header that a client wrote with that name.
// Only names of equal length are compared: that keeps out letters that fold to
// ASCII but are not ASCII.
func place(name string) (int, bool) {
	for i, wanted := range wantedHeaders() {
		if len(name) == len(wanted) && strings.EqualFold(name, wanted) {
			return i, true
		}
	}
	return 0, false
}

// member reads the value of one header, a string or an array of strings. Values
// of names that differ in case only are all kept, so that a header that came
// twice is noticed.
func (h *headers) member(d decoder, name []byte) error {
	if i, ok := place(string(name)); ok {
		return d.texts(&h[i])
	}
	return d.SkipValue()
}
