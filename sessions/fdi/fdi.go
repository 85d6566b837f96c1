// Package fdi speaks the Frontend Driver Interface, the wire protocol of
// SuperTokens' frontends: which header or cookie of a request holds a token,
// and which headers and cookies of a response hand tokens out or take them
// back. Everything is a plain value: a [Request] is made of a few header
// values, a [Reply] is headers and Set-Cookie values.
//
// Tokens travel by one of two transports, and the client says which: cookies
// for browsers, headers for apps. Two tokens in headers are refused rather
// than interpreted; of several cookies of one name each is a candidate, see
// [Tokens]. A token that came in a cookie must also pass [Protocol.CheckCSRF]
// where the request may change something, because browsers attach cookies to
// requests that other sites make.
//
// The interface is described at
// https://github.com/supertokens/frontend-driver-interface.
package fdi

// Transport is the way tokens travel.
type Transport int

// The transports. None, the zero value, carries nothing.
const (
	None   Transport = iota
	Cookie           // cookies that scripts cannot read
	Header           // Authorization in requests, st-access-token and st-refresh-token in responses
)

// String returns "none", "cookie" or "header".
func (t Transport) String() string {
	switch t {
	case Cookie:
		return "cookie"
	case Header:
		return "header"
	}
	return "none"
}

// Names of the cookies. They are compared exactly.
const (
	AccessCookie  = "sAccessToken"
	RefreshCookie = "sRefreshToken"
)

// Names of response headers, in lower case, as HTTP APIs write them.
const (
	FrontTokenHeader    = "front-token"
	AccessTokenHeader   = "st-access-token"
	RefreshTokenHeader  = "st-refresh-token"
	ExposeHeadersHeader = "access-control-expose-headers"
	CacheControlHeader  = "cache-control"
)

// ExposedHeaders is the value of Access-Control-Expose-Headers that every
// frontend needs on every answer; without it a browser hides the tokens from
// the frontend.
const ExposedHeaders = FrontTokenHeader + ", " + AccessTokenHeader + ", " + RefreshTokenHeader

// AllowedHeaders is the value of Access-Control-Allow-Headers that covers what
// the frontends send.
const AllowedHeaders = "content-type, rid, fdi-version, anti-csrf, authorization, st-auth-mode"

// Messages of FDI's error bodies, {"message": …}, spelled as clients know them.
const (
	MessageUnauthorised = "unauthorised"         // 401: no session; a refresh will not help
	MessageTryRefresh   = "try refresh token"    // 401: the access token is over; a refresh may help
	MessageTheft        = "token theft detected" // 401: a retired refresh token came back
	MessageInvalidClaim = "invalid claim"        // 403: a claim validator failed
)
