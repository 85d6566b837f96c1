// Package sealing opens private keys with KMS, for the functions that do. No
// other function links it.
package sealing

import (
	"os"

	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions/kms"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// KMS returns what seals with the configured key, nil where none is.
func KMS(cfg setup.Config) token.Sealer {
	if cfg.KMSKey == "" {
		return nil
	}
	client := kms.NewClient(kms.ClientConfig{Region: cfg.Region, Endpoint: os.Getenv("KMS_ENDPOINT")})
	return kms.New(client, cfg.KMSKey)
}
