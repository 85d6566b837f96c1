package main

func ofAuthorizer() suites { return suites{packages: []string{"./authorizer"}} }

// decisionGuards are those of the decision, and of what it is about.
func decisionGuards() []guard {
	s := ofAuthorizer()
	var all []guard
	all = append(all, in("authorizer/authorizer.go", s,
		edit{name: "requests that may change something are checked", old: "!r.read() || rule.Check == Always", new: "rule.Check == Always"},
		edit{name: "a rule can have reads checked", old: "!r.read() || rule.Check == Always", new: "!r.read()"},
		edit{name: "only optional routes are open to strangers", old: "d.reason == reasonMissing && rule.Session == Optional", new: "d.reason == reasonMissing"},
		edit{name: "cookie tokens need the anti-CSRF check", old: "via == fdi.Cookie && !r.read()", new: "false"},
		edit{name: "an alias can open a route", old: "max(rule.Session, asked.Session)", new: "rule.Session"},
		edit{name: "an alias can have reads checked", old: "max(rule.Check, asked.Check)", new: "rule.Check"},
		edit{name: "a session that ended is refused", old: "errors.Is(err, sessions.ErrEnded)", new: "false"},
		edit{name: "a store that does not answer is an error", old: "case err != nil:\n\t\treturn decision{}, fmt.Errorf(\"%w: sessions: %w\"", new: "case false:\n\t\treturn decision{}, fmt.Errorf(\"%w: sessions: %w\""},
		edit{name: "checked requests have the store's claims", old: "claims.Custom = session.Claims", new: "_ = session"},
		edit{name: "a WebSocket with a cookie needs an Origin", old: "check = a.csrf.CheckOrigin", new: ""},
		edit{name: "claim rules are kept", old: "if len(d.failures) > 0 {", new: "if false {"},
		edit{name: "global claim rules are kept", old: "failuresOf(d.claims.Custom, now, a.global, rule.Claims)", new: "failuresOf(d.claims.Custom, now, rule.Claims)"},
	)...)
	all = append(all, in("authorizer/tokens.go", s,
		edit{name: "two bearers are refused", old: "case errors.Is(err, fdi.ErrDuplicate):", new: "case false:"},
		edit{name: "keys that cannot be read are an error", old: "case err != nil:\n\t\treturn nil, via, fmt.Errorf", new: "case false:\n\t\treturn nil, via, fmt.Errorf"},
		edit{name: "another issuer's bearer does not hide the cookies", old: `tokens.Bearer != "" && foreign(tokens.Bearer)`, new: "false"},
		edit{name: "another stack's cookie is none of ours", old: "slices.DeleteFunc(tokens.Cookies, foreign)", new: "tokens.Cookies"},
		edit{name: "what is judged is bounded", old: "len(found) > maxCandidates", new: "false"},
		edit{name: "a token without a subject is refused", old: `case err == nil && claims.Subject != "":`, new: "case err == nil:"},
		edit{name: "of two sessions none is taken", old: "claims.Handle != last.Handle", new: "false"},
		edit{name: "the newest of a session's tokens is taken", old: "claims.IssuedAt.After(last.IssuedAt)", new: "false"},
	)...)
	all = append(all, in("authorizer/alias.go", s,
		edit{name: "an unknown alias is an error", old: "return Rule{}, fmt.Errorf(\"%w %q\", ErrAlias, a)", new: "return Rule{}, nil"},
	)...)
	all = append(all, in("authorizer/events.go", s,
		edit{name: "only GET and HEAD are reads", old: `method == "GET" || method == "HEAD"`, new: `method == "GET" || method == "HEAD" || method == "OPTIONS"`},
		edit{name: "a method override is no read", old: "if e.headers.override() || e.multiValueHeaders.override() {", new: "if false {"},
		edit{name: "an override counts wherever it stands", old: "e.headers.override() || e.multiValueHeaders.override()", new: "h.override()"},
		edit{name: "methods that disagree are no read", old: "if t != texts[0] {", new: "if false && t != texts[0] {"},
		edit{name: "an event of no known kind is refused", old: "if r.kind == unknown {", new: "if false {"},
		edit{name: "a kind of event has its type", old: `e.version == "1.0" && e.typ == "REQUEST"`, new: `e.version == "1.0"`},
		edit{name: "a kind of event has its version", old: `e.version == "" && e.typ == "TOKEN"`, new: `e.typ == "TOKEN"`},
		edit{name: "an API on which the event disagrees is in doubt", old: `r.doubt = r.apiID == "" || `, new: "r.doubt = "},
		edit{name: "a resource on which the event disagrees is in doubt", old: " || e.context.resourcePath != e.resource", new: ""},
	)...)
	return append(all, in("authorizer/rules.go", s,
		edit{name: "rules are for the settings' API", old: "settings.APIID != r.apiID", new: "false && settings.APIID != r.apiID"},
		edit{name: "a doubtful method escapes no rule", old: `if r.method == "" || r.doubt {`, new: "if r.doubt {"},
		edit{name: "a doubtful API or resource escapes no rule", old: `if r.method == "" || r.doubt {`, new: `if r.method == "" {`},
		edit{name: "a rule in doubt reads no token alone", old: "Check: Always, ", new: ""},
		edit{name: "settings that cannot be read are an error", old: "case err != nil:\n\t\treturn Rule{}, err", new: "case err == errors.ErrUnsupported:\n\t\treturn Rule{}, err"},
		edit{name: "settings that name no API are an error", old: `case settings.APIID == "":`, new: "case false:"},
	)...)
}

