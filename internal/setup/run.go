package setup

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

// Run is the main of a function that opens no private key. A configuration
// that cannot be used ends the process with a line that says why.
func Run(build Constructor) {
	Start(build, func(Config, *Backends) {}, nil)
}

// Start is the main of a function. What complete adds to the backends is
// there before the handler is built. A function whose configuration cannot be
// used ends with a line that says why; where there is a refusal, its handler
// answers then.
func Start(build Constructor, complete func(Config, *Backends), refusal func(why error) lambda.Handler) {
	log := NewLog(os.Stdout)
	redirectStandardLog(log)
	handler, err := assemble(build, complete)
	if err != nil {
		log.Error("this function cannot start", "error", err.Error())
		if refusal == nil {
			os.Exit(1)
		}
		handler = refusal(err)
	}
	lambda.Start(handler)
}

func assemble(build Constructor, complete func(Config, *Backends)) (lambda.Handler, error) {
	cfg, err := FromEnv(os.Getenv)
	if err != nil {
		return nil, err
	}
	b, err := AWS(cfg)
	if err != nil {
		return nil, err
	}
	complete(cfg, &b)
	return build(cfg, b)
}
