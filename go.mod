module github.com/latchkey-auth/latchkey

// The oldest that its dependencies admit.
go 1.26.0

// What the functions run on, and the table and the keys behind them.
require (
	github.com/aws/aws-lambda-go v1.55.1 // Lambda's own loop, events and errors
	github.com/aws/aws-sdk-go-v2 v1.48.0 // signs and retries what is asked of AWS
	github.com/aws/aws-sdk-go-v2/config v1.33.18
	github.com/aws/aws-sdk-go-v2/service/dynamodb v1.73.2 // the tables
	github.com/aws/aws-sdk-go-v2/service/kms v1.62.5 // seals private keys; never in the authorizer
	github.com/aws/aws-sdk-go-v2/service/lambda v1.114.4 // asks the mail function; in sign-in alone
	github.com/aws/aws-sdk-go-v2/service/sesv2 v1.79.9 // sends mails; in the mail function alone
	github.com/aws/smithy-go v1.28.9 // the errors and the middleware of that SDK
)

// What judges strangers' texts.
require (
	github.com/go-json-experiment/json v1.27.2 // JSON that refuses doubled names and other cases
	github.com/golang-jwt/jwt/v5 v5.3.1 // signature methods of access tokens
	golang.org/x/crypto v0.58.0 // argon2id
	golang.org/x/text v0.43.0 // NFC of passwords and addresses
)

// What speaks to OpenID providers, in the function of other logins alone.
require (
	github.com/coreos/go-oidc/v3 v3.21.0 // verifies their tokens
	github.com/go-jose/go-jose/v4 v4.1.9 // their keys; in tests a second opinion on tokens and key sets
	golang.org/x/oauth2 v0.38.0 // authorization requests, and codes for tokens
)

// What the commands read and speak.
require (
	github.com/coder/websocket v1.8.15 // WebSocket APIs in the local run
	go.yaml.in/yaml/v3 v3.0.6 // templates, with their tags and lines
)

// What only tests use. A newer wycheproof asks for Go 1.26.4, for 21 vectors more.
require (
	github.com/anishathalye/porcupine v1.3.1 // checks histories for linearizability
	github.com/c2sp/wycheproof v0.0.0-20260105152342-fca0d3ba9f12 // signatures that must be refused
	github.com/getkin/kin-openapi v0.153.0 // reads openapi.yaml and holds answers against its schemas
	pgregory.net/rapid v1.3.0 // properties
)

require (
	github.com/BurntSushi/toml v1.4.1-0.20240526193622-a339e1f7089c // indirect
	github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream v1.7.27 // indirect
	github.com/aws/aws-sdk-go-v2/credentials v1.21.0 // indirect
	github.com/aws/aws-sdk-go-v2/feature/ec2/imds v1.20.9 // indirect
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/v4a v1.5.12 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/accept-encoding v1.13.25 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/endpoint-discovery v1.13.11 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/presigned-url v1.14.12 // indirect
	github.com/aws/aws-sdk-go-v2/service/signin v1.13.1 // indirect
	github.com/aws/aws-sdk-go-v2/service/sso v1.39.5 // indirect
	github.com/aws/aws-sdk-go-v2/service/ssooidc v1.44.5 // indirect
	github.com/aws/aws-sdk-go-v2/service/sts v1.52.0 // indirect
	github.com/go-openapi/jsonpointer v0.22.5 // indirect
	github.com/go-openapi/swag/jsonname v0.25.5 // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	go.yaml.in/yaml/v4 v4.0.0 // indirect
	golang.org/x/exp/typeparams v0.0.0-20231108232855-2478ac86f678 // indirect
	golang.org/x/mod v0.41.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
	honnef.co/go/tools v0.8.2 // indirect
)

// make lint.
tool honnef.co/go/tools/cmd/staticcheck
