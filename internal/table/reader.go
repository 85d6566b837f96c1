package table

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// VersionAttribute is the attribute of an item that holds the version of its
// schema.
const VersionAttribute = "v"

// MaxMillis is the last instant that can be stored, at the end of the year
// 9999.
const MaxMillis = 253402300799999

// Schema says how items are read. Items of another version are not understood,
// and so neither read nor changed.
type Schema struct {
	Version int64
	// Implicit says that an item without a version is of this version.
	Implicit bool
	// Corrupt is the error of an item that cannot be read.
	Corrupt error
}

// Read returns a Reader of the item, failed if the item is of another version.
func (s Schema) Read(it Item) *Reader {
	r := &Reader{item: it, corrupt: s.Corrupt}
	if _, told := it[VersionAttribute]; told || !s.Implicit {
		r.Integer(VersionAttribute, s.Version, s.Version)
	}
	return r
}

// Reader reads an item strictly. An attribute that is missing, of another type
// or out of range fails it, and a Reader that failed reads only zeros.
type Reader struct {
	item    Item
	corrupt error
	err     error
}

// Err returns nil if all that was read is whole. Otherwise it returns the
// schema's error with the name of the first attribute that is not whole. It
// holds no value.
func (r *Reader) Err() error { return r.err }

// Fail fails the Reader for the attribute.
func (r *Reader) Fail(name string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: attribute %s", r.corrupt, name)
	}
}

// Has reports whether the attribute is there.
func (r *Reader) Has(name string) bool {
	_, found := r.item[name]
	return found
}

// Text reads a string, which may be empty.
func (r *Reader) Text(name string) string {
	a, ok := r.item[name].(*types.AttributeValueMemberS)
	if !ok {
		r.Fail(name)
	}
	if r.err != nil {
		return ""
	}
	return a.Value
}

// Word reads a string that is not empty.
func (r *Reader) Word(name string) string {
	s := r.Text(name)
	if s == "" {
		r.Fail(name)
	}
	return s
}

// Flag reads a boolean.
func (r *Reader) Flag(name string) bool {
	a, ok := r.item[name].(*types.AttributeValueMemberBOOL)
	if !ok {
		r.Fail(name)
	}
	return r.err == nil && a.Value
}

// Binary reads bytes. They are not copied from the item.
func (r *Reader) Binary(name string) []byte {
	a, ok := r.item[name].(*types.AttributeValueMemberB)
	if !ok {
		r.Fail(name)
	}
	if r.err != nil {
		return nil
	}
	return a.Value
}

// Fill reads bytes of exactly the length of into.
func (r *Reader) Fill(name string, into []byte) {
	b := r.Binary(name)
	if len(b) != len(into) {
		r.Fail(name)
	}
	if r.err == nil {
		copy(into, b)
	}
}

// Integer reads a whole number from lowest to highest, in plain decimal form.
func (r *Reader) Integer(name string, lowest, highest int64) int64 {
	a, ok := r.item[name].(*types.AttributeValueMemberN)
	if !ok {
		r.Fail(name)
	}
	if r.err != nil {
		return 0
	}
	n, err := strconv.ParseInt(a.Value, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != a.Value || n < lowest || n > highest {
		r.Fail(name)
		return 0
	}
	return n
}

// Count reads a number of times, at least one.
func (r *Reader) Count(name string) int64 { return r.Integer(name, 1, math.MaxInt64) }

// Instant reads an instant, which must not be zero.
func (r *Reader) Instant(name string) time.Time {
	return r.time(r.Integer(name, 1, MaxMillis))
}

// InstantOrNone reads an instant. It returns the zero time for 0.
func (r *Reader) InstantOrNone(name string) time.Time {
	return r.time(r.Integer(name, 0, MaxMillis))
}

func (r *Reader) time(millis int64) time.Time {
	if r.err != nil || millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}
