package token_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// row is a token made from a good one by one change, and what becomes of it.
type row struct {
	name string
	raw  string
	want error
}

// TestVerify is named after the requirements that the project keeps for
// self-contained tokens: each starts from one good token and changes one thing.
func TestVerify(t *testing.T) {
	for _, a := range algorithmNames() {
		t.Run(string(a), func(t *testing.T) {
			b := newBench(t, a)
			for id, rows := range requirements(t, b) {
				t.Run(id, func(t *testing.T) { try(t, b, rows) })
			}
		})
	}
}

// try expects of every row what it says, on a warm process and, since the
// two take different paths, on a cold one. Identify accepts what is over, and
// nothing else that Verify refuses.
func try(t *testing.T, b *bench, rows []row) {
	t.Helper()
	for _, r := range rows {
		_, cold := newRing(t, b.store, b.now, 0)
		for name, v := range map[string]*token.Verifier{"warm": b.verifier, "cold": cold} {
			c, err := v.Verify(t.Context(), r.raw)
			if !errors.Is(err, r.want) || err != nil && !reflect.DeepEqual(c, token.Claims{}) {
				t.Errorf("Verify(%s) on a %s process = %v, %v, want %v", r.name, name, c, err, r.want)
			}
		}
		want := r.want
		if errors.Is(want, token.ErrExpired) {
			want = nil
		}
		if _, err := b.verifier.Identify(t.Context(), r.raw); !errors.Is(err, want) {
			t.Errorf("Identify(%s) = %v, want %v", r.name, err, want)
		}
	}
}

func requirements(t *testing.T, b *bench) map[string][]row {
	return map[string][]row{
		"good token":                                  {{"good", b.sign(t, b.claims()), nil}, {"by hand", b.forge(t, b.header(), b.payload(t)), nil}},
		"JW-01 signature before claims":               signatureFirst(t, b),
		"JW-02 algorithm of the key":                  algorithms(t, b),
		"JW-03 keys are ours":                         embeddedKeys(t, b),
		"JW-04 times":                                 times(t, b),
		"JW-05 kind":                                  kinds(t, b),
		"JW-06 issuer and audience":                   parties(t, b),
		"JW-07, JW-16 claims present, of their types": presence(t, b),
		"JW-08 critical headers": b.withMembers(t, headerStart, headerEnd, `"crit":["exp"]`, `"crit":["b64"],"b64":false`,
			`"crit":[]`, `"crit":null`, `"b64":true`, `"zip":"DEF"`, `"cty":"JWT"`, `"":1`, `"x":1`),
		"JW-09 repeated names": append(
			b.withMembers(t, headerStart, headerEnd, `"alg":"none"`, `"alg":"`+string(b.record.Algorithm)+`"`, `"kid":"x"`,
				`"typ":"at+jwt"`, `"Alg":"none"`, `"KID":"x"`, `"\u0061lg":"none"`, `"\u017fyp":"x"`),
			b.withMembers(t, payloadStart, payloadEnd, `"sub":"user"`, `"sub":"admin"`, `"\u0073ub":"admin"`,
				`"exp":9999999999`, `"st-role":1`, `"new":1,"new":2`, `"new":{"a":1,"a":2}`)...),
		"JW-10 form": append(forms(t, b), spellings(t, b)...),
	}
}

// replaced returns a token whose header and payload are those of a good one but
// for one text, signed with the right key.
func (b *bench) replaced(t *testing.T, old, text string) string {
	t.Helper()
	header, payload := b.header(), b.payload(t)
	if !strings.Contains(header+payload, old) {
		t.Fatalf("no good token has %s", old)
	}
	return b.forge(t, strings.Replace(header, old, text, 1), strings.Replace(payload, old, text, 1))
}

// invalid returns such a token for each of the texts, none of which is good.
func (b *bench) invalid(t *testing.T, old string, texts ...string) []row {
	t.Helper()
	var rows []row
	for _, text := range texts {
		rows = append(rows, row{text[:min(len(text), 40)], b.replaced(t, old, text), token.ErrInvalid})
	}
	return rows
}

// Where the header and the payload of a good token start and end.
const (
	headerStart, headerEnd   = `{"alg"`, `at+jwt"}`
	payloadStart, payloadEnd = `{"iss"`, `"t":1}}`
)

// withMembers returns tokens with one more member each, as the first and as the
// last. None of them is good.
func (b *bench) withMembers(t *testing.T, start, end string, members ...string) []row {
	t.Helper()
	var rows []row
	for _, member := range members {
		rows = append(rows, b.invalid(t, start, strings.Replace(start, "{", "{"+member+",", 1))...)
		rows = append(rows, b.invalid(t, end, strings.TrimSuffix(end, "}")+","+member+"}")...)
	}
	return rows
}

