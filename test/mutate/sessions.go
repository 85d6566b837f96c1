package main

// ofSessions are the tests of the life of a session.
func ofSessions() suites {
	return suites{packages: []string{"./sessions", "./sessions/memory"}}
}

// sessionsGuards are those of starting, checking and revoking sessions.
func sessionsGuards() []guard {
	s := ofSessions()
	var all []guard
	all = append(all, in("sessions/checker.go", s,
		edit{name: "a token's handle is its user's",
			old: `err != nil || KeyOf(claims.Tenant, claims.Subject) != h.User()`, new: `err != nil`},
		edit{name: "a stored session is of the token's user and tenant",
			old: `s.User != claims.Subject || s.Tenant != claims.Tenant`, new: `false`,
			survives: "the handle was compared with the token's user before, and Validate compares the session's user with the handle: only a collision of 128 bits gets as far"},
		edit{name: "a session that is over is refused",
			old: `!s.live(moment(c.now), settings.NotBefore)`, new: `false && settings.Issuer == ""`},
		edit{name: "a corrupt session is refused",
			old: `err := s.Validate(h); err != nil`, new: `err := s.Validate(h); false && err != nil`},
		edit{name: "settings that cannot be read refuse",
			old: "if err != nil {\n\t\treturn Session{}, unavailable(\"settings\", err)", new: "if false {\n\t\treturn Session{}, unavailable(\"settings\", err)"},
	)...)
	all = append(all, in("sessions/session.go", s,
		edit{name: "a revoked session is not live", old: "return s.State == Live &&", new: "return true &&"},
		edit{name: "a session ends when idle", old: "s.Idle.After(now) && ", new: ""},
		edit{name: "a session ends at its absolute expiry", old: "s.Absolute.After(now) &&", new: "true &&"},
		edit{name: "notBefore ends the sessions created before", old: "!s.Created.Before(notBefore)", new: "true"},
		edit{name: "an item under another's key is corrupt", old: "s.Handle != h || KeyOf(s.Tenant, s.User) != h.User()", new: "s.Handle != h"},
		edit{name: "an unknown state is corrupt", old: "s.State != Live && s.State != Revoked", new: "false"},
	)...)
	all = append(all, in("sessions/start.go", s,
		edit{name: "a sign-in overtaken by a revoke-all fails", old: "err == nil && count != req.Epoch.count", new: "err == nil && count < 0"},
		edit{name: "the session that came with a sign-in is ended", old: "err = m.endReplaced(ctx, req.Replaces)", new: ""},
		edit{name: "the number of a user's sessions is limited", old: "err = m.enforceLimit(ctx, s)", new: ""},
		edit{name: "a session that may not stay is revoked", old: "m.withdraw(ctx, s, err)\n", new: "\n"},
		edit{name: "a sign-in is overtaken only once it was taken back", old: "if err := m.revoke(ctx, s, EventWithdrawn, string(EventWithdrawn)); err != nil {", new: "if err := m.revoke(ctx, s, EventWithdrawn, string(EventWithdrawn)); false && err != nil {"},
		edit{name: "a taken handle is another's session", old: "stored.Hash != s.Hash", new: "false && stored.Hash != s.Hash"},
		edit{name: "the zero epoch starts nothing", old: "req.Epoch == (Epoch{})", new: "false"},
		edit{name: "tokens that are too long are refused at sign-in", old: "err := fits(s, mint.settings.Issuer); err != nil", new: "err := fits(s, mint.settings.Issuer); false && err != nil"},
	)...)
	all = append(all, in("sessions/revoke.go", s,
		edit{name: "revoke-all raises the epoch", old: "err := m.store.BumpEpoch(ctx, u); err != nil", new: "err := error(nil); err != nil"},
		edit{name: "what could not be revoked is told", old: "\tif len(failed) == 0 {", new: "\tif true {"},
		edit{name: "a revoke the store did not take is told", old: "m.store.Revoke(ctx, s.Handle, moment(m.cfg.Now), reason); err != nil", new: "m.store.Revoke(ctx, s.Handle, moment(m.cfg.Now), reason); false && err != nil"},
	)...)
	all = append(all, in("sessions/claims.go", s,
		edit{name: "protected claims cannot be set", old: "if token.Protected(name) {", new: "if false {"},
		edit{name: "claims are limited in size", old: "len(out) > maxClaims", new: "false"},
		edit{name: "claims of another version are left alone", old: "version != nil && *version != s.ClaimsVersion", new: "false"},
	)...)
	return append(all, in("sessions/handle.go", s,
		edit{name: "a handle has random bytes", old: "rand.Read(h[16:])", new: "_ = rand.Read"},
		edit{name: "tenant and user are kept apart in a key", old: "b := binary.BigEndian.AppendUint64(nil, uint64(len(tenant)))", new: "var b []byte"},
	)...)
}

