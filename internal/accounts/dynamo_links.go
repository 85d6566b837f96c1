package accounts

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// AddLink implements Store. The links of a user are one text, and no two texts
// are the same, so each write is conditional on the text it was made from. The
// first link is one write, a further one two, and one more for each link that
// another call adds at the same moment.
func (d *Dynamo) AddLink(ctx context.Context, l Link) error {
	var there []Link
	var seen table.Item
	for {
		links, err := with(there, l)
		if err != nil {
			return err
		}
		out, err := d.table.Put(ctx, linksItem(links), unchanged(seen))
		if err != nil || out.Applied {
			return flooded(err)
		}
		seen = out.Item
		there, err = d.readLinks(seen, l.Purpose, l.Key())
		if err != nil || slices.Contains(there, l) {
			return err // it is there if the answer to an earlier try was lost
		}
	}
}

// unchanged is the condition that the item of links is still the one that was
// read, which is nil if there was none.
func unchanged(seen table.Item) table.Condition {
	if seen == nil {
		return table.Condition{If: "attribute_not_exists(#key)"}
	}
	return table.Condition{If: "#links = :seen", Values: table.Item{":seen": seen["links"]}}
}

// Links implements Store.
func (d *Dynamo) Links(ctx context.Context, p Purpose, k Key) ([]Link, error) {
	it, err := d.table.Get(ctx, linksKey(p, k))
	if err != nil {
		return nil, flooded(err)
	}
	return d.readLinks(it, p, k)
}

// DropLinks implements Store.
func (d *Dynamo) DropLinks(ctx context.Context, p Purpose, k Key) error {
	_, err := d.table.Delete(ctx, linksKey(p, k), table.Condition{})
	return flooded(err)
}

func linksKey(p Purpose, k Key) table.Item {
	return table.Item{"key": table.Value("mail#" + string(p) + "#" + string(k))}
}

// linksItem is the one item of a user's links. Each link is a line of the text:
// digest, expiry in milliseconds, address.
func linksItem(links []Link) table.Item {
	var lines []string
	var last time.Time
	for _, l := range links {
		digest := base64.RawURLEncoding.EncodeToString(l.Digest[:])
		lines = append(lines, fmt.Sprintf("%s %d %s", digest, l.Expires.UnixMilli(), l.Email))
		if l.Expires.After(last) {
			last = l.Expires
		}
	}
	it := linksKey(links[0].Purpose, links[0].Key())
	it["tenant"], it["id"] = table.Value(links[0].Tenant), table.Value(links[0].UserID)
	it["links"], it["expires"] = table.Value(strings.Join(lines, "\n")), table.Value(table.Expiry(last))
	return it
}

// readLinks reads an item, which is nil if there is none.
func (d *Dynamo) readLinks(it table.Item, p Purpose, k Key) ([]Link, error) {
	if it == nil {
		return nil, nil
	}
	r := d.schema.Read(it)
	owner := Link{Purpose: p, Tenant: r.Word("tenant"), UserID: r.Word("id")}
	var links []Link
	for line := range strings.SplitSeq(r.Word("links"), "\n") {
		l, ok := parseLink(owner, line)
		if !ok {
			r.Fail("links")
		}
		links = append(links, l)
	}
	if len(links) > maxLinks {
		r.Fail("links")
	}
	if owner.Key() != k {
		r.Fail("key")
	}
	if r.Err() != nil {
		return nil, r.Err()
	}
	return links, nil
}

// parseLink reads one line of the owner's text.
func parseLink(l Link, line string) (Link, bool) {
	digest, rest, _ := strings.Cut(line, " ")
	expires, email, _ := strings.Cut(rest, " ")
	raw, digestErr := base64.RawURLEncoding.Strict().DecodeString(digest)
	millis, millisErr := strconv.ParseInt(expires, 10, 64)
	l.Email, l.Expires = email, time.UnixMilli(millis).UTC()
	whole := digestErr == nil && len(raw) == len(l.Digest) && email != "" &&
		millisErr == nil && millis > 0 && millis <= table.MaxMillis
	copy(l.Digest[:], raw)
	return l, whole
}
