package main

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// onlyHere answers requests whose host is this machine, and no others. A page
// of the Internet can let its own name resolve to 127.0.0.1: then the browser
// takes this server for the page's own origin. An address is not a name, so the
// one of -addr may be called too.
func onlyHere(addr string, next http.Handler) http.Handler {
	named, _, _ := net.SplitHostPort(addr)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		host := hostname(r.Host)
		ip, err := netip.ParseAddr(host)
		if err != nil && !loopback(host) || err == nil && !ip.IsLoopback() && host != named {
			http.Error(rw, "The local run answers to localhost, to names below it and to loopback addresses only. "+
				"To call it by another address of this machine, say so: -addr ADDRESS:PORT.",
				http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(rw, r)
	})
}

// loopback reports whether a name always means this machine (RFC 6761, section
// 6.3).
func loopback(name string) bool {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// hostname returns the value of a Host header without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}
