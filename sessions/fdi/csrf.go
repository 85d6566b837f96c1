package fdi

import "slices"

// CheckCSRF decides whether a request whose token came in a cookie was made
// by a page that may make it. It is for requests that may change something.
//
// The header rid must be there (ErrNoRID), since another site's page cannot
// add it without a CORS preflight, and the request must pass CheckSite.
func (p *Protocol) CheckCSRF(r Request) error {
	if r.RID == "" {
		return ErrNoRID
	}
	return p.CheckSite(r)
}

// CheckSite returns ErrOrigin if a browser says that the request comes from a
// page that may not make it: an Origin must be on the list; without one, a
// Sec-Fetch-Site must be same-origin, same-site or none. A request with
// neither is not a browser's. It suffices where no cookie is believed: at
// sign-in, so that no other site can sign its visitors in.
func (p *Protocol) CheckSite(r Request) error {
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
	if !slices.Contains(p.origins, r.Origin) {
		return ErrOrigin
	}
	return nil
}
