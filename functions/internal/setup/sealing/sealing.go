// Package sealing is the start of the functions that open private keys: it
// adds KMS to the backends. No other function links it.
package sealing

import (
	"errors"
	"os"

	"github.com/latchkey-auth/latchkey/functions/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions/kms"
)

// Run is the main of a function that opens private keys.
func Run(build setup.Constructor) {
	setup.Start(build, func(cfg setup.Config, b *setup.Backends) error {
		if cfg.KMSKey == "" {
			return errors.New("KMS_KEY_ID is not set")
		}
		client := kms.NewClient(kms.ClientConfig{Region: cfg.Region, Endpoint: os.Getenv("KMS_ENDPOINT")})
		b.Sealer = kms.New(client, cfg.KMSKey)
		return nil
	})
}
