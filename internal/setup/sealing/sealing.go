// Package sealing opens private keys with KMS, for the functions that need it.
// No other function links it.
package sealing

import (
	"os"

	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions/kms"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// KMS returns the Sealer with the configured key, or nil if no key is
// configured.
func KMS(cfg setup.Config) token.Sealer {
	if cfg.KMSKey == "" {
		return nil
	}
	client := kms.NewClient(kms.ClientConfig{Region: cfg.Region, Endpoint: os.Getenv("KMS_ENDPOINT")})
	return kms.New(client, cfg.KMSKey)
}
