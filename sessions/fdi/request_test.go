package fdi_test

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// access is a string of an access token's form, told apart by name.
func access(name string) string {
	header := `{"alg":"RS256","kid":"` + strings.Repeat("k", 43) + `","typ":"at+jwt"}`
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(`{"sub":"`+name+`"}`)) + "." + enc.EncodeToString([]byte(name))
}

// refresh is a string of a refresh token's form.
func refresh(name string) string {
	return "v1.mac1." + base64.RawURLEncoding.EncodeToString([]byte(name))
}

type found struct {
	raw string
	via fdi.Transport
	err error
}

func check(t *testing.T, got, want found) {
	t.Helper()
	if got.raw != want.raw || got.via != want.via || !errors.Is(got.err, want.err) {
		t.Errorf("got %.20q by %v, %v, want %.20q by %v, %v", got.raw, got.via, got.err, want.raw, want.via, want.err)
	}
}

func TestAccess(t *testing.T) {
	a, b := access("a"), access("b")
	none := found{}
	duplicate := found{err: fdi.ErrDuplicate}
	for _, test := range []struct {
		name          string
		authorization []string
		cookies       []string
		want          found
	}{
		{"nothing", nil, nil, none},
		{"bearer", []string{"Bearer " + a}, nil, found{a, fdi.Header, nil}},
		{"bearer, several spaces", []string{"Bearer   " + a}, nil, found{a, fdi.Header, nil}},
		{"cookie", nil, []string{"sAccessToken=" + a}, found{a, fdi.Cookie, nil}},
		{"cookie among others", nil, []string{"x=1; sAccessToken=" + a + "; y"}, found{a, fdi.Cookie, nil}},
		{"cookie as one of several pairs", nil, []string{"x=1", "sAccessToken=" + a}, found{a, fdi.Cookie, nil}},
		{"cookie without spaces", nil, []string{"x=1;sAccessToken=" + a}, found{a, fdi.Cookie, nil}},
		{"cookie, percent-encoded", nil, []string{"sAccessToken=" + strings.ReplaceAll(a, ".", "%2E")}, found{a, fdi.Cookie, nil}},
		{"cookie with a bad escape", nil, []string{"sAccessToken=%zz"}, found{"%zz", fdi.Cookie, nil}},
		{"cookie of any other form", nil, []string{"sAccessToken=abc"}, found{"abc", fdi.Cookie, nil}},
		{"empty cookie", nil, []string{"sAccessToken="}, none},

		{"bearer wins over cookie", []string{"Bearer " + a}, []string{"sAccessToken=" + b}, found{a, fdi.Header, nil}},
		{"bearer wins over two cookies", []string{"Bearer " + a}, []string{"sAccessToken=" + b, "sAccessToken=" + a}, found{a, fdi.Header, nil}},
		{"an application's bearer", []string{"Bearer secret"}, nil, none},
		{"an application's bearer beside a cookie", []string{"Bearer secret"}, []string{"sAccessToken=" + a}, found{a, fdi.Cookie, nil}},
		{"an application's JWT beside a cookie", []string{"Bearer e30.e30.AA"}, []string{"sAccessToken=" + a}, found{a, fdi.Cookie, nil}},
		{"basic beside a cookie", []string{"Basic YTpi"}, []string{"sAccessToken=" + a}, found{a, fdi.Cookie, nil}},
		{"signature version 4 beside a cookie", []string{"AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"}, []string{"sAccessToken=" + a}, found{a, fdi.Cookie, nil}},
		{"a refresh token is no access token", []string{"Bearer " + refresh("a")}, nil, none},
		{"scheme in lower case", []string{"bearer " + a}, nil, none},
		{"scheme without a space", []string{"Bearer" + a}, nil, none},
		{"no scheme", []string{a}, nil, none},

		{"two bearers in two headers", []string{"Bearer " + a, "Bearer " + b}, nil, duplicate},
		{"two bearers joined", []string{"Bearer " + a + ",Bearer " + b}, nil, duplicate},
		{"two bearers joined with a space", []string{"Bearer " + a + ", Bearer " + b}, nil, duplicate},
		{"the same bearer twice", []string{"Bearer " + a, "Bearer " + a}, nil, duplicate},
		{"ours and an application's", []string{"Bearer " + a + ", Bearer secret"}, nil, duplicate},
		{"an application's and ours", []string{"Bearer secret, Bearer " + a}, nil, duplicate},
		{"two of an application's beside a cookie", []string{"Bearer x", "Bearer y"}, []string{"sAccessToken=" + a}, duplicate},
		{"ours and basic", []string{"Bearer " + a + ", Basic YTpi"}, nil, duplicate},
		{"ours and nothing", []string{"Bearer " + a + ","}, nil, duplicate},
		{"two cookies in one header", nil, []string{"sAccessToken=" + a + "; sAccessToken=" + b}, duplicate},
		{"two cookies in two pairs", nil, []string{"sAccessToken=" + a, "sAccessToken=" + b}, duplicate},
		{"the same cookie twice", nil, []string{"sAccessToken=" + a + "; sAccessToken=" + a}, duplicate},
		{"an empty cookie and a good one", nil, []string{"sAccessToken=; sAccessToken=" + a}, duplicate},

		{"cookie name in lower case", nil, []string{"saccesstoken=" + a}, none},
		{"cookie name with a prefix", nil, []string{"xsAccessToken=" + a}, none},
		{"cookie name with a suffix", nil, []string{"sAccessTokenX=" + a}, none},
		{"cookie name percent-encoded", nil, []string{"s%41ccessToken=" + a}, none},
		{"cookie name only", nil, []string{"sAccessToken"}, none},
		{"the name as another cookie's value", nil, []string{"x=sAccessToken=" + a}, none},
		{"another name beside it", nil, []string{"SACCESSTOKEN=" + b + "; sAccessToken=" + a}, found{a, fdi.Cookie, nil}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := fdi.Request{Authorization: test.authorization, Cookies: test.cookies}
			raw, via, err := r.Access()
			check(t, found{raw, via, err}, test.want)
		})
	}
}

