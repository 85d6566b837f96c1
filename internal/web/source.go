package web

import (
	"net/netip"
	"strings"
)

// viewer returns the address in the last value of a header that a proxy sets,
// without its port, or "" if that value is not an address. The values may be in
// several lines or separated by commas. CloudFront puts no brackets around IPv6
// before a port.
func viewer(values []string) string {
	value := strings.Join(values, ",")
	value = strings.TrimSpace(value[strings.LastIndexByte(value, ',')+1:])
	if both, err := netip.ParseAddrPort(value); err == nil {
		return both.Addr().String()
	}
	bare := strings.TrimSuffix(strings.TrimPrefix(value, "["), "]")
	for _, text := range []string{bare, bare[:max(0, strings.LastIndexByte(bare, ':'))]} {
		if addr, err := netip.ParseAddr(text); err == nil {
			return addr.String()
		}
	}
	return ""
}
