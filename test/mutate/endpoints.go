package main

// endpointGuards are those of the HTTP API.
func endpointGuards() []guard {
	s := suites{packages: []string{"./internal/endpoints"}}
	var all []guard
	all = append(all, in("internal/endpoints/admin/admin.go", s,
		edit{name: "admin routes want AWS_IAM", old: `a == nil || a.IAM == nil || a.IAM.UserARN == ""`, new: `false && a == nil`},
	)...)
	all = append(all, in("internal/endpoints/admin/data.go", s,
		edit{name: "If-Match is one version, spelled as its ETag", old: "version < 0 || etag(version) != header", new: "false"},
	)...)
	all = append(all, in("internal/endpoints/endpoints.go", s,
		edit{name: "unknown tenants are refused", old: "!slices.Contains(t, name)", new: "false && slices.Contains(t, name)"},
	)...)
	all = append(all, in("internal/endpoints/frontend/form.go", s,
		edit{name: "no other site signs its visitors in", old: "err := s.Protocol.CheckSite(r.FDI); err != nil", new: "err := s.Protocol.CheckSite(r.FDI); false && err != nil"},
		edit{name: "of two passwords none is taken", old: `case id == accounts.FieldPassword && c.Password == "":`, new: `case id == accounts.FieldPassword:`},
		edit{name: "a password is a text", old: "case !isText:", new: "case false && !isText:"},
	)...)
	all = append(all, in("internal/endpoints/own/own.go", s,
		edit{name: "a user ends his own sessions only", old: "handle.User() != sessions.KeyOf(caller.Tenant, caller.User)", new: "caller.User == \"\""},
	)...)
	all = append(all, in("internal/endpoints/frontend/refresh.go", s,
		edit{name: "a refresh by cookie needs the anti-CSRF check", old: "if via == fdi.Cookie {", new: "if false {"},
		edit{name: "a refresh without rid clears nothing", old: "s.over(&web.Request{}, fdi.MessageUnauthorised)", new: "s.over(r, fdi.MessageUnauthorised)"},
		edit{name: "a refresh of unknown outcome is no sign-out", old: "case err != nil:\n\t\treturn web.Response{}, err", new: "case err != nil:\n\t\treturn s.over(r, fdi.MessageUnauthorised), nil"},
	)...)
	all = append(all, in("internal/endpoints/frontend/signin.go", s,
		edit{name: "the epoch is read before the password is checked", old: "epoch, err = s.Sessions.Epoch(ctx, c.Tenant, id)\n\t\treturn err\n\t})", new: "return nil\n\t})\n\tif err == nil {\n\t\tepoch, err = s.Sessions.Epoch(ctx, c.Tenant, u.ID)\n\t}"},
		edit{name: "a session that comes with a sign-in is proven before it is ended", old: "if errors.Is(err, token.ErrInvalid) {\n\t\treturn \"\", nil", new: "if errors.Is(err, token.ErrInvalid) {\n\t\treturn claims.Handle, nil",
			survives: "claims of a token that was refused are empty, and an empty handle names no session"},
		edit{name: "a sign-in that cannot tell whose token came with it fails", old: "return claims.Handle, err", new: "return claims.Handle, nil"},
		edit{name: "a sign-in ends the session it came with", old: "Replaces: replaced,", new: "Replaces: replaced[:0],"},
	)...)
	return append(all, in("internal/endpoints/frontend/signout.go", s,
		edit{name: "a sign-out by cookie needs the anti-CSRF check", old: "if via == fdi.Cookie {", new: "if false {"},
		edit{name: "a sign-out with a forged token ends nothing", old: "if errors.Is(err, token.ErrInvalid) {", new: "if false && errors.Is(err, token.ErrInvalid) {"},
		edit{name: "a sign-out that was not stored is no success", old: `err := s.Sessions.Revoke(ctx, handle, "signed out"); err != nil`, new: `err := s.Sessions.Revoke(ctx, handle, "signed out"); false && err != nil`},
	)...)
}
