package accounts

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Listed is a user as listed.
type Listed struct {
	ID, Tenant string
	Email      string
	Joined     time.Time
}

// Place is where a user stands in the list of the tenant: by the time the user
// joined and, at the same moment, by id. Places are compared as text, and the
// greatest comes first.
type Place string

// placeForm is the form of a Place: the milliseconds, with as many digits as the
// last instant that can be stored, and the id.
const placeForm = "%015d#%s"

// parse returns the user at the place.
func (p Place) parse() (id string, joined time.Time, ok bool) {
	digits, id, found := strings.Cut(string(p), "#")
	millis, err := strconv.ParseInt(digits, 10, 64)
	joined = time.UnixMilli(millis).UTC()
	return id, joined, found && err == nil && millis > 0 && (Listed{ID: id, Joined: joined}).place() == p
}

// place returns the place of the user.
func (l Listed) place() Place { return Place(fmt.Sprintf(placeForm, l.Joined.UnixMilli(), l.ID)) }

// inOrder sorts users in the order of the list, and keeps the first.
func inOrder(all []Listed, limit int) []Listed {
	slices.SortFunc(all, func(a, b Listed) int { return strings.Compare(string(b.place()), string(a.place())) })
	return all[:min(limit, len(all))]
}
