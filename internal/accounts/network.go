package accounts

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// network is where an attempt comes from. An IPv4 address is a site of its own.
// Of IPv6 a whole site is often one customer's, who may use any address in its
// /48 (RFC 6177), so it counts as one; the link tells its neighbours apart,
// where there are some. The zero network is that of whatever is no address.
type network struct {
	site, link string
	entry      Networks // the one of a user who signs in from here now, "" if this is no address
}

// networkOf is the network of the address, at the account, now.
func networkOf(source, tenant, email string, now time.Time) network {
	addr, err := netip.ParseAddr(source)
	if err != nil {
		return network{}
	}
	addr = addr.Unmap().WithZone("")
	n := network{site: addr.String(), link: addr.String()}
	if addr.Is6() {
		n.site, n.link = netip.PrefixFrom(addr, 48).Masked().String(), netip.PrefixFrom(addr, 64).Masked().String()
	}
	site, link := keyOf("site", tenant, email, n.site), keyOf("link", tenant, email, n.link)
	n.entry = Networks(fmt.Sprintf("%s%s%d", site[:siteLength], link[:linkEnds-siteLength], now.Unix()/int64(day/time.Second)))
	return n
}

// Networks are those from which a user signed in: the last twenty, each for
// ninety days, the latest first. It is a text for a Store to keep, of entries
// that a space separates: a digest of the site and one of the link, which
// differ from user to user, and the day, counted since 1970. An entry that
// cannot be read is of a network that is not known.
type Networks string

const (
	maxNetworks = 20
	networkDays = 90
	siteLength  = 12             // of its digest
	linkEnds    = siteLength + 8 // where the day begins
)

// isKept reports whether the entry is remembered on the day of here.
func isKept(entry string, here Networks) bool {
	if len(entry) < linkEnds {
		return false
	}
	last, err := strconv.ParseInt(entry[linkEnds:], 10, 64)
	today, _ := strconv.ParseInt(string(here[linkEnds:]), 10, 64) // made by networkOf
	return err == nil && last > today-networkDays
}

// find returns the entry of the site of here, "" if that is not known.
func (n Networks) find(here Networks) string {
	for entry := range strings.FieldsSeq(string(n)) {
		if here != "" && isKept(entry, here) && entry[:siteLength] == string(here[:siteLength]) {
			return entry
		}
	}
	return ""
}

// noting returns n with here, unless that is there already or is none.
func (n Networks) noting(here Networks) Networks {
	if n.find(here) == string(here) {
		return n
	}
	return n.with(here)
}

// with returns n with here, which is not "", as the latest.
func (n Networks) with(here Networks) Networks {
	kept := []string{string(here)}
	for entry := range strings.FieldsSeq(string(n)) {
		if len(kept) < maxNetworks && isKept(entry, here) && entry[:siteLength] != string(here[:siteLength]) {
			kept = append(kept, entry)
		}
	}
	return Networks(strings.Join(kept, " "))
}
