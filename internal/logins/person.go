package logins

import "encoding/json"

// Authorization is where a login begins.
type Authorization struct {
	URL      string // of the provider's page, without state, which the frontend adds
	Verifier string // a secret of the frontend (RFC 7636), with which it comes back
}

// Return is what a frontend comes back with from the provider's page.
type Return struct {
	Provider, ClientType string
	RedirectURI          string
	Query                map[string]string // of the URI, as the provider made it
	Verifier             string
}

// Person is a user that a provider has vouched for.
type Person struct {
	Issuer, Subject string
	Email           string // as the provider writes it; empty if it gave none
	Verified        bool   // the provider says that the address belongs to the person
	// Claims has, for each claim that the provider's mapping names, what the ID
	// token says, null where it says nothing.
	Claims map[string]json.RawMessage
}

// Ended is a login that a provider says is over.
type Ended struct {
	Issuer, Subject string
	ID              string // of the notice; unique at this issuer
}
