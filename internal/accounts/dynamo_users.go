package accounts

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func emailKey(tenant, email string) string { return "email#" + keyOf(tenant, email).String() }

func userKey(tenant, id string) string { return "user#" + keyOf(tenant, id).String() }

// Create implements Store. What leads from the id to the user is written
// first and the user last: so no user is ever there who cannot be found by his
// id, with no transaction, and if the address is taken nothing is left but a
// way to a user of another id, which ByID does not follow.
func (d *Dynamo) Create(ctx context.Context, u User) error {
	if _, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(d.table),
		Item: item{
			"key":    text(userKey(u.Tenant, u.ID)),
			"tenant": text(u.Tenant), "id": text(u.ID), "email": text(u.Email),
		},
	}); err != nil {
		return err
	}
	_, err := d.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(d.table),
		Item: item{
			"key":    text(emailKey(u.Tenant, u.Email)),
			"tenant": text(u.Tenant), "id": text(u.ID), "email": text(u.Email),
			"hash": text(string(u.Hash)), "joined": millis(u.Joined),
		},
		ConditionExpression:                 aws.String("attribute_not_exists(#key)"),
		ExpressionAttributeNames:            aliases([]string{"key"}),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	created, old, err := outcome(err)
	if err != nil || created || isText(old["id"], u.ID) {
		return err // the user who is there may be u, when the answer to an earlier try was lost
	}
	return ErrExists
}

// ByEmail implements Store.
func (d *Dynamo) ByEmail(ctx context.Context, tenant, email string) (User, error) {
	stored, err := d.get(ctx, emailKey(tenant, email))
	if err != nil {
		return User{}, err
	}
	u, err := decodeUser(stored)
	if err != nil {
		return User{}, err
	}
	if u.Tenant != tenant || u.Email != email {
		return User{}, fmt.Errorf("%w: another user", ErrCorrupt)
	}
	return u, nil
}

// ByID implements Store.
func (d *Dynamo) ByID(ctx context.Context, tenant, id string) (User, error) {
	stored, err := d.get(ctx, userKey(tenant, id))
	if err != nil {
		return User{}, err
	}
	pointer := decoder{item: stored}
	email := pointer.text("email")
	if pointer.text("tenant") != tenant || pointer.text("id") != id {
		pointer.fail("id")
	}
	if pointer.err != nil {
		return User{}, pointer.err
	}
	u, err := d.ByEmail(ctx, tenant, email)
	if err == nil && u.ID != id {
		return User{}, ErrNotFound
	}
	return u, err
}

// UpdateHash implements Store.
func (d *Dynamo) UpdateHash(ctx context.Context, u User, hash Secret) error {
	updated, old, err := d.apply(ctx, update{
		key:       emailKey(u.Tenant, u.Email),
		set:       "SET #hash = :new",
		condition: "#id = :id AND #hash = :old",
		values:    item{":id": text(u.ID), ":old": text(string(u.Hash)), ":new": text(string(hash))},
		names:     []string{"id", "hash"},
	})
	if err != nil || updated {
		return err
	}
	if !isText(old["id"], u.ID) {
		return ErrNotFound
	}
	if isText(old["hash"], string(hash)) {
		return nil // the answer to an earlier try was lost
	}
	return ErrConflict
}

func decodeUser(stored item) (User, error) {
	d := decoder{item: stored}
	u := User{
		ID:     d.text("id"),
		Tenant: d.text("tenant"),
		Email:  d.text("email"),
		Hash:   Secret(d.text("hash")),
		Joined: d.time("joined"),
	}
	if d.err != nil {
		return User{}, d.err
	}
	return u, nil
}

func isText(v types.AttributeValue, want string) bool {
	s, ok := v.(*types.AttributeValueMemberS)
	return ok && s.Value == want
}
