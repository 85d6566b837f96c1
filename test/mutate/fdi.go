package main

// fdiGuards are those of tokens on their way, and of other sites' requests.
func fdiGuards() []guard {
	s := suites{packages: []string{"./sessions/fdi", "./internal/endpoints"}}
	var all []guard
	all = append(all, in("sessions/fdi/csrf.go", s,
		edit{name: "a cookie's request has a rid", old: `if r.RID == "" {`, new: "if false {"},
		edit{name: "an Origin is on the list", old: "!slices.Contains(p.origins, r.Origin)", new: "false && slices.Contains(p.origins, r.Origin)"},
		edit{name: "without an Origin the fetch metadata count", old: "\t}\n\treturn ErrOrigin\n}\n\n// CheckOrigin", new: "\t}\n\treturn nil\n}\n\n// CheckOrigin"},
	)...)
	all = append(all, in("sessions/fdi/request.go", s,
		edit{name: "of several cookies none is lost", old: "t.Cookies = append(t.Cookies, value)", new: "t.Cookies = []string{value}"},
		edit{name: "two bearers are refused", old: "bearers > 1 || mine && others > 0", new: "mine && others > 0"},
		edit{name: "a cookie's name is compared exactly", old: "ok && n == name", new: "ok && strings.EqualFold(n, name)"},
		edit{name: "an application's own bearer does not hide the cookie", old: "bearers > 0 && ours(raw)", new: "bearers > 0"},
		edit{name: "a header sent twice is joined", old: `strings.Join(header(name), ",")`, new: `strings.Join(header(name)[:min(1, len(header(name)))], ",")`},
	)...)
	all = append(all, in("sessions/fdi/protocol.go", s,
		edit{name: "cookies are hidden from scripts", old: `"; HttpOnly"`, new: `""`},
		edit{name: "cookies are Secure", old: `p.attributes += "; Secure"`, new: ""},
		edit{name: "cookies without Secure are not for other sites", old: "if !cfg.Secure {\n\t\t\treturn", new: "if false {\n\t\t\treturn"},
		edit{name: "an origin is spelled as browsers send it", old: "errs = append(errs, checkOrigin(origin))", new: "_ = checkOrigin(origin)"},
		edit{name: "a cookie domain cannot end its attribute", old: "checkDomain(cfg.Domain)", new: "checkDomain(\"\")"},
	)...)
	return append(all, in("sessions/fdi/reply.go", s,
		edit{name: "cookies are cleared only if the request carried them", old: "both || r.carriesCookie(name)", new: "true"},
		edit{name: "an unchanged refresh cookie is not set", old: "if g.Refresh != \"\" {\n\t\treply.Cookies", new: "if true {\n\t\treply.Cookies"},
		edit{name: "the refresh cookie travels to the refresh only", old: "path = p.refreshPath", new: "_ = p.refreshPath"},
		edit{name: "answers with tokens are not stored", old: `"no-store"`, new: `"public"`},
	)...)
}
