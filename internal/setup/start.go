package setup

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Constructor builds the handler of one function.
type Constructor func(Config, Backends) (Handler, error)

// Handler is a function that was built.
type Handler struct {
	lambda.Handler
	// WarmUp does ahead of time what the first event would wait for. Nil does
	// nothing.
	WarmUp func(context.Context) error
}

// Function says how a function is built, and holds the parts that only some
// functions link.
type Function struct {
	Build  Constructor                    // required
	Sealer func(Config) token.Sealer      // opens private keys; nil for a function that opens none
	Refuse func(why error) lambda.Handler // answers when the function cannot start; nil ends the process
}

// Start is the main of a function. If the configuration cannot be used, it
// writes a line that says why, and ends or refuses.
func (f Function) Start() {
	log := NewLog(os.Stdout)
	redirectStandardLog(log)
	handler, err := f.assemble()
	if err == nil && !handler.warmedUp(log) {
		// The first event must try again, and must not wait as a second try would.
		handler, err = f.assemble()
	}
	if err != nil {
		log.Error("this function cannot start", "error", err.Error())
		if f.Refuse == nil {
			os.Exit(1)
		}
		handler.Handler = f.Refuse(err)
	}
	lambda.Start(handler.Handler)
}

func (f Function) assemble() (Handler, error) {
	cfg, err := FromEnv(os.Getenv)
	if err != nil {
		return Handler{}, err
	}
	b, err := AWS(cfg)
	if err != nil {
		return Handler{}, err
	}
	if f.Sealer != nil {
		b.Sealer = f.Sealer(cfg)
	}
	return f.Build(cfg, b)
}

// warmUpTime bounds the warm-up, well below the ten seconds in which Lambda
// wants a sandbox started.
const warmUpTime = 2 * time.Second

// warmedUp warms the handler up, and reports whether that succeeded.
func (h Handler) warmedUp(log *slog.Logger) bool {
	if h.WarmUp == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), warmUpTime)
	defer cancel()
	err := h.WarmUp(ctx)
	if err != nil {
		log.Warn("not warmed up", "error", err.Error())
	}
	return err == nil
}
