package frontend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// OtherLogins speaks to the providers of logins without a password.
// *openid.Client is one. Its errors are those of package logins, or of a
// storage that does not answer.
type OtherLogins interface {
	// Authorize begins a login that will end at the redirect URI.
	Authorize(ctx context.Context, id, clientType, redirectURI string) (logins.Authorization, error)
	// Redeem returns the user that the provider vouches for.
	Redeem(ctx context.Context, r logins.Return) (logins.Person, error)
	// Logout returns the user whose login a logout token ends.
	Logout(ctx context.Context, id, clientType, token string) (logins.Ended, error)
}

// Logins are the routes of other logins. They need Others, Sessions, Accounts,
// Protocol, Verifier, Keys, Tenants, Now and Log.
func (s *Service) Logins() map[string]web.Route {
	routes := map[string]web.Route{"POST /auth/logout/{provider}": {Handler: s.backChannelLogout}}
	s.tenanted(routes, "GET /authorisationurl", s.authorisationURL)
	s.tenanted(routes, "POST /signinup", s.signInUp)
	return routes
}

func (s *Service) authorisationURL(ctx context.Context, r *web.Request) (web.Response, error) {
	provider, there := r.Query["thirdPartyId"]
	if !there {
		return web.Response{}, web.Invalid("Please provide the thirdPartyId as a GET param")
	}
	redirect, there := r.Query["redirectURIOnProviderDashboard"]
	if !there {
		return web.Response{}, web.Invalid("Please provide the redirectURIOnProviderDashboard as a GET param")
	}
	to, err := s.Others.Authorize(ctx, provider, r.Query["clientType"], redirect)
	if err != nil {
		return s.loginAnswer(ctx, provider, err)
	}
	return web.JSON(http.StatusOK, map[string]string{
		"status": "OK", "urlWithQueryParams": to.URL, "pkceCodeVerifier": to.Verifier,
	}), nil
}

// signInUp notes the time before it asks the provider: whatever ends all
// sessions of the user after that ends this one as well.
func (s *Service) signInUp(ctx context.Context, r *web.Request) (web.Response, error) {
	var err error
	if r.FDI, err = s.Protocol.SignIn(r.FDI); err != nil {
		return web.Response{}, err
	}
	tenant, err := s.Tenants.Named(r.Path["tenantId"])
	if err != nil {
		return web.Response{}, err
	}
	back, err := returned(r)
	if err != nil {
		return web.Response{}, err
	}
	began := s.Now().Truncate(time.Millisecond) // as ends of sessions are kept
	person, err := s.redeem(ctx, tenant, r.Source, back)
	if err != nil {
		return s.loginAnswer(ctx, back.Provider, err)
	}
	// Before anybody is added for whom there is no place.
	if err := s.fits(person); err != nil {
		return s.loginAnswer(ctx, back.Provider, err)
	}
	identity := accounts.Identity{Provider: back.Provider, Issuer: person.Issuer, Subject: person.Subject}
	arrival, err := s.Accounts.Arrive(ctx, tenant, identity, person.Email)
	var fields *accounts.FieldsError
	if errors.As(err, &fields) {
		return s.loginAnswer(ctx, back.Provider, errNoEmail)
	}
	if err != nil {
		return accountAnswer(err)
	}
	in, err := s.admit(ctx, arrival, person, began)
	if err != nil {
		return s.loginAnswer(ctx, back.Provider, err)
	}
	s.Log.InfoContext(ctx, "login ok", "provider", back.Provider, "tenant", tenant, "user", in.user.ID)
	return s.start(ctx, r, in)
}

// redeem asks the provider, unless too many logins from the source proved
// nothing. One that the provider did not answer, or that its user gave up, does
// not count, nor does one that succeeds.
func (s *Service) redeem(ctx context.Context, tenant, source string, back logins.Return) (logins.Person, error) {
	giveBack, err := s.Accounts.CountLogin(ctx, back.Provider, source)
	if err != nil {
		s.tellOutcome(ctx, attemptLogin, tenant, accounts.User{}, err)
		return logins.Person{}, err
	}
	person, err := s.Others.Redeem(ctx, back)
	for _, counts := range []error{logins.ErrRefused, logins.ErrRedirect, logins.ErrNotFound} {
		if errors.Is(err, counts) {
			return logins.Person{}, err
		}
	}
	return person, cmp.Or(err, giveBack(ctx))
}

// errNoEmail means that the provider names no address of the user.
var errNoEmail = errors.New("no e-mail address")

// admissions is how often a login is tried whose user's claims others change.
const admissions = 3

