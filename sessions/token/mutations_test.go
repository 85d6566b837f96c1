package token_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// signatureFirst: what is wrong with the claims is not said unless the
// signature is right.
func signatureFirst(t *testing.T, b *bench) []row {
	expired := b.claims()
	expired.IssuedAt, expired.Expires = b.now().Add(-2*time.Hour), b.now().Add(-time.Hour)
	raw := b.sign(t, expired)
	good := b.sign(t, b.claims())
	other := newBench(t, b.record.Algorithm)
	other.record.ID = b.record.ID
	rows := []row{
		{"expired", raw, token.ErrExpired},
		{"expired, signature cut off", raw[:strings.LastIndexByte(raw, '.')+1], token.ErrInvalid},
		{"another's signature", good[:strings.LastIndexByte(good, '.')] + raw[strings.LastIndexByte(raw, '.'):], token.ErrInvalid},
		{"another key under our id", other.forge(t, b.header(), b.payload(t)), token.ErrInvalid},
		{"another key under our id, expired", other.forge(t, b.header(), strings.Replace(b.payload(t), `"exp":17`, `"exp":16`, 1)), token.ErrInvalid},
	}
	for i := range 8 {
		at := strings.LastIndexByte(good, '.') + 1 + i*10
		rows = append(rows, row{fmt.Sprintf("signature bit flipped at %d", at), flip(good, at), token.ErrInvalid})
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
	for _, alg := range []string{
		"none", "None", "NONE", "nOnE", "", "HS256", "HS512", "RS256", "rs256", "RS384", "PS256",
		"ES256", "es256", "ES384", "EdDSA", "EDDSA", "Ed25519", string(b.record.Algorithm) + " ",
	} {
		if alg == string(b.record.Algorithm) {
			continue
		}
		header := strings.Replace(b.header(), `"`+string(b.record.Algorithm)+`"`, strconv.Quote(alg), 1)
		rows = append(rows,
			row{alg + ", right signature", b.forge(t, header, b.payload(t)), token.ErrInvalid},
			row{alg + ", no signature", encode(header) + "." + encode(b.payload(t)) + ".", token.ErrInvalid})
	}
	spki, err := x509.MarshalPKIXPublicKey(b.key.Public())
	must(t, err)
	for name, secret := range map[string][]byte{"SPKI": spki, "JWK": b.record.Public, "empty": nil} {
		header := strings.Replace(b.header(), string(b.record.Algorithm), "HS256", 1)
		signed := encode(header) + "." + encode(b.payload(t))
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(signed))
		rows = append(rows, row{"HMAC keyed by the public key, " + name, signed + "." + encode(string(mac.Sum(nil))), token.ErrInvalid})
	}
	return rows
}

func embeddedKeys(t *testing.T, b *bench) []row {
	var rows []row
	for _, member := range []string{
		`"jwk":` + string(b.record.Public), `"jku":"https://evil.example/jwks"`, `"x5u":"https://evil.example/x"`,
		`"x5c":["AAAA"]`, `"x5t":"AAAA"`,
	} {
		header := strings.TrimSuffix(b.header(), "}") + "," + member + "}"
		rows = append(rows, row{member[:5], b.forge(t, header, b.payload(t)), token.ErrInvalid})
	}
	return append(rows, row{"no kid", b.forge(t, `{"alg":"`+string(b.record.Algorithm)+`","typ":"at+jwt"}`, b.payload(t)), token.ErrInvalid},
		row{"kid of no key", b.forge(t, strings.Replace(b.header(), b.record.ID, "nobody", 1), b.payload(t)), token.ErrInvalid})
}

func times(t *testing.T, b *bench) []row {
	var rows []row
	at := func(name string, iat, exp string, want error) {
		p := regexp.MustCompile(`"iat":\d+,"exp":\d+`).ReplaceAllString(b.payload(t), iat+exp)
		rows = append(rows, row{name, b.forge(t, b.header(), strings.Replace(p, ",,", ",", 1)), want})
	}
	now := b.now().Unix()
	iat := func(d int64) string { return fmt.Sprintf(`"iat":%d,`, now+d) }
	exp := func(d int64) string { return fmt.Sprintf(`"exp":%d`, now+d) }
	at("last second", iat(-3599), exp(1), nil)
	at("ends now", iat(-3600), exp(0), token.ErrExpired)
	at("10 s ahead", iat(10), exp(100), nil)
	at("11 s ahead", iat(11), exp(100), token.ErrInvalid)
	at("61 s ahead", iat(61), exp(100), token.ErrInvalid)
	at("too long a life", iat(0), exp(3601), token.ErrInvalid)
	at("too long a life, and over", iat(-8000), exp(-1000), token.ErrInvalid)
	at("ends before it begins", iat(-5), exp(-6), token.ErrInvalid)
	at("no exp", iat(0), `"x":1`, token.ErrInvalid)
	at("no iat", `"x":1,`, exp(100), token.ErrInvalid)
	for _, value := range []string{
		"null", `"1767326645"`, "true", "[]", "{}", "0", "-1", "1e400", "1.7673266e9", "1767326645.5", "9223372036854775807",
		"9223372036854775808", "99999999999999999999999", "253402300800", "-9223372036854775808",
	} {
		at("exp "+value, iat(0), `"exp":`+value, token.ErrInvalid)
		at("iat "+value, `"iat":`+value+`,`, exp(100), token.ErrInvalid)
		at("nbf "+value, iat(0), exp(100)+`,"nbf":`+value, token.ErrInvalid)
	}
	at("nbf over", iat(0), exp(100)+fmt.Sprintf(`,"nbf":%d`, now-5), nil)
	at("nbf 10 s ahead", iat(0), exp(100)+fmt.Sprintf(`,"nbf":%d`, now+10), nil)
	at("nbf 11 s ahead", iat(0), exp(100)+fmt.Sprintf(`,"nbf":%d`, now+11), token.ErrInvalid)
	return rows
}

func kinds(t *testing.T, b *bench) []row {
	var rows []row
	for _, typ := range []string{`"JWT"`, `"at+JWT"`, `"AT+JWT"`, `"application/at+jwt"`, `"rt+jwt"`, `"dpop+jwt"`, `"id+jwt"`, `""`, `null`, `["at+jwt"]`} {
		rows = append(rows, row{typ, b.forge(t, strings.Replace(b.header(), `"at+jwt"`, typ, 1), b.payload(t)), token.ErrInvalid})
	}
	return append(rows,
		row{"no typ", b.forge(t, strings.Replace(b.header(), `,"typ":"at+jwt"`, "", 1), b.payload(t)), token.ErrInvalid},
		row{"stt of another product's token", b.forge(t, b.header(), strings.Replace(b.payload(t), "{", `{"stt":1,`, 1)), token.ErrInvalid},
		row{"refresh token", "v1.m1." + strings.Repeat("A", 112), token.ErrInvalid},
		row{"encrypted token", strings.Join([]string{encode(b.header()), "AA", "AA", "AA", "AA"}, "."), token.ErrInvalid})
}

func parties(t *testing.T, b *bench) []row {
	var rows []row
	for _, value := range []string{
		`"` + issuer + `/"`, `"` + strings.ToUpper(issuer) + `"`, `"https://evil.example/auth"`, `""`, `null`, `1`, `[]`,
		`["https://evil.example"]`, `{"` + issuer + `":1}`, `"` + issuer + ` "`, `"http` + strings.TrimPrefix(issuer, "https") + `"`,
	} {
		for _, name := range []string{"iss", "aud"} {
			p := strings.Replace(b.payload(t), `"`+name+`":"`+issuer+`"`, `"`+name+`":`+value, 1)
			rows = append(rows, row{name + " " + value, b.forge(t, b.header(), p), token.ErrInvalid})
		}
	}
	return rows
}

func presence(t *testing.T, b *bench) []row {
	var rows []row
	for name, value := range map[string]string{
		"sub": `"user"`, "rsub": `"recipe"`, "tId": `"public"`, "sessionHandle": `"handle"`, "iss": `"` + issuer + `"`, "aud": `"` + issuer + `"`,
	} {
		member := `"` + name + `":` + value
		for _, bad := range []string{
			`"x":1`, `"` + name + `":""`, `"` + name + `":null`, `"` + name + `":7`, `"` + name + `":true`, `"` + name + `":["user"]`,
			`"` + strings.ToUpper(name) + `":` + value, `"` + name + `":"a\u0000b"`, `"` + name + `":"a\nb"`, `"` + name + `":"\u007f"`,
			`"` + name + `":"\u0085"`, `"` + name + `":"\ud800"`, `"` + name + "\":\"\xff\"", `"` + name + `":"` + strings.Repeat("a", 513) + `"`,
		} {
			rows = append(rows, row{bad[:min(len(bad), 40)], b.forge(t, b.header(), strings.Replace(b.payload(t), member, bad, 1)), token.ErrInvalid})
		}
	}
	return rows
}

func critical(t *testing.T, b *bench) []row {
	var rows []row
	for _, member := range []string{
		`"crit":["exp"]`, `"crit":["b64"],"b64":false`, `"crit":[]`, `"crit":null`, `"b64":true`, `"zip":"DEF"`, `"cty":"JWT"`, `"":1`, `"x":1`,
	} {
		rows = append(rows,
			row{member, b.forge(t, strings.TrimSuffix(b.header(), "}")+","+member+"}", b.payload(t)), token.ErrInvalid},
			row{member + " first", b.forge(t, "{"+member+","+strings.TrimPrefix(b.header(), "{"), b.payload(t)), token.ErrInvalid})
	}
	return rows
}

