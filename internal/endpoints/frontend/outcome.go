package frontend

import (
	"context"
	"errors"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// The kinds of attempts, as their log lines begin.
const (
	attemptSignIn    = "sign-in"
	attemptSignUp    = "sign-up"
	attemptLogin     = "login"
	attemptChange    = "password change"
	attemptAskReset  = "password reset request"
	attemptReset     = "password reset"
	attemptAskVerify = "email verification request"
	attemptVerify    = "email verification"
)

// tellOutcome logs how an attempt ended, on one line (ASVS 5.0, 16.3.1). The
// line names the user only if the attempt proved to be that user's, and quotes
// nothing of the form. Attempts without a decision are logged as failed
// requests.
func (s *Service) tellOutcome(ctx context.Context, attempt, tenant string, u accounts.User, err error) {
	log := s.Log.With("tenant", tenant)
	switch {
	case err == nil && u.ID == "":
		log.InfoContext(ctx, attempt+" ok")
	case err == nil:
		log.InfoContext(ctx, attempt+" ok", "user", u.ID)
	case isRefusal(err):
		log.InfoContext(ctx, attempt+" refused")
	case errors.Is(err, accounts.ErrThrottled):
		log.WarnContext(ctx, attempt+" throttled")
	}
}

// isRefusal reports whether an attempt was refused.
func isRefusal(err error) bool {
	var fields *accounts.FieldsError
	return errors.As(err, &fields) || errors.Is(err, accounts.ErrCredentials) ||
		errors.Is(err, accounts.ErrNoPassword) || errors.Is(err, accounts.ErrLink)
}
