package main

// attemptGuards are those that bound the guesses at passwords.
func attemptGuards() []guard {
	s := suites{packages: []string{"./internal/accounts"}}
	var all []guard
	all = append(all, in("internal/accounts/signin.go", s,
		edit{name: "attempts of a source are counted", old: "err := a.take(ctx, t.source); err != nil", new: "err := a.take(ctx, t.source); false && err != nil"},
		edit{name: "an account over its bound makes no hash", old: "if !ok {\n\t\treturn ErrThrottled", new: "if false && !ok {\n\t\treturn ErrThrottled"},
		edit{name: "an attempt that could not be counted makes no hash", old: "return storage(\"counting attempts at the account\", err)", new: "_ = err"},
		edit{name: "an attempt is counted before it is judged", old: "if err := a.reserve(ctx, t); err != nil {", new: "if u, err := a.find(ctx, c.Tenant, email, nil); err == nil {\n\t\ta.verify(ctx, u, password)\n\t}\n\tif err := a.reserve(ctx, t); err != nil {"},
		edit{name: "the decoy is nobody's hash", old: "!match || u.ID == \"\"", new: "!match",
			survives: "nobody knows a password that matches the decoy"},
	)...)
	all = append(all, in("internal/accounts/throttle.go", s,
		edit{name: "guesses at an account wait", old: "now.Before(c.Last.Add(b.wait(c.Count)))", new: "false"},
		edit{name: "waits grow", old: "\t\twait *= 2\n", new: ""},
		edit{name: "waits end", old: "min(wait, b.Max)", new: "wait"},
		edit{name: "a network of IPv6 is one source", old: "netip.PrefixFrom(addr, 64)", new: "netip.PrefixFrom(addr, 128)"},
		edit{name: "an address has one spelling", old: "addr.Unmap().", new: "addr."},
	)...)
	return append(all, in("internal/accounts/accounts.go", s,
		edit{name: "hashes at once are bounded", old: "slots:  make(chan struct{}, parallelHashes)", new: "slots:  make(chan struct{}, 1000)"},
		edit{name: "a source over its bound is refused", old: "if !ok {", new: "if false && !ok {"},
	)...)
}

// accountGuards are those of what the accounts table holds.
func accountGuards() []guard {
	s := suites{packages: []string{"./internal/accounts"}, tags: "dynamodb", skip: "^TestCalls$"}
	var all []guard
	all = append(all, in("internal/accounts/dynamo_users.go", s,
		edit{name: "a user under another's address is corrupt", old: "u.Tenant != tenant || u.Email != email", new: "false"},
		edit{name: "what leads to another user is corrupt", old: `pointer.text("tenant") != tenant || pointer.text("id") != id`, new: "false"},
		edit{name: "an address is taken once", old: `aws.String("attribute_not_exists(#key)")`, new: `aws.String("attribute_not_exists(#key) OR attribute_exists(#key)")`},
	)...)
	return append(all, in("internal/accounts/dynamo_throttle.go", s,
		edit{name: "a quota that cannot be read is not counted anew", old: `"attribute_not_exists(#key) OR #count < :limit"`, new: `"attribute_not_exists(#count) OR attribute_not_exists(#key) OR #count < :limit"`},
		edit{name: "a quota that cannot be read is an error", old: "return false, c.err", new: "return false, nil"},
		edit{name: "attempts that cannot be read are not counted anew", old: `"attribute_not_exists(#key) OR (#count`, new: `"attribute_not_exists(#count) OR attribute_not_exists(#key) OR (#count`},
		edit{name: "of two who waited for the same moment one passes", old: `"#count = :seen AND #last = :last"`, new: `"#count >= :seen AND #last >= :last"`},
	)...)
}
