package main

func ofDynamo() suites {
	return suites{packages: []string{"./sessions/dynamo"}, tags: "dynamodb", skip: "^TestCalls$"}
}

// expressionGuards are those that DynamoDB keeps for us: the conditions of a
// session's writes, and what they set.
func expressionGuards() []guard {
	return in("sessions/dynamo/sessions.go", ofDynamo(),
		edit{name: "a revoked session is not rotated", old: `rotateIf = "#state = :live AND `, new: `rotateIf = ":live = :live AND `},
		edit{name: "only the current generation is rotated", old: "#gen = :gen AND ", new: ":gen = :gen AND "},
		edit{name: "only the current token is rotated", old: "#h = :token AND #idle", new: ":token = :token AND #idle"},
		edit{name: "an idle session is not rotated", old: "#idle > :now AND ", new: ""},
		edit{name: "a session at its end is not rotated", old: `#abs > :now" +`, new: `:now = :now" +`},
		edit{name: "rotations keep their distance", old: "#rot <= :rotatedBy AND ", new: ":rotatedBy = :rotatedBy AND "},
		edit{name: "notBefore stops rotations", old: "#created >= :createdSince AND #v", new: ":createdSince = :createdSince AND #v"},
		edit{name: "an item of another schema is not rotated", old: `:createdSince AND #v = :v"`, new: `:createdSince AND :v = :v"`},
		edit{name: "a session is created once", old: `isNew = "attribute_not_exists(#user)"`, new: `isNew = "attribute_exists(#user) OR attribute_not_exists(#user)"`},
		edit{name: "a revoke keeps the first moment", old: "if_not_exists(#xat, :now)", new: ":now"},
		edit{name: "a revoke keeps the first reason", old: "if_not_exists(#why, :why)", new: ":why"},
		edit{name: "a revoke marks the session", old: "SET #state = :revoked,", new: "SET #state = if_not_exists(#state, :revoked),"},
		edit{name: "a revoke makes no session", old: `revokeIf = "attribute_exists(#user)"`, new: `revokeIf = "attribute_exists(#user) OR attribute_not_exists(#user)"`},
		edit{name: "a revoked session keeps its claims", old: `claimsIf  = "#state = :live AND `, new: `claimsIf  = ":live = :live AND `},
		edit{name: "claims of another version are left alone", old: "#cv = :cv AND ", new: ":cv = :cv AND "},
		edit{name: "claims of an item of another schema are left alone", old: `#cv = :cv AND #v = :v"`, new: `#cv = :cv AND :v = :v"`},
		edit{name: "a change of claims is a new version", old: "#cv = :next", new: "#cv = :cv, #device = :next"},
		edit{name: "a rotation is a new generation", old: "#gen = :next", new: "#gen = :gen, #device = :next"},
		edit{name: "a rotation keeps the digest of the token before", old: "#ph = :token", new: "#ph = :child"},
		edit{name: "a rotation keeps the digest of the child", old: "table.Binary(r.Child[:])", new: "table.Binary(r.Hash[:])"},
		edit{name: "a rotation keeps the salt of the child", old: "table.Binary(r.Salt[:])", new: "table.Binary(make([]byte, len(r.Salt)))"},
		edit{name: "a rotation keeps the key of the child", old: "table.Text(r.MAC)", new: `table.Text("m0")`},
		edit{name: "a rotation keeps its moment", old: "#rot = :now", new: "#rot = :rotatedBy"},
		edit{name: "a rotation moves the idle expiry", old: "#idle = :idle", new: "#idle = if_not_exists(#idle, :idle)"},
		edit{name: "a rotated session is kept until it is idle", old: `#idle = :idle, #expires = :expires"`, new: `#idle = :idle, #expires = if_not_exists(#expires, :expires)"`},
		edit{name: "a revoked session is removed after its time", old: `:why), #expires = :expires"`, new: `:why), #expires = if_not_exists(#expires, :expires)"`},
	)
}

