package main

// dynamoGuards are those that DynamoDB keeps for us: its conditions, and that
// it is asked for consistent reads.
func dynamoGuards() []guard {
	s := suites{packages: []string{"./sessions/dynamo"}, tags: "dynamodb"}
	var all []guard
	all = append(all, in("sessions/dynamo/sessions.go", s,
		edit{name: "a revoked session is not rotated", old: `rotateIf = "#state = :live AND `, new: `rotateIf = ":live = :live AND `},
		edit{name: "only the current generation is rotated", old: "#gen = :gen AND ", new: ":gen = :gen AND "},
		edit{name: "only the current token is rotated", old: "#h = :token AND #idle", new: ":token = :token AND #idle"},
		edit{name: "an idle session is not rotated", old: "#idle > :now AND ", new: ""},
		edit{name: "a session at its end is not rotated", old: `#abs > :now" +`, new: `:now = :now" +`},
		edit{name: "rotations keep their distance", old: "#rot <= :rotatedBy AND ", new: ":rotatedBy = :rotatedBy AND "},
		edit{name: "notBefore stops rotations", old: "#created >= :createdSince AND #v", new: ":createdSince = :createdSince AND #v"},
		edit{name: "an item of another schema is not rotated", old: `:createdSince AND #v = :v"`, new: `:createdSince AND :v = :v"`},
		edit{name: "a rotation that failed brings what it failed on", old: "condition: rotateIf, answer: true", new: "condition: rotateIf, answer: false"},
		edit{name: "a session is created once", old: `isNew = "attribute_not_exists(#user)"`, new: `isNew = "attribute_exists(#user) OR attribute_not_exists(#user)"`},
		edit{name: "a revoke keeps the first moment", old: "if_not_exists(#xat, :now)", new: ":now"},
		edit{name: "a revoke keeps the first reason", old: "if_not_exists(#why, :why)", new: ":why"},
		edit{name: "a revoke marks the session", old: "SET #state = :revoked,", new: "SET #state = if_not_exists(#state, :revoked),"},
		edit{name: "a revoke makes no session", old: `revokeIf = "attribute_exists(#user)"`, new: `revokeIf = "attribute_exists(#user) OR attribute_not_exists(#user)"`},
		edit{name: "a revoked session keeps its claims", old: `claimsIf  = "#state = :live AND `, new: `claimsIf  = ":live = :live AND `},
		edit{name: "claims of another version are left alone", old: "#cv = :cv AND ", new: ":cv = :cv AND "},
		edit{name: "what is read is the session asked for", old: "err = s.Validate(h)", new: "_ = h",
			survives: "the table returns the item of the key that was asked for, whose handle decodeSession validates"},
	)...)
	all = append(all, in("sessions/dynamo/table.go", s,
		edit{name: "sessions are read consistently", old: "Key:            key,\n\t\tConsistentRead: aws.Bool(true)", new: "Key:            key,\n\t\tConsistentRead: aws.Bool(false)"},
		edit{name: "lists are read consistently", old: "ConsistentRead:            aws.Bool(true)", new: "ConsistentRead:            aws.Bool(false)"},
		edit{name: "all pages are read", old: "len(out.LastEvaluatedKey) == 0", new: "true"},
		edit{name: "an update says whether its condition held", old: "return false, failed.Item, nil", new: "return true, failed.Item, nil"},
	)...)
	return append(all, in("sessions/dynamo/data.go", s,
		edit{name: "data of another version are left alone", old: `"#version = :base AND #v = :v"`, new: `":base = :base AND #v = :v"`},
		edit{name: "an epoch never starts again", old: "ADD #n :one", new: ", #n = :one"},
	)...)
}