// signatureFirst: what is wrong with the claims is not said unless the
// signature is right.
func signatureFirst(t *testing.T, b *bench) []row {
	good, over := b.sign(t, b.claims()), b.claims()
	over.IssuedAt, over.Expires = over.IssuedAt.Add(-2*lifetime), over.IssuedAt.Add(-lifetime)
	expired := b.sign(t, over)
	last := strings.LastIndexByte(good, '.') + 1
	other := newBench(t, b.record.Algorithm)
	other.record.ID = b.record.ID
	rows := []row{
		{"expired", expired, token.ErrExpired},
		{"expired, signature cut off", expired[:strings.LastIndexByte(expired, '.')+1], token.ErrInvalid},
		{"another's signature", good[:last] + expired[strings.LastIndexByte(expired, '.')+1:], token.ErrInvalid},
		{"another key under our id", other.forge(t, b.header(), b.payload(t)), token.ErrInvalid},
		{"another key under our id, expired", other.replaced(t, `"exp":17`, `"exp":16`), token.ErrInvalid},
	}
	for i := range 8 {
		rows = append(rows, row{fmt.Sprintf("signature changed at %d", i*10), flip(good, last+i*10), token.ErrInvalid})
	}
	return rows
}

// flip changes one character of a token.
func flip(raw string, at int) string {
	c := byte('A')
	if raw[at] == 'A' {
		c = 'B'
	}
	return raw[:at] + string(c) + raw[at+1:]
}

func algorithms(t *testing.T, b *bench) []row {
	var rows []row
	own := `"alg":"` + string(b.record.Algorithm) + `"`
	for _, alg := range []string{
		"none", "None", "NONE", "nOnE", "", "HS256", "HS512", "RS256", "rs256", "RS384", "PS256",
		"ES256", "es256", "ES384", "EdDSA", "EDDSA", "Ed25519", string(b.record.Algorithm) + " ",
	} {
		if alg == string(b.record.Algorithm) {
			continue
		}
		signed := b.replaced(t, own, `"alg":`+strconv.Quote(alg))
		rows = append(rows, row{alg + ", right signature", signed, token.ErrInvalid},
			row{alg + ", no signature", signed[:strings.LastIndexByte(signed, '.')+1], token.ErrInvalid})
	}
	spki, err := x509.MarshalPKIXPublicKey(b.key.Public())
	must(t, err)
	symmetric := b.replaced(t, own, `"alg":"HS256"`)
	symmetric = symmetric[:strings.LastIndexByte(symmetric, '.')]
	for name, secret := range map[string][]byte{"SPKI": spki, "JWK": b.record.Public, "empty": nil} {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(symmetric))
		raw := symmetric + "." + encode(string(mac.Sum(nil)))
		rows = append(rows, row{"HMAC keyed by the public key, " + name, raw, token.ErrInvalid})
	}
	return rows
}

func embeddedKeys(t *testing.T, b *bench) []row {
	rows := b.withMembers(t, headerStart, headerEnd, `"jwk":`+string(b.record.Public), `"jku":"https://evil.example/jwks"`,
		`"x5u":"https://evil.example/x"`, `"x5c":["AAAA"]`, `"x5t":"AAAA"`)
	rows = append(rows, b.invalid(t, `"kid":"`+b.record.ID+`",`, "")...)
	return append(rows, b.invalid(t, b.record.ID, "nobody")...)
}

func times(t *testing.T, b *bench) []row {
	now := b.now().Unix()
	good := fmt.Sprintf(`"iat":%d,"exp":%d`, now, b.now().Add(lifetime).Unix())
	var rows []row
	for _, c := range []struct {
		name     string
		iat, exp int64 // from now
		more     string
		want     error
	}{
		{"last second", -3599, 1, "", nil},
		{"ends now", -3600, 0, "", token.ErrExpired},
		{"10 s ahead", 10, 100, "", nil},
		{"11 s ahead", 11, 100, "", token.ErrInvalid},
		{"61 s ahead", 61, 100, "", token.ErrInvalid},
		{"too long a life", 0, 3601, "", token.ErrInvalid},
		{"too long a life, and over", -8000, -1000, "", token.ErrInvalid},
		{"ends before it begins", -5, -6, "", token.ErrInvalid},
		{"nbf over", 0, 100, fmt.Sprintf(`,"nbf":%d`, now-5), nil},
		{"nbf 10 s ahead", 0, 100, fmt.Sprintf(`,"nbf":%d`, now+10), nil},
		{"nbf 11 s ahead", 0, 100, fmt.Sprintf(`,"nbf":%d`, now+11), token.ErrInvalid},
	} {
		raw := b.replaced(t, good, fmt.Sprintf(`"iat":%d,"exp":%d%s`, now+c.iat, now+c.exp, c.more))
		rows = append(rows, row{c.name, raw, c.want})
	}
	rows = append(rows, b.invalid(t, good, fmt.Sprintf(`"iat":%d`, now), fmt.Sprintf(`"exp":%d`, now+100))...)
	for _, value := range []string{
		"null", `"1767326645"`, "true", "[]", "{}", "0", "-1", "1e400", "1.7673266e9", "1767326645.5", "9223372036854775807",
		"9223372036854775808", "99999999999999999999999", "253402300800", "-9223372036854775808",
	} {
		rows = append(rows, b.invalid(t, good, fmt.Sprintf(`"iat":%d,"exp":%s`, now, value),
			fmt.Sprintf(`"iat":%s,"exp":%d`, value, now+100), fmt.Sprintf(`"iat":%d,"exp":%d,"nbf":%s`, now, now+100, value))...)
	}
	return rows
}

