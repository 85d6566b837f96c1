package fdi_test

import (
	"net/http"
	"net/url"
	"regexp"
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
		for name, read := range map[string]func(fdi.Request) (string, fdi.Transport, error){
			"sAccessToken": fdi.Request.Access, "sRefreshToken": fdi.Request.Refresh,
		} {
			raw, via, err := read(whole)
			got := found{raw, via, err}
			if raw, via, err = read(list); got != (found{raw, via, err}) {
				t.Errorf("%s in %q = %v as a text and %v as a list", name, header, got, found{raw, via, err})
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

// named is what cookies that net/http parsed say of the one of that name.
func named(cookies []*http.Cookie, name string) found {
	var want found
	for _, c := range cookies {
		switch {
		case c.Name != name:
			continue
		case want != (found{}):
			return found{err: fdi.ErrDuplicate}
		}
		value := c.Value
		if c.Quoted {
			value = `"` + value + `"`
		}
		if decoded, err := url.PathUnescape(value); err == nil {
			value = decoded
		}
		want = found{value, fdi.Cookie, nil}
	}
	if want.raw == "" {
		return found{}
	}
	return want
}

// oneBearer is a header with one Bearer credential and nothing else.
var oneBearer = regexp.MustCompile(`^[ \t]*Bearer [ \t]*([^ \t,](?:[^,]*[^ \t,])?)[ \t]*$`)

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
		read := func(values ...string) found {
			raw, via, err := fdi.Request{Authorization: values}.Access()
			return found{raw, via, err}
		}
		if apart, joined := read(one, two), read(one+","+two); apart != joined {
			t.Errorf("Authorization %q and %q = %v apart and %v joined", one, two, apart, joined)
		}
		got, match := read(one), oneBearer.FindStringSubmatch(one)
		if want := match != nil && token.LooksLikeOurs(match[1]); want != (got.raw != "") || want && got != (found{match[1], fdi.Header, nil}) {
			t.Errorf("Authorization %q = %v, want a token: %t", one, got, want)
		}
	})
}
