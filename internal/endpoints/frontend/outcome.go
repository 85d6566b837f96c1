package frontend

import (
	"context"
	"errors"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// The kinds of attempts, as their log lines begin.
const (
	attemptSignIn = "sign-in"
	attemptSignUp = "sign-up"
	attemptChange = "password change"
)

// tellOutcome logs how an attempt to sign in or up ended, on one line (ASVS
// 5.0, 16.3.1). The line names the user once his password was right, and holds
// nothing of the form. Attempts that could not be judged are logged as failed
// requests.
func (s *Service) tellOutcome(ctx context.Context, attempt, tenant string, u accounts.User, err error) {
	var fields *accounts.FieldsError
	switch {
	case err == nil:
		s.Log.InfoContext(ctx, attempt+" ok", "tenant", tenant, "user", u.ID)
	case errors.As(err, &fields), errors.Is(err, accounts.ErrCredentials), errors.Is(err, accounts.ErrNoPassword):
		s.Log.InfoContext(ctx, attempt+" refused", "tenant", tenant)
	case errors.Is(err, accounts.ErrThrottled):
		s.Log.WarnContext(ctx, attempt+" throttled", "tenant", tenant)
	}
}
