package authorizer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/latchkey-auth/latchkey/sessions"
)

// Invoke answers one authorizer event with an IAM policy. It makes an
// Authorizer a lambda.Handler of aws-lambda-go.
//
// The errors are ErrUnauthorized, for which the gateway answers 401, and
// ErrUnavailable, ErrEvent, ErrAlias and ErrInternal, for which it answers 500.
// They say nothing but their own text: the reason goes to the log.
func (a *Authorizer) Invoke(ctx context.Context, payload []byte) (answer []byte, err error) {
	overloaded := false
	defer func() {
		if p := recover(); p != nil {
			a.log.ErrorContext(ctx, "authorizer panicked", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			answer, err = nil, ErrInternal
		}
		if err != nil && err != ErrUnauthorized {
			a.metrics.failed(overloaded)
		}
	}()
	answer, err = a.answer(ctx, payload)
	if err == nil || err == ErrUnauthorized {
		return answer, err
	}
	level := slog.LevelError
	if overloaded = sessions.Overloaded(err); overloaded {
		level = slog.LevelWarn
	}
	a.log.Log(ctx, level, "request not judged", "error", err)
	return nil, public(err)
}

// public returns the error without its reason, which must not reach callers.
func public(err error) error {
	for _, known := range []error{ErrUnavailable, ErrEvent, ErrAlias} {
		if errors.Is(err, known) {
			return known
		}
	}
	return ErrInternal
}

func (a *Authorizer) answer(ctx context.Context, payload []byte) ([]byte, error) {
	r, err := parseRequest(payload)
	if err != nil {
		return nil, err
	}
	d, err := a.decide(ctx, r)
	if err != nil {
		return nil, err
	}
	resources, err := r.resources()
	if err != nil && d.effect != refused {
		d.effect, d.reason = denied, reasonMethod
	}
	a.metrics.decided(d)
	if d.effect == refused {
		return nil, ErrUnauthorized
	}
	return answerOf(d, resources, a.now())
}