func repeated(t *testing.T, b *bench) []row {
	var rows []row
	for _, member := range []string{
		`"alg":"none"`, `"alg":"` + string(b.record.Algorithm) + `"`, `"kid":"x"`, `"typ":"at+jwt"`, `"Alg":"none"`, `"KID":"x"`, `"\u0061lg":"none"`, `"\u017fyp":"x"`,
	} {
		rows = append(rows, row{"header " + member, b.forge(t, strings.TrimSuffix(b.header(), "}")+","+member+"}", b.payload(t)), token.ErrInvalid})
	}
	for _, member := range []string{
		`"sub":"user"`, `"sub":"admin"`, `"\u0073ub":"admin"`, `"exp":9999999999`, `"st-role":1`, `"new":1,"new":2`, `"new":{"a":1,"a":2}`,
	} {
		rows = append(rows,
			row{"claims, last " + member, b.forge(t, b.header(), strings.TrimSuffix(b.payload(t), "}")+","+member+"}"), token.ErrInvalid},
			row{"claims, first " + member, b.forge(t, b.header(), "{"+member+","+strings.TrimPrefix(b.payload(t), "{")), token.ErrInvalid})
	}
	return rows
}

func forms(t *testing.T, b *bench) []row {
	good := b.sign(t, b.claims())
	dot, last := strings.IndexByte(good, '.'), strings.LastIndexByte(good, '.')
	rows := []row{
		{"empty", "", token.ErrInvalid}, {"dots", "..", token.ErrInvalid}, {"one segment", good[:dot], token.ErrInvalid},
		{"two segments", good[:last], token.ErrInvalid}, {"four segments", good + ".", token.ErrInvalid},
		{"many dots", strings.Repeat(".", 4096), token.ErrInvalid}, {"leading dot", "." + good, token.ErrInvalid},
		{"Bearer in front", "Bearer " + good, token.ErrInvalid}, {"too long", good + strings.Repeat("A", 4096), token.ErrInvalid},
		{"JSON serialization", `{"payload":"` + good[dot+1:last] + `"}`, token.ErrInvalid},
		{"header array", b.forge(t, "["+b.header()+"]", b.payload(t)), token.ErrInvalid},
		{"header and more", b.forge(t, b.header()+"{}", b.payload(t)), token.ErrInvalid},
		{"claims array", b.forge(t, b.header(), "["+b.payload(t)+"]"), token.ErrInvalid},
		{"claims and more", b.forge(t, b.header(), b.payload(t)+"x"), token.ErrInvalid},
		{"claims null", b.forge(t, b.header(), "null"), token.ErrInvalid},
		{"no claims", b.forge(t, b.header(), ""), token.ErrInvalid},
		{"byte order mark", b.forge(t, b.header(), "\ufeff"+b.payload(t)), token.ErrInvalid},
		{"invalid UTF-8", b.forge(t, b.header(), strings.Replace(b.payload(t), "admin", "adm\xffn", 1)), token.ErrInvalid},
		{"white space between members", b.forge(t, strings.ReplaceAll(b.header(), ",", " ,\n"), b.payload(t)), nil},
		{"header members in another order", b.forge(t, `{"typ":"at+jwt","kid":"`+b.record.ID+`","alg":"`+string(b.record.Algorithm)+`"}`, b.payload(t)), nil},
	}
	for _, c := range []string{"\n", "\r", " ", "=", "+", "/", "\t", "\x00", "%", "é"} {
		for name, at := range map[string]int{"header": 3, "claims": dot + 3, "signature": last + 3, "end": len(good), "front": 0} {
			rows = append(rows, row{fmt.Sprintf("%q in the %s", c, name), good[:at] + c + good[at:], token.ErrInvalid})
		}
	}
	return append(rows, spellings(t, b)...)
}

// spellings are the same bytes in other base64: with non-zero trailing bits.
func spellings(t *testing.T, b *bench) []row {
	var rows []row
	for pad := range 3 {
		p := strings.Replace(b.payload(t), "{", "{"+strings.Repeat(" ", pad), 1)
		h := strings.Replace(b.header(), "{", "{"+strings.Repeat(" ", pad), 1)
		rows = append(rows, row{"claims", b.seal(t, encode(b.header())+"."+trailing(encode(p))), spelled(encode(p))},
			row{"header", b.seal(t, trailing(encode(h))+"."+encode(b.payload(t))), spelled(encode(h))})
	}
	good := b.sign(t, b.claims())
	last := strings.LastIndexByte(good, '.') + 1
	return append(rows, row{"signature", good[:last] + trailing(good[last:]), spelled(good[last:])})
}

// trailing sets the unused bits of the last character, if there are any.
func trailing(segment string) string {
	if spelled(segment) == nil {
		return segment
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	end := len(segment) - 1
	return segment[:end] + string(alphabet[strings.IndexByte(alphabet, segment[end])|1])
}

func spelled(segment string) error {
	if len(segment)%4 == 0 {
		return nil
	}
	return token.ErrInvalid
}
