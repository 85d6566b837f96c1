package main

func ofToken() suites { return suites{packages: []string{"./sessions/token"}} }

// tokenGuards are those of reading one access token.
func tokenGuards() []guard {
	s := ofToken()
	var all []guard
	all = append(all, in("sessions/token/verifier.go", s,
		edit{name: "the signature is checked", old: "!key.signed(p)", new: "false"},
		edit{name: "a token ends", old: "!now.Before(c.Expires)", new: "false"},
		edit{name: "a retired key verifies no more", old: "if !key.usable(now) {", new: "if false {"},
		edit{name: "a remembered token ends with its key", old: "hit.set == set && hit.key.usable(now)", new: "hit.set == set"},
		edit{name: "a remembered token is checked again with new keys", old: "hit.set == set && ", new: "set != nil && "},
		edit{name: "a token from the future is refused", old: "from.After(now.Add(skew))", new: "false && from.After(now)"},
		edit{name: "the algorithm is the key's", old: "h.Alg != string(key.algorithm)", new: "false"},
		edit{name: "the issuer is ours", old: ` || c.Issuer != s.Issuer`, new: ""},
		edit{name: "without settings nobody is the issuer", old: `s.Issuer == "" || `, new: "",
			survives: "keys without an issuer count as none, and no token with an empty issuer is sound"},
		edit{name: "the audience is ours", old: "c.Audience != s.Issuer", new: "false"},
		edit{name: "the lifetime is limited", old: "c.Expires.Sub(c.IssuedAt) > v.maxLifetime", new: "false"},
		edit{name: "notBefore ends the tokens issued before", old: "c.IssuedAt.Before(s.NotBefore)", new: "false"},
	)...)
	all = append(all, in("sessions/token/verifier.go", s,
		edit{name: "only what passed every check is remembered", old: "\tif err != nil {\n\t\treturn Claims{}, err\n\t}\n\tv.cache.put(raw, proven)\n", new: "\tv.cache.put(raw, proven)\n\tif err != nil {\n\t\treturn Claims{}, err\n\t}\n"},
	)...)
	all = append(all, in("sessions/token/cache.go", s,
		edit{name: "the tokens that are remembered are bounded", old: "!there && len(c.young) >= c.half", new: "false && !there"},
		edit{name: "a token that is used again is kept", old: "\t\tc.keep(v)\n\t}\n\treturn v", new: "\t}\n\treturn v"},
	)...)
	all = append(all, in("sessions/token/parse.go", s,
		edit{name: "long tokens are not looked at", old: "len(raw) > maxLength", new: "false"},
		edit{name: "line breaks and padding are refused", old: "case !base64url(c):", new: "case c == '.':"},
		edit{name: "there are two dots", old: "if n != 2 {", new: "if n > 2 {"},
		edit{name: "unknown header members are refused, crit among them", old: ", jsonv2.RejectUnknownMembers(true)", new: ""},
		edit{name: "the kind of token is checked", old: "h.Typ != typ", new: "false"},
		edit{name: "spare bits of base64 are zero", old: "base64.RawURLEncoding.Strict().DecodeString(s)", new: "base64.RawURLEncoding.DecodeString(s)"},
	)...)
	return append(all, in("sessions/token/payload.go", s,
		edit{name: "every claim is there and is plain text", old: `if name == "" || len(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) {`, new: "if strings.ContainsFunc(name, unicode.IsControl) && name == \"\" {"},
		edit{name: "times are in range and in order", old: "iat <= 0 || exp > maxTime || iat > exp", new: "false && iat > exp"},
		edit{name: "claims that are not sound are refused", old: "if err := c.sound(); err != nil {", new: "if err := c.sound(); false && err != nil {"},
		edit{name: "nbf is kept", old: "max(nbf, p.IssuedAt)", new: "p.IssuedAt"},
		edit{name: "SuperTokens' other kinds of token are refused", old: "p.Kind != nil", new: "false"},
		edit{name: "claims are read once and strictly", old: "jsonv2.Unmarshal(text, &p)", new: "json.Unmarshal(text, &p)"},
		edit{name: "custom claims have no protected name", old: "if Protected(name) {", new: "if false {"},
	)...)
}

