package main

// bill is USD by what they are paid for.
type bill [parts]float64

const (
	gateway = iota
	lambda
	dynamo
	logs
	rest
	parts
)

// Total is the sum of all parts.
func (b bill) Total() (usd float64) {
	for _, v := range b {
		usd += v
	}
	return usd
}

// What is paid for besides calls. The first three are counted in the template
// by a test; the others are assumptions.
const (
	alarms     = 4
	dashboards = 1
	filters    = 3 // metrics made of log lines

	metrics         = filters + 12 // those of the authorizer, where every reason for a refusal occurs
	callsPerSandbox = 1e6          // a month: far fewer than one can answer
	keyReads        = 12           // an hour and sandbox
	keyUnits        = 2            // of one such read: up to 8 KB of keys
	metricLines     = 360          // an hour and sandbox, at most
	metricKB        = 0.6          // of such a line
	unsealed        = 60           // KMS requests a month and sandbox, new sandboxes included
	storedKB        = 4            // a user: three sessions, those that ended lately, and the account
	hours           = 30 * 24      // of a month
)

// month is what the users cost in a month, each making the calls. Nobody costs
// what the stack costs idle.
func month(users float64, calls []call) (total bill) {
	p := priceList()
	total[rest] = p[key].each() + alarms*p[alarm].each() + dashboards*p[dashboard].each()
	if users == 0 {
		return total
	}
	sandboxes := 1.0
	for _, c := range calls {
		sandboxes += users * c.Month / callsPerSandbox
		for part, v := range c.bill(users * c.Month) {
			total[part] += v
		}
	}
	total[dynamo] += sandboxes*hours*keyReads*keyUnits*p[read].each() + users*storedKB/1e6*(p[stored].each()+p[backup].each())
	total[logs] += sandboxes * hours * metricLines * metricKB / 1e6 * p[logged].each()
	total[rest] += sandboxes*unsealed*p[kms].each() + metrics*p[metric].each()
	return total
}
