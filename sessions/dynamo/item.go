package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

// The attributes that items of both tables have, beside their version.
const (
	attrItem    = "item"    // sort key
	attrExpires = "expires" // time to live, seconds
)

// schema is the version of the items that are written here. Items of another
// version are not understood, and so neither read nor changed.
const schema = 1

// reads returns a reader of an item, failed if its schema is not ours.
func reads(it table.Item) *table.Reader {
	return table.Schema{Version: schema, Corrupt: sessions.ErrCorrupt}.Read(it)
}

// retention is how long what is over stays for those who look into an incident.
const retention = 7 * 24 * time.Hour

// removable is the time to live of what is over at the instant.
func removable(over time.Time) types.AttributeValue {
	return table.Value(table.Expiry(over.Add(retention)))
}