// keyGuards are those of the keys behind the tokens.
func keyGuards() []guard {
	s := ofToken()
	var all []guard
	all = append(all, in("sessions/token/jwk.go", s,
		edit{name: "a JWK with private or unknown members is refused", old: ", jsonv2.RejectUnknownMembers(true)", new: ""},
		edit{name: "a JWK is for signatures", old: ` || (k.Use != "" && k.Use != "sig")`, new: ""},
		edit{name: "a JWK has the members of its kind", old: `k.Kty == "RSA" && minimal(n)`, new: "minimal(n)"},
		edit{name: "a key has one spelling", old: `minimal(n) && minimal(e) && len(e) <= 4`, new: "len(e) <= 4"},
		edit{name: "a JWK suits its algorithm", old: "if !a.fits(pub) {\n\t\treturn \"\", \"\", nil,", new: "if false {\n\t\treturn \"\", \"\", nil,"},
	)...)
	all = append(all, in("sessions/token/algorithm.go", s,
		edit{name: "RSA keys have 2,048 bits", old: "key.N.BitLen() >= rsaBits && ", new: ""},
		edit{name: "an RSA key is for RS256", old: "a == RS256 && key.N", new: "key.N"},
		edit{name: "an Ed25519 key is for EdDSA", old: "a == EdDSA && ", new: ""},
		edit{name: "an elliptic curve is P-256, for ES256", old: "a == ES256 && key.Curve == elliptic.P256()", new: "key.Curve != nil"},
		edit{name: "an RSA exponent is large and odd", old: " && key.E >= rsaExponent && key.E%2 == 1", new: ""},
	)...)
	all = append(all, in("sessions/token/keyset.go", s,
		edit{name: "two keys of one id spoil a set", old: "s.byID[id] != nil", new: "false"},
		edit{name: "a record's key is what the record says", old: "id != record.ID || algorithm != record.Algorithm", new: "false"},
	)...)
	all = append(all, in("sessions/token/rotation.go", s,
		edit{name: "a revoked key verifies nothing", old: "!k.Revoked && before(now, until)", new: "before(now, until)"},
		edit{name: "a revoked key signs nothing", old: "!k.Revoked && !k.ActiveFrom.After(now)", new: "!k.ActiveFrom.After(now)"},
		edit{name: "a key is published before it signs", old: "activeFrom = now.Add(publish)", new: "activeFrom = now"},
		edit{name: "a revoked key has no successor to wait for", old: "\tcase last.Revoked:\n", new: ""},
		edit{name: "a replaced key outlives the tokens it signed", old: "k.ActiveFrom.Add(lifetime + overlap)", new: "k.ActiveFrom"},
	)...)
	all = append(all, in("sessions/token/loader.go", s,
		edit{name: "keys that cannot be renewed end after a day", old: " && now.Sub(k.held.at) < keepFor", new: ""},
		edit{name: "an unknown id loads keys once in 300 s", old: "if awaited || !elapsed(m.at, now, refreshEvery) {", new: "if awaited {"},
		edit{name: "an unknown id loads keys once in 300 s, whoever waits", old: "\tm.at = now\n\tf := k.load(ctx)", new: "\tf := k.load(ctx)"},
		edit{name: "keys are renewed", old: "usable && !elapsed(k.held.at, now, refreshEvery)", new: "usable"},
	)...)
	return append(all, in("sessions/token/signer.go", s,
		edit{name: "nothing is signed that would be refused", old: "err := c.sound(); err != nil", new: "err := c.sound(); false && err != nil"},
		edit{name: "nothing is signed that would be refused for its length", old: "len(raw) > maxLength", new: "false"},
	)...)
}
