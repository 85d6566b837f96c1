package fdi

import "slices"

// CheckCSRF decides whether a request whose token came in a cookie was made
// by a page that may make it. It is for requests that may change something.
//
// The header rid must be there, or the error is ErrNoRID: another site's page
// cannot add it without a CORS preflight. The request must also pass CheckSite.
func (p *Protocol) CheckCSRF(r Request) error {
	if r.RID == "" {
		return ErrNoRID
	}
	return p.CheckSite(r)
}

// CheckSite returns ErrOrigin if a browser says that the request comes from a
// page that must not make it. If there is an Origin, it must be on the list.
// Otherwise, if there is a Sec-Fetch-Site, it must be same-origin, same-site or
// none. A request with neither does not come from a browser.
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

// SignIn returns the part of the request that a sign-in may rely on, so that
// another site's page cannot sign its visitors in. In cookie mode the request
// must pass CheckSite. In header mode the tokens go to the page that asked, and
// an app's page may have an origin that is on no list: then the cookies are
// left out, because the page does not know them. Such a page must send a header
// that it can send only with CORS (rid or st-auth-mode). Otherwise any page
// could guess passwords from its visitors' addresses.
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