func kinds(t *testing.T, b *bench) []row {
	rows := b.invalid(t, `"at+jwt"`, `"JWT"`, `"at+JWT"`, `"AT+JWT"`, `"application/at+jwt"`, `"rt+jwt"`, `"dpop+jwt"`, `"id+jwt"`,
		`""`, `null`, `["at+jwt"]`)
	rows = append(rows, b.invalid(t, `,"typ":"at+jwt"`, "")...)
	rows = append(rows, b.withMembers(t, payloadStart, payloadEnd, `"stt":1`)...) // another product's token
	return append(rows,
		row{"refresh token", "v1.m1." + strings.Repeat("A", 112), token.ErrInvalid},
		row{"encrypted token", strings.Join([]string{encode(b.header()), "AA", "AA", "AA", "AA"}, "."), token.ErrInvalid})
}

// parties are tokens that are from or for another.
func parties(t *testing.T, b *bench) []row {
	var rows []row
	for _, name := range []string{`"iss":`, `"aud":`} {
		for _, value := range []string{
			`"` + issuer + `/"`, `"` + strings.ToUpper(issuer) + `"`, `"https://evil.example/auth"`, `1`, `[]`,
			`["https://evil.example"]`, `{"` + issuer + `":1}`, `"` + issuer + ` "`, `"http` + strings.TrimPrefix(issuer, "https") + `"`,
		} {
			rows = append(rows, b.invalid(t, name+`"`+issuer+`"`, name+value)...)
		}
	}
	return rows
}

// presence are tokens in which one of our claims is missing or no plain text.
func presence(t *testing.T, b *bench) []row {
	var rows []row
	for _, claim := range []string{
		`"sub":"user"`, `"rsub":"recipe"`, `"tId":"public"`, `"sessionHandle":"handle"`, `"iss":"` + issuer + `"`, `"aud":"` + issuer + `"`,
	} {
		name, value, _ := strings.Cut(claim, ":")
		rows = append(rows, b.invalid(t, claim, `"x":1`, strings.ToUpper(name)+":"+value)...)
		for _, bad := range []string{
			`""`, `null`, `7`, `true`, `["user"]`, `"a\u0000b"`, `"a\nb"`, `"\u007f"`, `"\u0085"`, `"\ud800"`, "\"\xff\"",
			`"` + strings.Repeat("a", 513) + `"`,
		} {
			rows = append(rows, b.invalid(t, claim, name+":"+bad)...)
		}
	}
	return rows
}

func forms(t *testing.T, b *bench) []row {
	good := b.sign(t, b.claims())
	dot, last := strings.IndexByte(good, '.'), strings.LastIndexByte(good, '.')
	header, payload := b.header(), b.payload(t)
	another := `{"typ":"at+jwt","kid":"` + b.record.ID + `","alg":"` + string(b.record.Algorithm) + `"}`
	rows := []row{
		{"white space between members", b.forge(t, strings.ReplaceAll(header, ",", " ,\n"), payload), nil},
		{"header members in another order", b.forge(t, another, payload), nil},
	}
	for name, raw := range map[string]string{
		"empty": "", "dots": "..", "one segment": good[:dot], "two segments": good[:last], "four segments": good + ".",
		"many dots": strings.Repeat(".", 4096), "leading dot": "." + good, "Bearer in front": "Bearer " + good,
		"too long": good + strings.Repeat("A", 4096), "JSON serialization": `{"payload":"` + good[dot+1:last] + `"}`,
		"garbage": "garbage", "three words": "a.b.c",
		"header array":      b.forge(t, "["+header+"]", payload),
		"header and more":   b.forge(t, header+"{}", payload),
		"claims array":      b.forge(t, header, "["+payload+"]"),
		"claims and more":   b.forge(t, header, payload+"x"),
		"claims null":       b.forge(t, header, "null"),
		"no claims":         b.forge(t, header, ""),
		"byte order mark":   b.forge(t, header, "\ufeff"+payload),
		"invalid UTF-8":     b.replaced(t, "admin", "adm\xffn"),
		"signature of none": good[:last+1],
	} {
		rows = append(rows, row{name, raw, token.ErrInvalid})
	}
	for _, c := range []string{"\n", "\r", " ", "=", "+", "/", "\t", "\x00", "%", "é"} {
		for name, at := range map[string]int{"header": 3, "claims": dot + 3, "signature": last + 3, "end": len(good), "front": 0} {
			rows = append(rows, row{fmt.Sprintf("%q in the %s", c, name), good[:at] + c + good[at:], token.ErrInvalid})
		}
	}
	return rows
}

