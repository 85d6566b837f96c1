package accounts

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// network is where an attempt comes from. An IPv4 address is a site of its own.
// A whole IPv6 site often belongs to one customer, who may use any address in
// its /48 (RFC 6177), so it counts as one. The link tells neighbours within a
// site apart. The zero network stands for anything that is not an address.
type network struct {
	site, link string
	entry      Networks // of a user who signs in from here now; "" if this is not an address
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

// Networks lists the networks from which a user signed in: the last twenty,
// each for ninety days, the latest first. It is a text for a Store to keep. Its
// entries are separated by spaces. Each entry is a digest of the site, a digest
// of the link, and the day, counted since 1970. The digests differ from user to
// user. An entry that cannot be read is that of an unknown network.
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

// find returns the entry of the site of here, or "" if the site is not known.
func (n Networks) find(here Networks) string {
	for entry := range strings.FieldsSeq(string(n)) {
		if here != "" && isKept(entry, here) && entry[:siteLength] == string(here[:siteLength]) {
			return entry
		}
	}
	return ""
}

// noting returns n with here, unless n has it already or here is empty.
func (n Networks) noting(here Networks) Networks {
	if n.find(here) == string(here) {
		return n
	}
	return n.with(here)
}

// with returns n with here as its latest entry. here is not "".
func (n Networks) with(here Networks) Networks {
	kept := []string{string(here)}
	for entry := range strings.FieldsSeq(string(n)) {
		if len(kept) < maxNetworks && isKept(entry, here) && entry[:siteLength] != string(here[:siteLength]) {
			kept = append(kept, entry)
		}
	}
	return Networks(strings.Join(kept, " "))
}
