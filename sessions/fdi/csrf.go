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
// neither is not a browser's.
func (p *Protocol) CheckSite(r Request) error {
	may := slices.Contains(p.origins, r.Origin)
	if r.Origin == "" {
		may = slices.Contains([]string{"", "same-origin", "same-site", "none"}, r.SecFetchSite)
	}
	if !may {
		return ErrOrigin
	}
	return nil
}

// SignIn returns what a sign-in may go by of the request, so that no other
// site's page can sign its visitors in. By cookie the request must pass
// CheckSite. In header mode the tokens go to the page that asked, whatever it
// is, and an app's page has an origin that nobody lists: there the cookies are
// left out, which the page does not know of. It must send a header that only
// CORS lets it send (rid or st-auth-mode), or any page could guess passwords
// from its visitors' addresses.
func (p *Protocol) SignIn(r Request) (Request, error) {
	err := p.CheckSite(r)
	switch {
	case err == nil:
		return r, nil
	case r.Mode() == Cookie, r.RID == "" && r.AuthMode == "":
		return Request{}, err
	}
	r.Cookies = nil
	return r, nil
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
