package accounts

import (
	"context"
	"fmt"
	"maps"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// Create implements Store. It writes the item that leads from the id to the
// user first, and the user last. So without a transaction there is never a user
// that cannot be found by id. If the address is taken, all that is left is a
// way to a user of another id, which ByID does not follow.
func (d *Dynamo) Create(ctx context.Context, u User) error {
	pointer, user := items(u)
	if _, err := d.table.Put(ctx, pointer, table.Condition{}); err != nil {
		return err
	}
	out, err := d.table.Put(ctx, user, table.Condition{If: "attribute_not_exists(#key)"})
	if err != nil || out.Applied || d.schema.Read(out.Item).Word("id") == u.ID {
		return err // the existing user may be u, if the answer to an earlier try was lost
	}
	return ErrExists
}

// items returns the two items of a user: the one that leads from the id to the
// user, and that of the user, by address or identity. Only the second is in the
// list. Its place there never changes, so it costs a write when a user joins
// and none when the user signs in.
func items(u User) (pointer, user table.Item) {
	pointer, user = itemKey("user", keyOf(u.Tenant, u.ID)), itemKey("email", keyOf(u.Tenant, u.Email))
	shared := table.Item{"tenant": table.Value(u.Tenant), "id": table.Value(u.ID)}
	if by := u.ThirdParty; by != (Identity{}) {
		user = itemKey("login", by.key(u.Tenant))
		shared["provider"], shared["issuer"], shared["subject"] = table.Value(by.Provider), table.Value(by.Issuer), table.Value(by.Subject)
	} else {
		shared["email"] = table.Value(u.Email)
		user["networks"] = table.Value(string(u.Networks))
	}
	maps.Copy(pointer, shared)
	maps.Copy(user, shared)
	user["email"], user["joined"] = table.Value(u.Email), table.Value(u.Joined)
	if u.Hash != "" {
		user["hash"] = table.Value(string(u.Hash))
	}
	if u.Added != "" {
		user["added"] = table.Value(u.Added)
	}
	user["list"] = table.Value(fmt.Sprintf(partitionForm, u.Tenant, keyOf(u.Tenant, u.ID)[0]%shards))
	user["place"] = table.Value(fmt.Sprintf(placeForm, u.Joined.UnixMilli(), u.ID))
	return pointer, user
}

// itemKey returns the key of the item of that kind.
func itemKey(kind string, k Key) table.Item {
	return table.Item{"key": table.Value(kind + "#" + string(k))}
}

// ByEmail implements Store.
func (d *Dynamo) ByEmail(ctx context.Context, tenant, email string) (User, error) {
	it, err := d.table.Get(ctx, itemKey("email", keyOf(tenant, email)))
	switch {
	case err != nil:
		return User{}, flooded(err)
	case it == nil:
		return User{}, ErrNotFound
	}
	return d.read(it, User{Tenant: tenant, Email: email})
}

// ByLogin implements Store.
func (d *Dynamo) ByLogin(ctx context.Context, tenant string, by Identity) (User, error) {
	it, err := d.table.Get(ctx, itemKey("login", by.key(tenant)))
	switch {
	case err != nil:
		return User{}, flooded(err)
	case it == nil:
		return User{}, ErrNotFound
	}
	return d.read(it, User{Tenant: tenant, ThirdParty: by})
}

// read reads the item of a user who has the tenant, and the identity or address,
// that was asked for.
func (d *Dynamo) read(it table.Item, asked User) (User, error) {
	r := d.schema.Read(it)
	u := User{ID: r.Word("id"), Tenant: r.Word("tenant"), Email: r.Word("email"), Joined: r.Instant("joined")}
	if r.Has("subject") {
		u.ThirdParty, asked.Email = readIdentity(r), u.Email // the provider's to change
	}
	if r.Has("hash") { // otherwise the user has no password
		u.Hash = Secret(r.Word("hash"))
	}
	if r.Has("networks") { // users of earlier versions have none
		u.Networks = Networks(r.Text("networks"))
	}
	if r.Has("added") { // otherwise the user signed up
		u.Added = r.Word("added")
	}
	if u.Tenant != asked.Tenant || u.Email != asked.Email || u.ThirdParty != asked.ThirdParty {
		r.Fail("key")
	}
	if r.Err() != nil {
		return User{}, r.Err()
	}
	return u, nil
}

// ByID implements Store.
func (d *Dynamo) ByID(ctx context.Context, tenant, id string) (User, error) {
	led, err := d.follow(ctx, tenant, id)
	var u User
	switch {
	case err != nil:
		return User{}, err
	case led == (User{}):
		return User{}, ErrNotFound
	case led.Email != "":
		u, err = d.ByEmail(ctx, tenant, led.Email)
	default:
		u, err = d.ByLogin(ctx, tenant, led.ThirdParty)
	}
	if err == nil && u.ID != id {
		return User{}, ErrNotFound
	}
	return u, err
}

// follow returns the user to whom the id leads, with the address or the
// identity and nothing else, or the zero User if it leads nowhere.
func (d *Dynamo) follow(ctx context.Context, tenant, id string) (User, error) {
	it, err := d.table.Get(ctx, itemKey("user", keyOf(tenant, id)))
	if err != nil || it == nil {
		return User{}, flooded(err)
	}
	r := d.schema.Read(it)
	u := User{Tenant: r.Word("tenant"), ID: r.Word("id")}
	if r.Has("subject") {
		u.ThirdParty = readIdentity(r)
	} else {
		u.Email = r.Word("email")
	}
	if u.Tenant != tenant || u.ID != id {
		r.Fail("key")
	}
	if r.Err() != nil {
		return User{}, r.Err()
	}
	return u, nil
}

func readIdentity(r *table.Reader) Identity {
	return Identity{Provider: r.Word("provider"), Issuer: r.Word("issuer"), Subject: r.Word("subject")}
}

// Update implements Store.
func (d *Dynamo) Update(ctx context.Context, u, renewed User) error {
	update := table.Update{
		Key: itemKey("email", keyOf(u.Tenant, u.Email)),
		Set: "SET #networks = :networks",
		If:  "#id = :id AND attribute_not_exists(#hash)",
		Values: table.Item{
			":id": table.Value(u.ID), ":networks": table.Value(string(renewed.Networks)),
		},
	}
	if u.Hash != "" {
		update.If = "#id = :id AND #hash = :old"
		update.Values[":old"] = table.Value(string(u.Hash))
	}
	if renewed.Hash != "" {
		update.Set += ", #hash = :new"
		update.Values[":new"] = table.Value(string(renewed.Hash))
	}
	out, err := d.table.Update(ctx, update)
	if err != nil || out.Applied {
		return err
	}
	old := d.schema.Read(out.Item)
	if old.Word("id") != u.ID {
		return ErrNotFound
	}
	if old.Has("hash") && old.Word("hash") == string(renewed.Hash) {
		return nil // the answer to an earlier try was lost, or another call did the same
	}
	return ErrConflict
}

// Readdress implements Store.
func (d *Dynamo) Readdress(ctx context.Context, u User, email string) error {
	by := u.ThirdParty
	out, err := d.table.Update(ctx, table.Update{
		Key: itemKey("login", by.key(u.Tenant)),
		Set: "SET #email = :email", If: "#id = :id AND #email = :was",
		Values: table.Item{":email": table.Value(email), ":id": table.Value(u.ID), ":was": table.Value(u.Email)},
	})
	if err == nil && !out.Applied {
		return ErrNotFound
	}
	return err
}

// flooded returns the error of a call, or ErrThrottled if the key is flooded.
// That is the same for known and unknown users, and is not a fault of the
// table.
func flooded(err error) error {
	if table.Flooded(err) {
		return ErrThrottled
	}
	return err
}
