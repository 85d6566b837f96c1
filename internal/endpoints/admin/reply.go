package admin

import (
	"context"

	"github.com/latchkey-auth/latchkey/internal/endpoints"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// reply is what a backend adds to its own answer to the frontend. The names of
// headers are in lower case, and each cookie is one Set-Cookie.
type reply struct {
	Headers map[string]string `json:"headers"`
	Cookies []string          `json:"cookies"`
}

func replyOf(r fdi.Reply) reply { return reply{r.Headers, r.Cookies} }

// over tells a frontend that its session has ended, by both transports.
func (s *Service) over(ctx context.Context) reply {
	return replyOf(s.protocol(ctx).Clear(fdi.Request{}, true))
}

func (s *Service) protocol(ctx context.Context) *fdi.Protocol {
	return endpoints.Cookies(ctx, s.Protocol, s.Settings)
}

// transport is how the frontend carries its tokens, as the body says.
func transport(mode string) (fdi.Transport, error) {
	switch mode {
	case "cookie":
		return fdi.Cookie, nil
	case "header":
		return fdi.Header, nil
	}
	return fdi.None, web.Invalid(`mode must be "cookie" or "header"`)
}
