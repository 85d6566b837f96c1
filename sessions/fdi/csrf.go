package fdi

import "slices"

// CheckCSRF decides whether a request whose token came in a cookie was made
// by a page that may make it. It is for requests that may change something.
//
// The header rid must be there (ErrNoRID), since another site's page cannot
// add it without a CORS preflight. An Origin must be on the list, else
// ErrOrigin. Without an Origin, a Sec-Fetch-Site must be same-origin,
// same-site or none, else ErrOrigin. With neither the request is not a
// browser's, and rid suffices.
func (p *Protocol) CheckCSRF(r Request) error {
	if r.RID == "" {
		return ErrNoRID
	}
	if r.Origin != "" {
		return p.CheckOrigin(r)
	}
	switch r.SecFetchSite {
	case "", "same-origin", "same-site", "none":
		return nil
	}
	return ErrOrigin
}

// CheckOrigin returns ErrOrigin unless the request has an Origin that is on
// the list. It is for WebSocket handshakes with a cookie token: a page cannot
// add headers to those, no preflight precedes them, and every browser sends
// the Origin (RFC 6455, section 10.2).
func (p *Protocol) CheckOrigin(r Request) error {
	if r.Origin == "" || !slices.Contains(p.origins, r.Origin) {
		return ErrOrigin
	}
	return nil
}
