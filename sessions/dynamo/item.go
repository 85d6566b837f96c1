package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

// The attributes that items of both tables have, besides their version.
const (
	attrItem    = "item"    // sort key
	attrExpires = "expires" // time to live, seconds
)

// schema is the version of the items that are written here. Items of another
// version are neither read nor changed.
const schema = 1

// reads returns a reader of an item, which has failed if the schema is not
// ours.
func reads(it table.Item) *table.Reader {
	return table.Schema{Version: schema, Corrupt: sessions.ErrCorrupt}.Read(it)
}

// retention is how long what is over is kept, for inquiries into incidents.
const retention = 7 * 24 * time.Hour

// removable returns the time to live of an item that is over at the instant.
func removable(over time.Time) types.AttributeValue {
	return table.Value(table.Expiry(over.Add(retention)))
}
