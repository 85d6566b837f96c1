package setup

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Backends are what the handlers use. The constructor of a function says which
// of them it needs; the others may be nil.
type Backends struct {
	Sessions sessions.Store
	Keys     token.KeyStore
	Public   token.KeyLoader // of keys that verify, instead of Keys; nil: none
	Sealer   token.Sealer
	DynamoDB *dynamodb.Client // for stores that only some functions have
	Now      func() time.Time // required
	Log      *slog.Logger     // required
	Metrics  io.Writer        // gets CloudWatch's embedded metric format
}

// AWS returns the backends of a deployed function: the stores whose tables are
// configured, and no Sealer. With PUBLIC_KEYS, a JWK Set, keys come from there
// instead of the table.
func AWS(cfg Config) (Backends, error) {
	client := dynamo.NewClient(dynamo.ClientConfig{Region: cfg.Region, Endpoint: cfg.DynamoDBEndpoint})
	b := Backends{DynamoDB: client, Now: time.Now, Log: NewLog(os.Stdout), Metrics: os.Stdout}
	if cfg.SessionsTable != "" {
		b.Sessions = dynamo.New(client, cfg.SessionsTable)
	}
	if cfg.KeysTable != "" {
		b.Keys = dynamo.NewKeys(client, cfg.KeysTable)
	}
	if cfg.PublicKeys == "" {
		return b, nil
	}
	signing, err := token.ParseJWKS([]byte(cfg.PublicKeys))
	if err != nil {
		return Backends{}, fmt.Errorf("PUBLIC_KEYS: %w", err)
	}
	settings := token.Settings{Issuer: Issuer(cfg, "http://localhost:3000"), APIID: "local"}
	b.Public = token.Records{Settings: settings, Signing: signing}
	return b, nil
}

// Need names a backend that some functions do without. The name is that of the
// variable that brings it.
type Need string

// The needs.
const (
	NeedSessions Need = "SESSIONS_TABLE"
	NeedKeys     Need = "KEYS_TABLE"
	NeedSealer   Need = "KMS_KEY_ID"
)

// Check returns an error that names every needed backend that is missing.
func (b Backends) Check(needs ...Need) error {
	there := map[Need]bool{NeedSessions: b.Sessions != nil, NeedKeys: b.Keys != nil || b.Public != nil, NeedSealer: b.Sealer != nil}
	var faults []error
	if b.Now == nil || b.Log == nil {
		faults = append(faults, errors.New("setup: backends without clock or log"))
	}
	for _, need := range needs {
		if !there[need] {
			faults = append(faults, errors.New(string(need)+" is not set"))
		}
	}
	return errors.Join(faults...)
}

// Issuer returns the issuer of tokens for an API at the given base URL. A
// custom domain takes the place of that URL.
func Issuer(cfg Config, apiURL string) string {
	if cfg.APIDomain != "" {
		apiURL = "https://" + cfg.APIDomain + cfg.GatewayPath
	}
	return apiURL + "/auth"
}

// NewLog returns a log of JSON lines, which CloudWatch reads.
func NewLog(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }
