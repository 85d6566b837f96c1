package main

const million = 1e6

// price is one price that AWS publishes, for us-east-1, beyond any free tier.
type price struct {
	What string
	USD  float64 // for Per of the units
	Per  float64
	Unit string
	AsOf string // year and month
	List string // AWS's own list
}

// each is the price of one unit.
func (p price) each() float64 { return p.USD / p.Per }

// The prices that are used, in the order of the page.
const (
	read = iota
	put
	stored
	backup
	invocation
	arm
	x86
	request
	logged
	metric
	alarm
	dashboard
	key
	kms
	sent
	essential
	lite10k
	lite100k
	lite1M
	prices
)

func priceList() [prices]price {
	const (
		dynamo     = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
		lambda     = "https://aws.amazon.com/lambda/pricing/"
		gateway    = "https://aws.amazon.com/api-gateway/pricing/"
		cloudwatch = "https://aws.amazon.com/cloudwatch/pricing/"
		keys       = "https://aws.amazon.com/kms/pricing/"
		cognito    = "https://aws.amazon.com/cognito/pricing/"
	)
	return [prices]price{
		read:       {"DynamoDB, strong read of up to 4 KB", 0.125, million, "1 M", "2024-11", dynamo},
		put:        {"DynamoDB, write of up to 1 KB", 0.625, million, "1 M", "2024-11", dynamo},
		stored:     {"DynamoDB, storage", 0.25, 1, "GB", "2024-11", dynamo},
		backup:     {"DynamoDB, point-in-time recovery", 0.20, 1, "GB", "2024-11", dynamo},
		invocation: {"Lambda, requests", 0.20, million, "1 M", "2026-05", lambda},
		arm:        {"Lambda, arm64", 0.0000133334, 1, "GB-second", "2026-05", lambda},
		x86:        {"Lambda, x86_64", 0.0000166667, 1, "GB-second", "2026-05", lambda},
		request:    {"HTTP API, requests", 1.00, million, "1 M", "2026-05", gateway},
		logged:     {"CloudWatch, logs taken in", 0.50, 1, "GB", "2026-06", cloudwatch},
		metric:     {"CloudWatch, metric", 0.30, 1, "metric", "2026-06", cloudwatch},
		alarm:      {"CloudWatch, alarm", 0.10, 1, "alarm", "2026-06", cloudwatch},
		dashboard:  {"CloudWatch, dashboard", 3.00, 1, "dashboard", "2026-06", cloudwatch},
		key:        {"KMS, key", 1.00, 1, "key", "2026-05", keys},
		kms:        {"KMS, requests", 0.03, 10_000, "10 k", "2026-05", keys},
		sent:       {"SES, mail", 0.10, 1_000, "1 k", "undated", "https://aws.amazon.com/ses/pricing/"},
		essential:  {"Cognito Essentials, beyond 10 k", 0.015, 1, "active user", "2026-05", cognito},
		lite10k:    {"Cognito Lite, beyond 10 k", 0.0055, 1, "active user", "2026-05", cognito},
		lite100k:   {"Cognito Lite, beyond 100 k", 0.0046, 1, "active user", "2026-05", cognito},
		lite1M:     {"Cognito Lite, beyond 1 M", 0.00325, 1, "active user", "2026-05", cognito},
	}
}

// essentials is the price of Cognito's default plan, in USD a month.
func essentials(users float64) float64 {
	return max(users-10_000, 0) * priceList()[essential].each()
}

// lite is the price of Cognito's cheapest plan, which grows cheaper by steps;
// there is another beyond ten million users.
func lite(users float64) (usd float64) {
	p := priceList()
	from := 10_000.0
	for step, to := range []float64{100_000, million, 10 * million} {
		usd += max(min(users, to)-from, 0) * p[lite10k+step].each()
		from = to
	}
	return usd
}
