package accounts

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// Scanner is a client that can also read a whole table, which no function may
// do.
type Scanner interface {
	table.Client
	Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// scanned is how many items a request of Enlist reads.
const scanned = 100

// Enlist gives a place in the list to every user of the table who has none:
// those written by versions from before there was a list. It calls wait before
// each request, and done after each page with how many users it has enlisted.
// If it stopped it may be called again, and finds the users who are left. It
// adds two attributes to the item of a user and changes nothing else. The user
// may be in use meanwhile.
func Enlist(ctx context.Context, client Scanner, name string, wait func(context.Context) error, done func(users int)) error {
	d := NewDynamo(client, name)
	users := 0
	in := &dynamodb.ScanInput{
		TableName: aws.String(name), Limit: aws.Int32(scanned), ConsistentRead: aws.Bool(true),
		FilterExpression:          aws.String("begins_with(#key, :users) AND attribute_not_exists(#list)"),
		ProjectionExpression:      aws.String("#key, #tenant, #id, #joined"),
		ExpressionAttributeNames:  map[string]string{"#key": "key", "#list": "list", "#tenant": "tenant", "#id": "id", "#joined": "joined"},
		ExpressionAttributeValues: table.Item{":users": table.Value("email#")},
	}
	for {
		if err := wait(ctx); err != nil {
			return err
		}
		page, err := client.Scan(ctx, in)
		if err != nil {
			return err
		}
		for _, it := range page.Items {
			if err := wait(ctx); err != nil {
				return err
			}
			if err := d.enlist(ctx, it); err != nil {
				return err
			}
			users++
		}
		done(users)
		if in.ExclusiveStartKey = page.LastEvaluatedKey; len(page.LastEvaluatedKey) == 0 {
			return nil
		}
	}
}

// enlist gives the user of the item a place, unless the item is gone or belongs
// to another user by now.
func (d *Dynamo) enlist(ctx context.Context, it table.Item) error {
	r := d.schema.Read(it)
	key, tenant, id, joined := r.Word("key"), r.Word("tenant"), r.Word("id"), r.Instant("joined")
	if r.Err() != nil {
		return r.Err()
	}
	_, user := items(User{Tenant: tenant, ID: id, Joined: joined})
	_, err := d.table.Update(ctx, table.Update{
		Key: table.Item{"key": table.Value(key)}, Set: "SET #list = :list, #place = :place",
		If:     "#id = :id AND #joined = :joined AND attribute_not_exists(#list)",
		Values: table.Item{":list": user["list"], ":place": user["place"], ":id": it["id"], ":joined": it["joined"]},
	})
	return err
}
