// Package sealing is the start of the functions that open private keys: it
// adds KMS to the backends. No other function links it.
package sealing

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions/kms"
)

// Run is the main of a function that opens private keys.
func Run(build setup.Constructor) { RunOr(build, nil) }

// RunOr is Run with a refusal: see [setup.Start].
func RunOr(build setup.Constructor, refusal func(why error) lambda.Handler) {
	setup.Start(build, func(cfg setup.Config, b *setup.Backends) {
		if cfg.KMSKey != "" {
			client := kms.NewClient(kms.ClientConfig{Region: cfg.Region, Endpoint: os.Getenv("KMS_ENDPOINT")})
			b.Sealer = kms.New(client, cfg.KMSKey)
		}
	}, refusal)
}
