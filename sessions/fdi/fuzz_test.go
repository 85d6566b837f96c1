package fdi_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// FuzzCookies reads one Cookie header as payload format 1.0 hands it over, as
// one text, and as 2.0 does, as a list of pairs. Both readings must agree, and
// agree with net/http wherever that understands the header.
func FuzzCookies(f *testing.F) {
	a, b := access("a"), refresh("b")
	for _, seed := range []string{
		"", ";", "sAccessToken=" + a, "x=1; sAccessToken=" + a + "; sRefreshToken=" + b, "sAccessToken=" + a + ";sAccessToken=" + a,
		"sAccessToken=; sRefreshToken==", "sAccessToken=%41%zz", "sRefreshToken=\"" + b + "\"", "SACCESSTOKEN=x;\t sAccessToken\t=x", "sAccessToken=a,b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		pairs := strings.Split(header, ";")
		for i, pair := range pairs {
			pairs[i] = strings.Trim(pair, " \t")
		}
		whole, list := fdi.Request{Cookies: []string{header}}, fdi.Request{Cookies: pairs}
		for name, read := range map[string]func(fdi.Request) found{"sAccessToken": accessOf, "sRefreshToken": refreshOf} {
			got := read(whole)
			if other := read(list); got != other {
				t.Errorf("%s in %q = %v as a text and %v as a list", name, header, got, other)
			}
			// net/http trims line breaks too, which no header can have.
			cookies, err := http.ParseCookie(header)
			if err != nil || strings.ContainsAny(header, "\r\n") {
				continue
			}
			if want := named(cookies, name); got != want {
				t.Errorf("%s in %q = %v, and %v by net/http", name, header, got, want)
			}
		}
	})
}

// named is what cookies that net/http parsed say of those of that name.
func named(cookies []*http.Cookie, name string) found {
	var values []string
	for _, c := range cookies {
		value := c.Value
		if c.Quoted {
			value = `"` + value + `"`
		}
		if decoded, err := url.PathUnescape(value); err == nil {
			value = decoded
		}
		if c.Name == name && value != "" && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		return found{}
	}
	return found{strings.Join(values, " "), fdi.Cookie, nil}
}

// oneBearer is a header with one Bearer credential and nothing else.
var oneBearer = regexp.MustCompile(`^[ \t]*(?i:Bearer) [ \t]*([^ \t,](?:[^,]*[^ \t,])?)[ \t]*$`)

// FuzzAuthorization reads two Authorization headers as they are and joined by
// a comma, as gateways do. Both readings must agree, and a token is found
// exactly if all of the header is one Bearer credential of our form.
func FuzzAuthorization(f *testing.F) {
	a, b := access("a"), access("b")
	for _, seed := range [][2]string{
		{"", ""}, {"Bearer " + a, ""}, {"Bearer " + a, "Bearer " + b}, {"Bearer " + a + ",", "Basic YTpi"}, {"bearer " + a, "Bearer x"}, {"\tBearer \t" + a + " ", ","},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		read := func(values ...string) found { return accessOf(fdi.Request{Authorization: values}) }
		if apart, joined := read(one, two), read(one+","+two); apart != joined {
			t.Errorf("Authorization %q and %q = %v apart and %v joined", one, two, apart, joined)
		}
		got, match := read(one), oneBearer.FindStringSubmatch(one)
		if want := match != nil && token.LooksLikeOurs(match[1]); want != (got.candidates != "") || want && got != (found{match[1], fdi.Header, nil}) {
			t.Errorf("Authorization %q = %v, want a token: %t", one, got, want)
		}
	})
}
