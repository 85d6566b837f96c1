package endpoints_test

import (
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/accountstest"
)

// scene is a world in which somebody makes a request, and another does
// something meanwhile.
type scene struct {
	by   *client
	req  request
	act  func()
	then func(answer) // asserts what must be so after the request
}

// interleaved plays a scene again and again, each time in a world of its own,
// and has the act take place right after another one of the calls to a store
// that the request makes. It returns how many those are.
func interleaved(set func() scene) int {
	calls := 1
	for at := 0; at < calls; at++ {
		s, n, acting := set(), 0, false
		told := func(string) {
			if acting {
				return
			}
			if n++; n-1 == at {
				acting = true
				s.act()
				acting = false
			}
		}
		s.by.sessions.told, s.by.accounts.told = told, told
		a := s.by.send(s.req)
		s.by.sessions.told, s.by.accounts.told = nil, nil
		s.then(a)
		calls = n
	}
	return calls
}

// rescues are the ways in which a user gets rid of somebody who has the password,
// each with its request.
func rescues() map[string]func(user *client) (*client, request) {
	return map[string]func(*client) (*client, request){
		"change": func(user *client) (*client, request) {
			return user, request{route: changeRoute, body: change(password, newPassword)}
		},
		"reset": func(user *client) (*client, request) {
			token := user.link(accounts.ResetPassword, user.account(alice))
			return user.stack.client("header"), request{route: resetRoute, body: resetting(token, newPassword)}
		},
	}
}

// signedUpQuickly is signedUp in a stack whose hashes cost nothing.
func signedUpQuickly(t *testing.T) *client {
	t.Helper()
	s := newStack(t)
	s.hasher = &accountstest.Hasher{}
	s.start()
	c := s.client("header")
	c.signUp(alice)
	return c
}

// A thief who is signed in does anything between any two steps of a
// change or a reset. Once that is answered OK no session of the thief lives, whatever
// became of the user's own.
func TestThiefMeanwhile(t *testing.T) {
	for way, rescue := range rescues() {
		for name, r := range map[string]request{
			"ends all other sessions": {route: "DELETE /auth/sessions"},
			"signs in":                {route: signInRoute, body: form(alice, password)},
			"changes the password":    {route: changeRoute, body: change(password, "the password of a thief")},
			"refreshes":               {route: refreshRoute},
			"signs out":               {route: signOutRoute},
		} {
			calls := interleaved(func() scene {
				user := signedUpQuickly(t)
				thief := user.stack.client("header")
				thief.expect(200, request{route: signInRoute, body: form(alice, password)})
				by, req := rescue(user)
				return scene{by, req, func() { thief.send(r) }, func(a answer) {
					// The thief ended the session before it was checked, or put another password before the user's.
					if a.StatusCode == 401 || a.StatusCode == 503 || a.Body == `{"status":"WRONG_CREDENTIALS_ERROR"}` {
						return
					}
					expectNothing(t, a, 200, `{"status":"OK"}`)
					thief.expect(401, request{route: "POST /notes", body: aNote})
					thief.expect(401, request{route: refreshRoute})
				}}
			})
			if calls < 5 {
				t.Errorf("%s at %d calls of a %s, want all of them", name, calls, way)
			}
		}
	}
}

// A change or a reset is cut off at any of its calls, and not repeated. If the
// password is the user's by then, no session of the thief's lives.
func TestThiefAfterACut(t *testing.T) {
	for way, rescue := range rescues() {
		for at, done := 0, false; !done; at++ {
			user := signedUpQuickly(t)
			thief := user.stack.client("header")
			thief.expect(200, request{route: signInRoute, body: form(alice, password)})
			by, req := rescue(user)
			cut := &plan{way: refused, from: at, many: forGood}
			user.sessions.arm(cut)
			user.accounts.arm(cut)
			a := by.send(req)
			user.sessions.arm(nil)
			user.accounts.arm(nil)
			if done = a.StatusCode == 200; !done {
				expectNothingDone(t, req, a, cut)
			} else if at < 5 {
				t.Errorf("a %s of %d calls, want all of them", way, at)
			}
			signIn := user.stack.client("header").send(request{route: signInRoute, body: form(alice, newPassword)})
			if signIn.Headers["st-access-token"] != "" {
				thief.expect(401, request{route: "POST /notes", body: aNote})
				thief.expect(401, request{route: refreshRoute})
			} else if done {
				t.Errorf("after a %s a sign-in is %s", way, signIn.Body)
			}
		}
	}
}

