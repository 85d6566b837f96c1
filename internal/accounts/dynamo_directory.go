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

// listed names the attributes that put an item in the list. They never change,
// so they cost a write when a user joins and none when the user signs in.
func listed(tenant, id string, place Place) table.Item {
	return table.Item{"list": table.Value(partition(tenant, int(keyOf(tenant, id)[0])%shards)), "place": table.Value(string(place))}
}

func partition(tenant string, shard int) string { return fmt.Sprintf("%s#%d", tenant, shard) }

// List implements Store, with one query for each partition of the list.
func (d *Dynamo) List(ctx context.Context, tenant string, after Place, limit int) ([]Listed, error) {
	var all []Listed
	for shard := range shards {
		q := table.Query{
			Index: listIndex, Where: "#list = :list", Values: table.Item{":list": table.Value(partition(tenant, shard))},
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

// idKey is the key of the item that leads from an id to the user.
func idKey(tenant, id string) table.Item {
	return table.Item{"key": table.Value("user#" + string(keyOf(tenant, id)))}
}

func emailKey(tenant, email string) table.Item {
	return table.Item{"key": table.Value("email#" + string(keyOf(tenant, email)))}
}

// Add implements Store. If a user was removed only in part, a way may be left
// that leads to nobody. Add takes it over.
func (d *Dynamo) Add(ctx context.Context, u User) error {
	free := table.Condition{If: "attribute_not_exists(#key)"}
	left, err := d.wayOf(ctx, u.Tenant, u.ID)
	if err != nil {
		return err
	}
	vacant := free
	if left != (way{}) {
		if _, err := d.ByID(ctx, u.Tenant, u.ID); err != ErrNotFound {
			return orTaken(err)
		}
		vacant = left.still()
	}
	done, err := d.table.Transact(ctx, table.Write{Put: pointerOf(u), Condition: vacant}, table.Write{Put: itemOf(u), Condition: free})
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

// ChangeEmail implements Store, by one transaction.
func (d *Dynamo) ChangeEmail(ctx context.Context, u User, email string) error {
	moved := u
	moved.Email, moved.Networks = email, ""
	unchanged := table.Condition{If: "#id = :id AND attribute_not_exists(#hash)", Values: table.Item{":id": table.Value(u.ID)}}
	if u.Hash != "" {
		unchanged.If = "#id = :id AND #hash = :hash"
		unchanged.Values[":hash"] = table.Value(string(u.Hash))
	}
	done, err := d.table.Transact(ctx,
		table.Write{Put: itemOf(moved), Condition: table.Condition{If: "attribute_not_exists(#key)"}},
		table.Write{Key: emailKey(u.Tenant, u.Email), Delete: true, Condition: unchanged},
		table.Write{Key: idKey(u.Tenant, u.ID), Set: "SET #email = :new", Condition: table.Condition{
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
	w, err := d.wayOf(ctx, tenant, id)
	if err != nil || w == (way{}) {
		return err
	}
	_, err = d.table.Delete(ctx, w.key(tenant), table.Condition{
		If: "#id = :id", Values: table.Item{":id": table.Value(id)}, // otherwise it belongs to another user by now
	})
	if err != nil {
		return err
	}
	still := w.still()
	still.If = "attribute_not_exists(#key) OR " + still.If
	gone, err := d.table.Delete(ctx, idKey(tenant, id), still)
	if err == nil && !gone.Applied {
		return ErrConflict
	}
	return err
}