// refreshGuards are those of the refresh token and its rotation.
func refreshGuards() []guard {
	s := ofSessions()
	var all []guard
	all = append(all, in("sessions/machine.go", s,
		edit{name: "the refresh of a session that is over is refused", old: "!s.live(r.Now, r.CreatedSince)", new: "false"},
		edit{name: "a token ahead of its session revokes nothing", old: "s.Generation < r.From", new: "false"},
		edit{name: "a current token of another branch is theft", old: "s.Generation == r.From && s.Hash == r.Hash", new: "s.Generation == r.From"},
		edit{name: "a token two generations old is theft", old: "s.Generation != r.From+1 || ", new: ""},
		edit{name: "a replaced token of another branch is theft", old: " || s.Previous != r.Hash", new: ""},
		edit{name: "the replay window ends", old: "r.Now.After(s.Rotated.Add(window))", new: "false"},
	)...)
	all = append(all, in("sessions/refresh.go", s,
		edit{name: "a refresh token's MAC is checked", old: "!t.authentic(key)", new: "false && !t.authentic(key)"},
		edit{name: "rotations keep their distance", old: "now.Add(-m.cfg.Gap)", new: "now"},
		edit{name: "a stale token revokes the session", old: "return Grant{}, m.endReused(ctx, r, EventStale, ErrStale)", new: "return Grant{}, ErrStale"},
		edit{name: "a stolen token revokes the session", old: "return Grant{}, m.endReused(ctx, r, EventTheft, ErrTheft)", new: "return Grant{}, ErrTheft"},
		edit{name: "theft is told only once the revoke is acknowledged", old: "\tif err != nil {\n\t\treturn storage(\"revoking\", err)", new: "\tif false {\n\t\treturn storage(\"revoking\", err)"},
		edit{name: "a child that is not the session's is not handed out", old: "child.digest() != s.Hash", new: "false"},
		edit{name: "a token that did not change is not sent", old: "if o != Fresh {", new: "if true {"},
		edit{name: "a session that is not the token's is not served", old: "err := s.Validate(parent.handle); err != nil", new: "err := s.Validate(parent.handle); false && err != nil"},
		edit{name: "a session that is gone is over", old: "if errors.Is(err, ErrNotFound) {", new: "if false && errors.Is(err, ErrNotFound) {"},
		edit{name: "no refresh token is made without its key", old: "if err != nil {\n\t\treturn mint{}, unavailable(\"key of refresh tokens\", err)", new: "if false {\n\t\treturn mint{}, unavailable(\"key of refresh tokens\", err)"},
		edit{name: "the key of a refresh token is there", old: "if err != nil {\n\t\treturn refreshToken{}, unavailable(", new: "if false {\n\t\treturn refreshToken{}, unavailable("},
		edit{name: "the last write of a refresh is known", old: "return Grant{}, storage(\"rotating\", err)", new: "_ = storage"},
		edit{name: "no token is made without an issuer", old: `settings.Issuer == ""`, new: "false"},
	)...)
	return append(all, in("sessions/refreshtoken.go", s,
		edit{name: "MACs are compared", old: " && hmac.Equal(t.mac[:], sum[:])", new: " && sum == sum"},
		edit{name: "the id of the MAC key is bound", old: "key.ID == t.key && ", new: ""},
		edit{name: "the generation is under the MAC", old: "b = binary.BigEndian.AppendUint32(b, t.generation)", new: "b = append(b, 0, 0, 0, 0)"},
		edit{name: "the handle is under the MAC", old: "h.Write(t.signed())", new: "h.Write(t.signed()[32:])"},
		edit{name: "line breaks in a refresh token are refused", old: " || len(b) != bodySize", new: ""},
		edit{name: "spare bits of base64 are zero", old: "base64.RawURLEncoding.Strict().DecodeString(encoded)", new: "base64.RawURLEncoding.DecodeString(encoded)",
			survives: "84 bytes are encoded without spare bits"},
		edit{name: "a child needs its salt", old: "\th.Write(salt[:])\n", new: ""},
		edit{name: "a first token has a random nonce", old: "rand.Read(t.nonce[:])", new: "_ = rand.Read"},
	)...)
}
