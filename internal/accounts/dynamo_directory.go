package accounts

import (
	"context"
	"fmt"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// listIndex is the index that lists the users of a tenant. It holds the items
// that have a partition and a place in the list, with the attributes that are
// listed.
const listIndex = "users"

// shards is the number of partitions of a tenant's list. Each takes a thousand
// new users a second.
const shards = 4

// partitionForm is the form of a partition of the list: a tenant and a shard.
const partitionForm = "%s#%d"

// List implements Store, with one query for each partition of the list.
func (d *Dynamo) List(ctx context.Context, tenant string, after Place, limit int) ([]Listed, error) {
	var all []Listed
	for shard := range shards {
		q := table.Query{
			Index: listIndex, Where: "#list = :list", Values: table.Item{":list": table.Value(fmt.Sprintf(partitionForm, tenant, shard))},
			Limit: int32(limit), Newest: true,
		}
		if after != "" {
			q.Where += " AND #place < :after"
			q.Values[":after"] = table.Value(string(after))
		}
		page, err := d.table.Page(ctx, q)
		if err != nil {
			return nil, flooded(err)
		}
		for _, it := range page.Items {
			u, err := d.readListed(it, tenant)
			if err != nil {
				return nil, err
			}
			all = append(all, u)
		}
	}
	return inOrder(all, limit), nil
}

func (d *Dynamo) readListed(it table.Item, tenant string) (Listed, error) {
	r := d.schema.Read(it)
	id, joined, ok := Place(r.Word("place")).parse()
	if !ok {
		r.Fail("place")
	}
	u := Listed{ID: id, Tenant: tenant, Joined: joined, Email: r.Word("email")}
	return u, r.Err()
}

// Add implements Store. If a user was removed only in part, a way may be left
// that leads to nobody. Add takes it over.
func (d *Dynamo) Add(ctx context.Context, u User) error {
	free := table.Condition{If: "attribute_not_exists(#key)"}
	left, err := d.follow(ctx, u.Tenant, u.ID)
	if err != nil {
		return err
	}
	vacant := free
	if left != (User{}) {
		if _, err := d.ByID(ctx, u.Tenant, u.ID); err != ErrNotFound {
			return orTaken(err)
		}
		vacant = leads(left)
	}
	pointer, user := items(u)
	done, err := d.table.Transact(ctx, table.Write{Put: pointer, Condition: vacant}, table.Write{Put: user, Condition: free})
	switch {
	case err != nil:
		return err
	case !done[0].Applied:
		return ErrIDTaken
	case !done[1].Applied:
		return ErrExists
	}
	return nil
}

// orTaken is the result of looking for a user of the id, given the error of
// that read.
func orTaken(err error) error {
	if err == nil {
		return ErrIDTaken
	}
	return err
}

// leads returns the condition that the id of the user still leads to that
// address or identity.
func leads(to User) table.Condition {
	pointer, _ := items(to)
	if to.Email != "" {
		return table.Condition{If: "#email = :email", Values: table.Item{":email": pointer["email"]}}
	}
	return table.Condition{If: "#provider = :provider AND #issuer = :issuer AND #subject = :subject", Values: table.Item{
		":provider": pointer["provider"], ":issuer": pointer["issuer"], ":subject": pointer["subject"],
	}}
}

// ChangeEmail implements Store, by one transaction.
func (d *Dynamo) ChangeEmail(ctx context.Context, u User, email string) error {
	moved := u
	moved.Email, moved.Networks = email, ""
	_, item := items(moved)
	unchanged := table.Condition{If: "#id = :id AND attribute_not_exists(#hash)", Values: table.Item{":id": table.Value(u.ID)}}
	if u.Hash != "" {
		unchanged.If = "#id = :id AND #hash = :hash"
		unchanged.Values[":hash"] = table.Value(string(u.Hash))
	}
	done, err := d.table.Transact(ctx,
		table.Write{Put: item, Condition: table.Condition{If: "attribute_not_exists(#key)"}},
		table.Write{Key: itemKey("email", keyOf(u.Tenant, u.Email)), Delete: true, Condition: unchanged},
		table.Write{Key: itemKey("user", keyOf(u.Tenant, u.ID)), Set: "SET #email = :new", Condition: table.Condition{
			If:     "#email = :old",
			Values: table.Item{":old": table.Value(u.Email), ":new": table.Value(email)},
		}})
	switch {
	case err != nil:
		return err
	case !done[1].Applied && (done[1].Item == nil || d.schema.Read(done[1].Item).Word("id") != u.ID):
		return ErrNotFound
	case !done[0].Applied:
		return ErrExists
	case !done[1].Applied || !done[2].Applied:
		return ErrConflict
	}
	return nil
}

// Remove implements Store. The item that leads from the id to all the others
// goes last, so a removal that failed halfway finds the rest again.
func (d *Dynamo) Remove(ctx context.Context, tenant, id string) error {
	led, err := d.follow(ctx, tenant, id)
	if err != nil || led == (User{}) {
		return err
	}
	_, user := items(led)
	_, err = d.table.Delete(ctx, table.Item{"key": user["key"]}, table.Condition{
		If: "#id = :id", Values: table.Item{":id": table.Value(id)}, // otherwise it belongs to another user by now
	})
	if err != nil {
		return err
	}
	still := leads(led)
	still.If = "attribute_not_exists(#key) OR (" + still.If + ")"
	gone, err := d.table.Delete(ctx, itemKey("user", keyOf(tenant, id)), still)
	if err == nil && !gone.Applied {
		return ErrConflict
	}
	return err
}
