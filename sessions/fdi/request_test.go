package fdi_test

import (
	"encoding/base64"
	"strings"
	"testing"

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

// found is what a request says of its tokens of one kind.
type found struct {
	candidates string // joined by a space
	via        fdi.Transport
	err        error
}

// accessOf and refreshOf read the tokens of a request.
func accessOf(r fdi.Request) found  { return find(r.AccessTokens()) }
func refreshOf(r fdi.Request) found { return find(r.RefreshTokens()) }

func find(tokens fdi.Tokens, err error) found {
	candidates, via := tokens.Candidates()
	return found{strings.Join(candidates, " "), via, err}
}

func TestTokens(t *testing.T) {
	a, b, spent := access("a"), access("b"), refresh("a")
	none, duplicate := found{}, found{err: fdi.ErrDuplicate}
	bearer := func(candidate string) found { return found{candidate, fdi.Header, nil} }
	cookies := func(candidates ...string) found { return found{strings.Join(candidates, " "), fdi.Cookie, nil} }
	for _, test := range []struct {
		name          string
		authorization []string
		cookies       []string
		read          func(fdi.Request) found
		want          found
	}{
		{"nothing", nil, nil, accessOf, none},
		{"bearer", []string{"Bearer " + a}, nil, accessOf, bearer(a)},
		{"bearer, several spaces", []string{"Bearer   " + a}, nil, accessOf, bearer(a)},
		{"scheme in another case", []string{"bEARER " + a}, nil, accessOf, bearer(a)},
		{"cookie among others", nil, []string{"x=1; sAccessToken=" + a + "; y"}, accessOf, cookies(a)},
		{"cookie as one of several pairs", nil, []string{"x=1", "sAccessToken=" + a}, accessOf, cookies(a)},
		{"cookie without spaces", nil, []string{"x=1;sAccessToken=" + a}, accessOf, cookies(a)},
		{"cookie, percent-encoded", nil, []string{"sAccessToken=" + strings.ReplaceAll(a, ".", "%2E")}, accessOf, cookies(a)},
		{"cookie with a bad escape", nil, []string{"sAccessToken=%zz"}, accessOf, cookies("%zz")},
		{"cookie of any other form", nil, []string{"sAccessToken=abc"}, accessOf, cookies("abc")},
		{"empty cookie", nil, []string{"sAccessToken="}, accessOf, none},

		{"two cookies", nil, []string{"sAccessToken=" + a + "; sAccessToken=" + b}, accessOf, cookies(a, b)},
		{"two cookies in two pairs", nil, []string{"sAccessToken=" + b, "sAccessToken=" + a}, accessOf, cookies(b, a)},
		{"the same cookie twice", nil, []string{"sAccessToken=" + a + "; sAccessToken=" + a}, accessOf, cookies(a)},
		{"the same cookie, once encoded", nil, []string{"sAccessToken=" + a + "; sAccessToken=" + strings.ReplaceAll(a, ".", "%2E")}, accessOf, cookies(a)},
		{"an empty cookie and a good one", nil, []string{"sAccessToken=; sAccessToken=" + a}, accessOf, cookies(a)},
		{"garbage and a good one", nil, []string{"sAccessToken=abc; sAccessToken=" + a}, accessOf, cookies("abc", a)},

		{"bearer wins over cookies", []string{"Bearer " + a}, []string{"sAccessToken=" + b, "sAccessToken=x"}, accessOf, bearer(a)},
		{"an application's bearer beside a cookie", []string{"Bearer secret"}, []string{"sAccessToken=" + a}, accessOf, cookies(a)},
		{"an application's JWT beside a cookie", []string{"Bearer e30.e30.AA"}, []string{"sAccessToken=" + a}, accessOf, cookies(a)},
		{"basic beside a cookie", []string{"Basic YTpi"}, []string{"sAccessToken=" + a}, accessOf, cookies(a)},
		{"signature version 4 beside a cookie", []string{"AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c"}, []string{"sAccessToken=" + a}, accessOf, cookies(a)},
		{"a refresh token is no access token", []string{"Bearer " + spent}, nil, accessOf, none},
		{"basic, though it is ours", []string{"Basic " + a}, nil, accessOf, none},
		{"scheme without a space", []string{"Bearer" + a}, nil, accessOf, none},
		{"no scheme", []string{a}, nil, accessOf, none},

		{"two bearers in two headers", []string{"Bearer " + a, "Bearer " + b}, nil, accessOf, duplicate},
		{"two bearers joined", []string{"Bearer " + a + ",Bearer " + b}, nil, accessOf, duplicate},
		{"two bearers joined with a space", []string{"Bearer " + a + ", bearer " + b}, nil, accessOf, duplicate},
		{"the same bearer twice", []string{"Bearer " + a, "Bearer " + a}, nil, accessOf, duplicate},
		{"ours and an application's", []string{"Bearer " + a + ", Bearer secret"}, nil, accessOf, duplicate},
		{"an application's and ours", []string{"Bearer secret, Bearer " + a}, nil, accessOf, duplicate},
		{"two of an application's beside a cookie", []string{"Bearer x", "Bearer y"}, []string{"sAccessToken=" + a}, accessOf, duplicate},
		{"ours and basic", []string{"Bearer " + a + ", Basic YTpi"}, nil, accessOf, duplicate},
		{"ours and nothing", []string{"Bearer " + a + ","}, nil, accessOf, duplicate},

		{"cookie name in lower case", nil, []string{"saccesstoken=" + a}, accessOf, none},
		{"cookie name with a prefix", nil, []string{"xsAccessToken=" + a}, accessOf, none},
		{"cookie name with a suffix", nil, []string{"sAccessTokenX=" + a}, accessOf, none},
		{"cookie name percent-encoded", nil, []string{"s%41ccessToken=" + a}, accessOf, none},
		{"cookie name only", nil, []string{"sAccessToken"}, accessOf, none},
		{"the name as another cookie's value", nil, []string{"x=sAccessToken=" + a}, accessOf, none},
		{"another name beside it", nil, []string{"SACCESSTOKEN=" + b + "; sAccessToken=" + a}, accessOf, cookies(a)},

		{"refresh by bearer", []string{"Bearer " + spent}, []string{"sRefreshToken=" + refresh("b")}, refreshOf, bearer(spent)},
		{"refresh by cookies", nil, []string{"sRefreshToken=" + spent + "; sRefreshToken=" + refresh("b")}, refreshOf, cookies(spent, refresh("b"))},
		{"an access token does not hide the refresh cookie", []string{"Bearer " + a}, []string{"sRefreshToken=" + spent}, refreshOf, cookies(spent)},
		{"the access token's cookie is not asked", nil, []string{"sAccessToken=" + a}, refreshOf, none},
		{"two refresh bearers", []string{"Bearer " + spent + ", Bearer " + refresh("b")}, nil, refreshOf, duplicate},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.read(fdi.Request{Authorization: test.authorization, Cookies: test.cookies}); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
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
	for transport, want := range map[fdi.Transport]string{fdi.Cookie: "cookie", fdi.Header: "header", fdi.None: "none"} {
		if got := transport.String(); got != want {
			t.Errorf("Transport %d = %s, want %s", transport, got, want)
		}
	}
}