// Who signs in with the old password, begun before a change or a reset and ended
// after it, has no session that lives.
func TestSignInMeanwhile(t *testing.T) {
	for way, rescue := range rescues() {
		calls := interleaved(func() scene {
			user := signedUpQuickly(t)
			thief := user.stack.client("header")
			by, req := rescue(user)
			return scene{thief, request{route: signInRoute, body: form(alice, password)}, func() {
				expectNothing(t, by.send(req), 200, `{"status":"OK"}`)
			}, func(answer) {
				thief.expect(401, request{route: "POST /notes", body: aNote})
				thief.expect(401, request{route: refreshRoute})
				fresh := user.stack.client("header")
				fresh.expect(200, request{route: signInRoute, body: form(alice, newPassword)})
				fresh.expect(201, request{route: "POST /notes", body: aNote})
			}}
		})
		if calls < 7 {
			t.Errorf("a %s at %d calls of a sign-in, want all of them", way, calls)
		}
	}
}

// A backend gives the user another address while a link to the old one is used:
// of the new one it is not said that it is verified.
func TestAnotherAddressMeanwhile(t *testing.T) {
	for route, body := range map[string]func(c *client, u accounts.User) string{
		verifyRoute: func(c *client, u accounts.User) string { return verifying(c.link(accounts.VerifyEmail, u)) },
		resetRoute: func(c *client, u accounts.User) string {
			return resetting(c.link(accounts.ResetPassword, u), newPassword)
		},
	} {
		calls := interleaved(func() scene {
			user := signedUpQuickly(t)
			alice := user.account(alice)
			guest, about := user.stack.client("header"), map[string]string{"userId": alice.ID}
			return scene{guest, request{route: route, body: body(user, alice)}, func() {
				if a := guest.asks(request{route: patchUser, params: about, body: `{"email":"moved@example.com"}`}); a.StatusCode != 200 {
					t.Errorf("change of the address = %d %s", a.StatusCode, a.Body)
				}
			}, func(a answer) {
				if got := guest.asks(request{route: userRoute, params: about}); !says(200, `"emails":["moved@example.com"]`, `"verified":false`)(got) {
					t.Errorf("after %s = %d %s the user is %s", route, a.StatusCode, a.Body, got.Body)
				}
			}}
		})
		if calls < 5 {
			t.Errorf("the address is changed at %d calls of %s, want all of them", calls, route)
		}
	}
}

// A link is used while a backend deletes its user. Nothing is left to
// say of the next user of the id.
func TestVerificationDuringADeletion(t *testing.T) {
	calls := interleaved(func() scene {
		user := signedUpQuickly(t)
		guest, about := user.stack.client("header"), map[string]string{"userId": user.account(alice).ID}
		body := verifying(user.link(accounts.VerifyEmail, user.account(alice)))
		return scene{guest, request{route: deleteUser, params: about, admin: true}, func() {
			guest.send(request{route: verifyRoute, body: body})
		}, func(a answer) {
			if got := guest.asks(request{route: getRoles, params: about}); a.StatusCode != 200 || got.Body != "{}" {
				t.Errorf("after the deletion, %d %s, the claims are %s", a.StatusCode, a.Body, got.Body)
			}
		}}
	})
	if calls < 4 {
		t.Errorf("a link is used at %d calls of a deletion, want all of them", calls)
	}
}
