package accounts

import (
	"context"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// Create implements Store. What leads from the id to the user is written
// first and the user last: so no user is ever there who cannot be found by his
// id, with no transaction, and if the address is taken nothing is left but a
// way to a user of another id, which ByID does not follow.
func (d *Dynamo) Create(ctx context.Context, u User) error {
	tenant, id, email := table.Text(u.Tenant), table.Text(u.ID), table.Text(u.Email)
	pointer := table.Item{"key": table.Text("user#" + string(keyOf(u.Tenant, u.ID))), "tenant": tenant, "id": id, "email": email}
	if _, err := d.table.Put(ctx, pointer, table.Condition{}); err != nil {
		return err
	}
	out, err := d.table.Put(ctx, table.Item{
		"key":    table.Text("email#" + string(keyOf(u.Tenant, u.Email))),
		"tenant": tenant, "id": id, "email": email,
		"hash": table.Text(string(u.Hash)), "joined": table.Millis(u.Joined),
	}, table.Condition{If: "attribute_not_exists(#key)"})
	if err != nil || out.Applied || read(out.Item).Word("id") == u.ID {
		return err // the user who is there may be u, when the answer to an earlier try was lost
	}
	return ErrExists
}

// ByEmail implements Store.
func (d *Dynamo) ByEmail(ctx context.Context, tenant, email string) (User, error) {
	it, err := d.table.Get(ctx, table.Item{"key": table.Text("email#" + string(keyOf(tenant, email)))})
	if err != nil {
		return User{}, err
	}
	if it == nil {
		return User{}, ErrNotFound
	}
	r := read(it)
	u := User{
		ID: r.Word("id"), Tenant: r.Word("tenant"), Email: r.Word("email"),
		Hash: Secret(r.Word("hash")), Joined: r.Instant("joined"),
	}
	if u.Tenant != tenant || u.Email != email {
		r.Fail("key")
	}
	if r.Err() != nil {
		return User{}, r.Err()
	}
	return u, nil
}

// ByID implements Store.
func (d *Dynamo) ByID(ctx context.Context, tenant, id string) (User, error) {
	it, err := d.table.Get(ctx, table.Item{"key": table.Text("user#" + string(keyOf(tenant, id)))})
	if err != nil {
		return User{}, err
	}
	if it == nil {
		return User{}, ErrNotFound
	}
	r := read(it)
	email := r.Word("email")
	if r.Word("tenant") != tenant || r.Word("id") != id {
		r.Fail("key")
	}
	if r.Err() != nil {
		return User{}, r.Err()
	}
	u, err := d.ByEmail(ctx, tenant, email)
	if err == nil && u.ID != id {
		return User{}, ErrNotFound
	}
	return u, err
}

// UpdateHash implements Store.
func (d *Dynamo) UpdateHash(ctx context.Context, u User, hash Secret) error {
	out, err := d.table.Update(ctx, table.Update{
		Key: table.Item{"key": table.Text("email#" + string(keyOf(u.Tenant, u.Email)))},
		Set: "SET #hash = :new",
		If:  "#id = :id AND #hash = :old",
		Values: table.Item{
			":id": table.Text(u.ID), ":old": table.Text(string(u.Hash)), ":new": table.Text(string(hash)),
		},
	})
	if err != nil || out.Applied {
		return err
	}
	old := read(out.Item)
	if old.Word("id") != u.ID {
		return ErrNotFound
	}
	if old.Word("hash") == string(hash) {
		return nil // the answer to an earlier try was lost
	}
	return ErrConflict
}
