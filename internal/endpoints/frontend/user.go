package frontend

import (
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// oldUser is the user object of FDI below 1.18 and of 2.x.
type oldUser struct {
	ID         string `json:"id"`
	Email      string `json:"email"`
	TimeJoined int64  `json:"timeJoined"` // milliseconds since 1970

	ThirdParty *thirdParty `json:"thirdParty,omitzero"`
}

// thirdParty is the identity of a user who signs in by another provider.
type thirdParty struct {
	ID     string `json:"id"` // of the provider
	UserID string `json:"userId"`
}

// newUser is the user object of FDI 1.18, 1.19 and from 3.0.
type newUser struct {
	ID            string        `json:"id"`
	IsPrimaryUser bool          `json:"isPrimaryUser"`
	TenantIDs     []string      `json:"tenantIds"`
	Emails        []string      `json:"emails"`
	PhoneNumbers  []string      `json:"phoneNumbers"`
	ThirdParty    []thirdParty  `json:"thirdParty"`
	WebAuthn      webAuthn      `json:"webauthn"`
	LoginMethods  []loginMethod `json:"loginMethods"`
	TimeJoined    int64         `json:"timeJoined"`
}

type webAuthn struct {
	CredentialIDs []string `json:"credentialIds"`
}

type loginMethod struct {
	RecipeID     string   `json:"recipeId"`
	RecipeUserID string   `json:"recipeUserId"`
	TenantIDs    []string `json:"tenantIds"`
	Email        string   `json:"email"`
	TimeJoined   int64    `json:"timeJoined"`
	Verified     bool     `json:"verified"`

	ThirdParty *thirdParty `json:"thirdParty,omitzero"`
}

// userObject returns the user in the shape that the version of the client
// knows.
func userObject(u accounts.User, verified bool, shape fdi.UserShape) any {
	joined := u.Joined.UnixMilli()
	recipe, identities := "emailpassword", []thirdParty{}
	var identity *thirdParty
	if u.ThirdParty != (accounts.Identity{}) {
		recipe, identity = "thirdparty", &thirdParty{u.ThirdParty.Provider, u.ThirdParty.Subject}
		identities = append(identities, *identity)
	}
	if shape == fdi.OldUser {
		return oldUser{ID: u.ID, Email: u.Email, TimeJoined: joined, ThirdParty: identity}
	}
	tenants := []string{u.Tenant}
	return newUser{
		ID: u.ID, TenantIDs: tenants, Emails: []string{u.Email},
		PhoneNumbers: []string{}, ThirdParty: identities, WebAuthn: webAuthn{CredentialIDs: []string{}},
		LoginMethods: []loginMethod{{
			RecipeID: recipe, RecipeUserID: u.ID, TenantIDs: tenants, Email: u.Email, TimeJoined: joined,
			Verified: verified, ThirdParty: identity,
		}},
		TimeJoined: joined,
	}
}
