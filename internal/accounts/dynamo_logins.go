package accounts

import (
	"context"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// loginKey is the key of a user of another login.
func loginKey(tenant string, by Identity) table.Item {
	return table.Item{"key": table.Value("login#" + string(by.key(tenant)))}
}

// way is where the id of a user leads: to an address, or to an identity at
// another provider. The zero way leads nowhere.
type way struct {
	email string
	by    Identity
}

func wayTo(u User) way {
	if u.ThirdParty != (Identity{}) {
		return way{by: u.ThirdParty}
	}
	return way{email: u.Email}
}

// key returns the key of the user's item.
func (w way) key(tenant string) table.Item {
	if w.email != "" {
		return emailKey(tenant, w.email)
	}
	return loginKey(tenant, w.by)
}

// write adds the way to an item.
func (w way) write(it table.Item) {
	if w.email != "" {
		it["email"] = table.Value(w.email)
		return
	}
	it["provider"], it["issuer"], it["subject"] = table.Value(w.by.Provider), table.Value(w.by.Issuer), table.Value(w.by.Subject)
}

// still returns the condition that an item has the way.
func (w way) still() table.Condition {
	if w.email != "" {
		return table.Condition{If: "#email = :email", Values: table.Item{":email": table.Value(w.email)}}
	}
	return table.Condition{If: "#provider = :provider AND #issuer = :issuer AND #subject = :subject", Values: table.Item{
		":provider": table.Value(w.by.Provider), ":issuer": table.Value(w.by.Issuer), ":subject": table.Value(w.by.Subject),
	}}
}

func readIdentity(r *table.Reader) Identity {
	return Identity{Provider: r.Word("provider"), Issuer: r.Word("issuer"), Subject: r.Word("subject")}
}

// wayOf returns where the id leads.
func (d *Dynamo) wayOf(ctx context.Context, tenant, id string) (way, error) {
	it, err := d.table.Get(ctx, idKey(tenant, id))
	if err != nil || it == nil {
		return way{}, flooded(err)
	}
	r := d.schema.Read(it)
	var w way
	if r.Has("subject") {
		w.by = readIdentity(r)
	} else {
		w.email = r.Word("email")
	}
	if r.Word("tenant") != tenant || r.Word("id") != id {
		r.Fail("key")
	}
	if r.Err() != nil {
		return way{}, r.Err()
	}
	return w, nil
}

// ByLogin implements Store.
func (d *Dynamo) ByLogin(ctx context.Context, tenant string, by Identity) (User, error) {
	r, err := d.read(ctx, loginKey(tenant, by))
	if err != nil {
		return User{}, err
	}
	u := User{
		ID: r.Word("id"), Tenant: r.Word("tenant"), Email: r.Word("email"), Joined: r.Instant("joined"),
		ThirdParty: readIdentity(r),
	}
	if u.Tenant != tenant || u.ThirdParty != by {
		r.Fail("key")
	}
	if r.Err() != nil {
		return User{}, r.Err()
	}
	return u, nil
}

// Readdress implements Store.
func (d *Dynamo) Readdress(ctx context.Context, u User, email string) error {
	out, err := d.table.Update(ctx, table.Update{
		Key: loginKey(u.Tenant, u.ThirdParty),
		Set: "SET #email = :email", If: "#id = :id AND #email = :was",
		Values: table.Item{":email": table.Value(email), ":id": table.Value(u.ID), ":was": table.Value(u.Email)},
	})
	if err == nil && !out.Applied {
		return ErrNotFound
	}
	return err
}