// admit makes the user's claims and address what the provider says, and returns
// what a session is started with. It returns sessions.ErrDisabled,
// sessions.ErrProof or sessions.ErrClaims if none may be; nothing of the user is
// changed then, who may be removed by now.
func (s *Service) admit(
	ctx context.Context, a accounts.Arrival, p logins.Person, began time.Time,
) (signedIn, error) {
	for range admissions {
		user, err := s.Sessions.User(ctx, a.User.Tenant, a.User.ID)
		switch {
		case err != nil:
			return signedIn{}, err
		case user.Disabled:
			return signedIn{}, sessions.ErrDisabled
		case !began.After(user.Moved):
			return signedIn{}, sessions.ErrProof
		}
		err = s.takeOver(ctx, a, user, p)
		if errors.Is(err, sessions.ErrConflict) {
			continue
		}
		if err != nil {
			return signedIn{}, err
		}
		epoch, err := sessions.ParseEpoch(a.User.Tenant, a.User.ID, user.EpochText(), began)
		a.User.Email = a.Email
		return signedIn{user: a.User, epoch: epoch, isNew: a.IsNew}, err
	}
	return signedIn{}, fmt.Errorf("%w: others change the user's claims", sessions.ErrUnavailable)
}

// returned reads what a frontend comes back with. Its errors have the words of
// SuperTokens' backends, if there are any.
func returned(r *web.Request) (logins.Return, error) {
	var body struct {
		Provider   string `json:"thirdPartyId"`
		ClientType string `json:"clientType"`
		Tokens     any    `json:"oAuthTokens"`
		Redirect   *struct {
			URI      string         `json:"redirectURIOnProviderDashboard"`
			Query    map[string]any `json:"redirectURIQueryParams"`
			Verifier string         `json:"pkceCodeVerifier"`
		} `json:"redirectURIInfo"`
	}
	if err := r.JSON(2*maxForm, &body); err != nil {
		return logins.Return{}, err
	}
	switch {
	case body.Provider == "":
		return logins.Return{}, web.Invalid("Please provide the thirdPartyId in request body")
	case body.Tokens != nil:
		return logins.Return{}, web.Invalid("oAuthTokens are not accepted: a token proves nothing about who brings it")
	case body.Redirect == nil:
		return logins.Return{}, web.Invalid("Please provide one of redirectURIInfo or oAuthTokens in the request body")
	case body.Redirect.URI == "":
		return logins.Return{}, web.Invalid("Please provide the redirectURIOnProviderDashboard in request body")
	}
	query := make(map[string]string, len(body.Redirect.Query))
	for name, value := range body.Redirect.Query {
		text, isText := value.(string)
		if !isText {
			return logins.Return{}, web.Invalid("All elements of redirectURIQueryParams must be strings")
		}
		query[name] = text
	}
	return logins.Return{
		Provider: body.Provider, ClientType: body.ClientType,
		RedirectURI: body.Redirect.URI, Query: query, Verifier: body.Redirect.Verifier,
	}, nil
}

// loginAnswer returns what the client is told about a login that did not
// succeed, and logs why. A provider that does not answer sets off no alarm.
func (s *Service) loginAnswer(ctx context.Context, provider string, err error) (web.Response, error) {
	var answer web.Response
	switch {
	case errors.Is(err, logins.ErrNotFound):
		return web.Response{}, web.Invalid("the provider could not be found in the configuration")
	case errors.Is(err, logins.ErrRedirect):
		return web.Response{}, web.Invalid("redirectURIOnProviderDashboard is not on the provider's list")
	case errors.Is(err, logins.ErrUnavailable):
		told := map[string]string{"message": "the provider does not answer, please try again"}
		return s.providerUnavailable(ctx, provider, err, told), nil
	case errors.Is(err, logins.ErrRefused):
		answer = generalError("The sign-in could not be completed. Please try again.")
	case errors.Is(err, logins.ErrDeclined):
		answer = notAllowed("The provider did not sign you in.")
	case errors.Is(err, errNoEmail):
		answer = web.JSON(http.StatusOK, map[string]string{"status": "NO_EMAIL_GIVEN_BY_PROVIDER"})
	case errors.Is(err, sessions.ErrProof):
		answer = generalError(endedMeanwhile)
	case errors.Is(err, sessions.ErrDisabled):
		answer = notAllowed("This account is disabled.")
	case errors.Is(err, sessions.ErrClaims):
		answer = notAllowed("What the provider says of you has no place here.")
	default:
		return accountAnswer(err)
	}
	s.Log.WarnContext(ctx, "login refused", "provider", provider, "reason", err.Error())
	return answer, nil
}

func (s *Service) providerUnavailable(
	ctx context.Context, provider string, err error, body map[string]string,
) web.Response {
	s.Log.WarnContext(ctx, "provider unavailable", "provider", provider, "reason", err.Error())
	response := web.JSON(http.StatusServiceUnavailable, body)
	response.Headers["retry-after"] = "1"
	return response
}

// notAllowed is an answer whose reason the frontend shows to its user.
func notAllowed(reason string) web.Response {
	return web.JSON(http.StatusOK, map[string]string{"status": "SIGN_IN_UP_NOT_ALLOWED", "reason": reason})
}