func TestRefresh(t *testing.T) {
	a, b := refresh("a"), refresh("b")
	for _, test := range []struct {
		name          string
		authorization []string
		cookies       []string
		want          found
	}{
		{"nothing", nil, nil, found{}},
		{"bearer", []string{"Bearer " + a}, nil, found{a, fdi.Header, nil}},
		{"cookie", nil, []string{"sRefreshToken=" + a}, found{a, fdi.Cookie, nil}},
		{"both", []string{"Bearer " + a}, []string{"sRefreshToken=" + b}, found{a, fdi.Header, nil}},
		{"garbage does not hide the cookie", []string{"Bearer garbage"}, []string{"sRefreshToken=" + a}, found{a, fdi.Cookie, nil}},
		{"an access token does not hide the cookie", []string{"Bearer " + access("a")}, []string{"sRefreshToken=" + a}, found{a, fdi.Cookie, nil}},
		{"the access token's cookie is not asked", nil, []string{"sAccessToken=" + a}, found{}},
		{"two bearers", []string{"Bearer " + a + ", Bearer " + b}, nil, found{err: fdi.ErrDuplicate}},
		{"two cookies", nil, []string{"sRefreshToken=" + a + "; sRefreshToken=" + b}, found{err: fdi.ErrDuplicate}},
	} {
		t.Run(test.name, func(t *testing.T) {
			raw, via, err := fdi.Request{Authorization: test.authorization, Cookies: test.cookies}.Refresh()
			check(t, found{raw, via, err}, test.want)
		})
	}
}

// A gateway hands cookies over as one header, as several, or as pairs. All
// must mean the same.
func TestCookieFormsAgree(t *testing.T) {
	name := rapid.SampledFrom([]string{"sAccessToken", "sRefreshToken", "saccesstoken", "x", " sAccessToken", ""})
	value := rapid.SampledFrom([]string{access("a"), refresh("a"), url.QueryEscape("a+/="), "", "%", "a=b", "a,b", "\t"})
	rapid.Check(t, func(t *rapid.T) {
		var pairs []string
		for range rapid.IntRange(0, 5).Draw(t, "pairs") {
			pairs = append(pairs, name.Draw(t, "name")+"="+value.Draw(t, "value"))
		}
		cut := rapid.IntRange(0, len(pairs)).Draw(t, "cut")
		var want found
		for i, cookies := range [][]string{
			{strings.Join(pairs, "; ")},
			pairs,
			{strings.Join(pairs[:cut], ";"), strings.Join(pairs[cut:], " ;\t")},
		} {
			raw, via, err := fdi.Request{Cookies: cookies}.Access()
			if i == 0 {
				want = found{raw, via, err}
			}
			if got := (found{raw, via, err}); got != want {
				t.Fatalf("Access(%q) = %v, want %v", cookies, got, want)
			}
		}
	})
}

func TestNewRequest(t *testing.T) {
	headers := map[string][]string{
		"authorization": {"Bearer a", "Bearer b"}, "cookie": {"x=1", "y=2"}, "rid": {"session"},
		"origin": {"https://a.example", "https://b.example"}, "sec-fetch-site": {"cross-site"},
		"st-auth-mode": {"cookie"}, "fdi-version": {"4.1,4.2"},
	}
	header := func(name string) []string { return headers[name] }
	r := fdi.NewRequest(header, nil)
	if len(r.Authorization) != 2 || len(r.Cookies) != 2 || r.RID != "session" || r.SecFetchSite != "cross-site" ||
		r.AuthMode != "cookie" || r.FDIVersion != "4.1,4.2" {
		t.Errorf("NewRequest lost a header: %q", []any{r.Authorization, r.Cookies, r.RID, r.SecFetchSite, r.AuthMode, r.FDIVersion})
	}
	if want := "https://a.example,https://b.example"; r.Origin != want {
		t.Errorf("two origins = %q, want %q", r.Origin, want)
	}
	if r := fdi.NewRequest(header, []string{"z=3"}); len(r.Cookies) != 1 || r.Cookies[0] != "z=3" {
		t.Errorf("cookies beside the Cookie header = %q, want the array alone", r.Cookies)
	}
}

func TestMode(t *testing.T) {
	for header, want := range map[string]fdi.Transport{
		"cookie": fdi.Cookie, "Cookie": fdi.Cookie, "header": fdi.Header, "": fdi.Header, "any": fdi.Header, "cookie,cookie": fdi.Header,
	} {
		if got := (fdi.Request{AuthMode: header}).Mode(); got != want {
			t.Errorf("Mode(%q) = %v, want %v", header, got, want)
		}
	}
}

func TestTransportString(t *testing.T) {
	for transport, want := range map[fdi.Transport]string{fdi.None: "none", fdi.Cookie: "cookie", fdi.Header: "header"} {
		if got := transport.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
}
