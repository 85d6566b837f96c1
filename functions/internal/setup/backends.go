package setup

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/latchkey-auth/latchkey/functions/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Backends are what the handlers stand on.
type Backends struct {
	Sessions sessions.Store
	Keys     token.KeyStore
	Sealer   token.Sealer   // nil in functions that open no private key
	Accounts accounts.Store // nil in functions that know no accounts
	Now      func() time.Time
	Log      *slog.Logger
	Metrics  io.Writer // gets CloudWatch's embedded metric format
}

// AWS returns the backends of a deployed function, without a Sealer. With
// PUBLIC_KEYS, a JWK Set, keys come from there instead of the table.
func AWS(cfg Config) (Backends, error) {
	client := dynamo.NewClient(dynamo.ClientConfig{Region: cfg.Region, Endpoint: cfg.DynamoDBEndpoint})
	b := Backends{
		Sessions: dynamo.New(client, cfg.SessionsTable),
		Keys:     dynamo.NewKeys(client, cfg.KeysTable),
		Accounts: accounts.NewDynamo(client, cfg.AccountsTable),
		Now:      time.Now, Log: NewLog(os.Stdout), Metrics: os.Stdout,
	}
	if cfg.PublicKeys == "" {
		return b, nil
	}
	var err error
	b.Keys, err = publicKeys(cfg)
	return b, err
}

// publicKeys returns a store of the configured public keys. It signs nothing.
func publicKeys(cfg Config) (token.KeyStore, error) {
	records, err := token.ParseJWKS([]byte(cfg.PublicKeys))
	if err != nil {
		return nil, errors.New("PUBLIC_KEYS: " + err.Error())
	}
	store := memory.NewKeys()
	for _, record := range records {
		if err := store.AddSigningKey(context.Background(), record); err != nil {
			return nil, err
		}
	}
	settings := token.Settings{Issuer: Issuer(cfg, "http://localhost:3000"), APIID: "local"}
	return store, store.PutSettings(context.Background(), settings)
}

// Issuer returns the issuer of tokens for an API at the given base URL, which
// a custom domain takes the place of.
func Issuer(cfg Config, apiURL string) string {
	if cfg.APIDomain != "" {
		apiURL = "https://" + cfg.APIDomain + cfg.GatewayPath
	}
	return apiURL + "/auth"
}

// NewLog returns a log of JSON lines, which CloudWatch reads.
func NewLog(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }
