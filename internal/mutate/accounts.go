package main

// accountGuards are those of what the accounts table holds.
func accountGuards() []guard {
	s := suites{packages: []string{"./functions/internal/accounts"}, tags: "dynamodb", skip: "^TestCalls$"}
	var all []guard
	all = append(all, in("functions/internal/accounts/dynamo_users.go", s,
		edit{name: "a user under another's address is corrupt", old: "u.Tenant != tenant || u.Email != email", new: "false"},
		edit{name: "what leads to another user is corrupt", old: `pointer.text("tenant") != tenant || pointer.text("id") != id`, new: "false"},
		edit{name: "an address is taken once", old: `aws.String("attribute_not_exists(#key)")`, new: `aws.String("attribute_not_exists(#key) OR attribute_exists(#key)")`},
	)...)
	return append(all, in("functions/internal/accounts/dynamo_throttle.go", s,
		edit{name: "a quota that cannot be read is not counted anew", old: `"attribute_not_exists(#key) OR #count < :limit"`, new: `"attribute_not_exists(#count) OR attribute_not_exists(#key) OR #count < :limit"`},
		edit{name: "a quota that cannot be read is an error", old: "return false, c.err", new: "return false, nil"},
		edit{name: "attempts that cannot be read are not counted anew", old: `"attribute_not_exists(#key) OR (#count`, new: `"attribute_not_exists(#count) OR attribute_not_exists(#key) OR (#count`},
		edit{name: "of two who waited for the same moment one passes", old: `"#count = :seen AND #last = :last"`, new: `"#count >= :seen AND #last >= :last"`},
	)...)
}
