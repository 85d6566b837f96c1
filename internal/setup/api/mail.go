package api

import (
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/setup"
)

// needSender is the variable that brings the Sender.
const needSender setup.Need = "MAIL_FROM"

// Mail builds the mail function. It needs Sessions, Accounts and Sender.
func Mail(cfg setup.Config, b Backends) (setup.Handler, error) {
	needs := []setup.Need{setup.NeedSessions}
	if b.Accounts == nil {
		needs = append(needs, needAccounts)
	}
	if b.Sender == nil {
		needs = append(needs, needSender)
	}
	if err := b.Check(needs...); err != nil {
		return setup.Handler{}, err
	}
	a, err := registry(cfg, b)
	if err != nil {
		return setup.Handler{}, err
	}
	return setup.Handler{Handler: &mail.Function{
		Accounts: a, Users: b.Sessions, Sender: b.Sender, Tenants: cfg.Tenants, Website: cfg.Website, Log: b.Log,
	}}, nil
}