// tableGuards are those of what is read, and of what an answer means.
func tableGuards() []guard {
	s := ofDynamo()
	var all []guard
	all = append(all, in("sessions/dynamo/sessions.go", s,
		edit{name: "claims of a session that is over are not there", old: "case s.State != sessions.Live:", new: "case false && s.State != sessions.Live:"},
		edit{name: "what is read is the session asked for", old: "err = s.Validate(h)", new: "_ = h"},
		edit{name: "an item that is missing is no session", old: "if len(it) == 0 {", new: "if false {"},
		edit{name: "a list without the corrupt ones is no success", old: "return corrupt\n", new: "_ = corrupt\n\treturn nil\n"},
	)...)
	all = append(all, in("internal/table/table.go", suites{packages: []string{"./internal/table"}},
		edit{name: "a few items are read consistently", old: "{Keys: missing, ConsistentRead: aws.Bool(true)}", new: "{Keys: missing, ConsistentRead: aws.Bool(false)}"},
		edit{name: "lists are read consistently", old: `aws.Bool(q.Index == "")`, new: `aws.Bool(q.Index != "")`},
		edit{name: "all pages are read", old: "err != nil || p.Next == nil", new: "true"},
		edit{name: "an unknown outcome is an error", old: "default:\n\t\treturn Outcome{}, fault(err)", new: "default:\n\t\treturn Outcome{}, nil"},
		edit{name: "a write says whether its condition held", old: "return Outcome{Item: refused.Item}, nil", new: "return Outcome{Applied: true, Item: refused.Item}, nil"},
		edit{name: "a key that was not processed is an error", old: "return nil, errUnprocessed", new: "return found, nil"},
	)...)
	all = append(all, in("sessions/dynamo/session.go", s,
		edit{name: "an item under another's key is corrupt", old: "err := s.Validate(s.Handle); err != nil", new: "err := s.Validate(s.Handle); false && err != nil"},
		edit{name: "a live session says nothing of a revoke", old: "r.Fail(attrState)", new: "_ = attrState"},
		edit{name: "an item of another kind is no session", old: "!ok || !decodeHalf(h[:16]", new: "false && ok || !decodeHalf(h[:16]",
			survives: "with another prefix the text is not 16 bytes of base64"},
		edit{name: "a key has one spelling", old: "base64.RawURLEncoding.EncodeToString(b) == s", new: `s != ""`},
	)...)
	all = append(all, in("sessions/dynamo/keys.go", s,
		edit{name: "the end of all sessions is not taken back", old: "#notBefore <= :notBefore", new: ":notBefore = :notBefore"},
		edit{name: "settings of another schema are left alone", old: "(#v = :v AND #notBefore", new: "(:v = :v AND #notBefore"},
	)...)
	all = append(all, in("sessions/dynamo/data.go", s,
		edit{name: "data of another session are not read", old: "r.Text(attrOf) != h.String()", new: "r.Text(attrOf) == \"\""},
		edit{name: "data of another session are left alone", old: "#of = :of", new: ":of = :of"},
		edit{name: "data of another schema are left alone", old: "#version = :base AND #v = :v AND", new: "#version = :base AND :v = :v AND"},
		edit{name: "data without a text are left alone", old: "attribute_type(#json, :text)", new: ":text = :text"},
		edit{name: "data of another version are left alone", old: "#version = :base AND #v = :v AND", new: ":base = :base AND #v = :v AND"},
	)...)
	return append(all, in("sessions/dynamo/epoch.go", s,
		edit{name: "an epoch of another schema is left alone", old: "OR (#v = :v AND", new: "OR (:v = :v AND"},
		edit{name: "an epoch without a count is left alone", old: "AND #n >= :one)", new: "AND :one = :one)"},
		edit{name: "a revoke-all whose epoch was not raised fails", old: "err == nil && !bumped", new: "false && !bumped"},
		edit{name: "an epoch never starts again", old: "ADD #n :one", new: ", #n = :one"},
	)...)
}