// answerGuards are those of the policy, and of what becomes of a decision.
func answerGuards() []guard {
	s := ofAuthorizer()
	var all []guard
	all = append(all, in("authorizer/policy.go", s,
		edit{name: "odd characters do not reach a policy", old: "if !ok {", new: "if false && !ok {"},
		edit{name: "odd verbs do not reach a policy", old: "case !only(verb, upper) || len(verb) > maxVerb:", new: "case false:"},
		edit{name: "a read's policy names reads only", old: `[]string{stage + "/GET/*", stage + "/HEAD/*"}`, new: `[]string{stage + "/*"}`},
		edit{name: "a write's policy names its verb only", old: `[]string{stage + "/" + verb + "/*"}`, new: `[]string{stage + "/*/*"}`},
	)...)
	all = append(all, in("authorizer/answer.go", s,
		edit{name: "what is not allowed is denied", old: `effect, context := "Deny"`, new: `effect, context := "Allow"`},
	)...)
	return append(all, in("authorizer/lambda.go", s,
		edit{name: "a panic is an error", old: "answer, err = nil, ErrInternal", new: "answer, err = []byte(`{}`), nil"},
		edit{name: "a refusal is Unauthorized", old: "if d.outcome == refused {", new: "if false {"},
		edit{name: "an error does not tell its reason", old: "return nil, public(err)", new: "return nil, err"},
	)...)
}

// backendGuards are those of what backends believe, and of claim rules.
func backendGuards() []guard {
	s := ofAuthorizer()
	var all []guard
	all = append(all, in("authorizer/caller.go", s,
		edit{name: "a context without our marker names nobody", old: `text("latchkey") != marker`, new: "false"},
		edit{name: "a context must be whole", old: "errExpires != nil || errDecided != nil || !c.whole()", new: "false && (errExpires != nil || errDecided != nil)"},
		edit{name: "a caller ends with his token", old: "!c.read.Before(c.Expires)", new: "false"},
		edit{name: "a write needs a decision by the store", old: "case c.Checked != checkedStore:", new: "case false:"},
		edit{name: "a write needs a recent decision", old: "!e.joined && (age > maxAge || age < -maxAge)", new: "false && age > maxAge"},
		edit{name: "a decision from the future is refused", old: " || age < -maxAge", new: ""},
		edit{name: "nobody is an error unless asked for by name", old: "if err == nil && !signedIn {", new: "if false && !signedIn {"},
		edit{name: "the claims of a JWT must be whole", old: "err != nil || !c.whole() {\n\t\treturn Caller{}, ErrNoCaller", new: "err != nil {\n\t\treturn Caller{}, ErrNoCaller"},
		edit{name: "another issuer's token names no session", old: "err != nil || handle.User() != sessions.KeyOf(c.Tenant, c.User)", new: "err != nil || handle == (sessions.Handle{})"},
	)...)
	all = append(all, in("authorizer/backend.go", s,
		edit{name: "a request's own method counts too", old: "e.read = e.read && isRead(r.Method)", new: "e.read = e.read"},
	)...)
	return append(all, in("authorizer/claims.go", s,
		edit{name: "a claim that is missing fails", old: "len(claim) == 0 || jsonv2.Unmarshal(claim, &c) != nil || len(c.Value) == 0", new: "len(claim) == 0 && v.expected == nil"},
		edit{name: "a claim's age is limited", old: "v.limited && age > float64(v.maxAge.Milliseconds())", new: "false"},
		edit{name: "a wrong value fails", old: "if !v.passes(c.Value) {", new: "if false {"},
	)...)
}