// spellings are tokens with the same bytes in other base64, in which unused bits
// are not zero. One of three lengths has no unused bits.
func spellings(t *testing.T, b *bench) []row {
	var rows []row
	add := func(name, before, segment, after string) {
		for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			other := segment[:len(segment)-1] + string(c)
			bytes, err := base64.RawURLEncoding.DecodeString(other)
			if other == segment || err != nil || encode(string(bytes)) != segment {
				continue
			}
			raw := before + other + after
			if name != "signature" {
				raw = b.seal(t, raw)
			}
			rows = append(rows, row{name, raw, token.ErrInvalid})
		}
	}
	for pad := range 2 {
		space := "{" + strings.Repeat(" ", pad)
		header, payload := strings.Replace(b.header(), "{", space, 1), strings.Replace(b.payload(t), "{", space, 1)
		add("header", "", encode(header), "."+encode(payload))
		add("claims", encode(header)+".", encode(payload), "")
	}
	good := b.sign(t, b.claims())
	last := strings.LastIndexByte(good, '.') + 1
	add("signature", good[:last], good[last:], "")
	return rows
}

// TestRequirements are those that are about more than one token.
func TestRequirements(t *testing.T) {
	t.Run("JW-11 keys", keysAreSound)
	t.Run("JW-12 kid is only looked up", keyIDIsOnlyLookedUp)
	t.Run("JW-14 nothing else in claims", payloadHoldsWhatWasGiven)
	t.Run("JW-15 one reply", oneReplyForEverySignature)
}

// keyIDIsOnlyLookedUp: whatever a kid says, it names no file, URL or
// query; only the one load for an unknown id follows.
func keyIDIsOnlyLookedUp(t *testing.T) {
	b := newBench(t, token.ES256)
	b.sign(t, b.claims())
	before := b.loads.Load()
	try(t, b, b.invalid(t, b.record.ID, "../../../../dev/null", "/dev/null", "http://evil.example/key", "' OR '1'='1", "|id", "%00",
		b.record.ID+"/..", strings.ToLower(b.record.ID), " "+b.record.ID))
	if n := b.loads.Load() - before; n > 1+9 { // one, and one of each cold process
		t.Errorf("unknown ids caused %d loads, want at most one of each process", n)
	}
}

// payloadHoldsWhatWasGiven: nothing but the claims is in a token.
func payloadHoldsWhatWasGiven(t *testing.T) {
	b := newBench(t, token.ES256)
	segments := strings.Split(b.sign(t, b.claims()), ".")
	header, errHeader := base64.RawURLEncoding.DecodeString(segments[0])
	payload, errPayload := base64.RawURLEncoding.DecodeString(segments[1])
	want := fmt.Sprintf(`{"iss":%q,"aud":%q,"sub":"user","iat":%d,"exp":%d,"sessionHandle":"handle","tId":"public","rsub":"recipe","st-role":{"v":["admin"],"t":1}}`,
		issuer, issuer, b.now().Unix(), b.now().Add(lifetime).Unix())
	if err := errors.Join(errHeader, errPayload); err != nil || string(header) != b.header() || string(payload) != want {
		t.Errorf("the token is %s, %s, %v, want %s, %s", header, payload, err, b.header(), want)
	}
}

// oneReplyForEverySignature: a bad signature reads the same however it
// is bad, and no error holds a part of the token.
func oneReplyForEverySignature(t *testing.T) {
	for _, a := range algorithmNames() {
		b := newBench(t, a)
		good := b.sign(t, b.claims())
		last := strings.LastIndexByte(good, '.') + 1
		texts := map[string]bool{}
		for _, signature := range []string{
			"", "A", "AA", good[last : last+40], good[last:] + "AAAA", flip(good[last:], 0), flip(good[last:], 50),
			strings.Repeat("A", len(good)-last), strings.Repeat("_", len(good)-last), encode("garbage"),
		} {
			_, err := b.verifier.Verify(t.Context(), good[:last]+signature)
			if !errors.Is(err, token.ErrInvalid) {
				t.Fatalf("Verify(%s with signature %q) = %v, want %v", a, signature, err, token.ErrInvalid)
			}
			texts[err.Error()] = true
		}
		if len(texts) != 1 {
			t.Errorf("%s: replies to bad signatures are %v, want one", a, texts)
		}
	}
}
