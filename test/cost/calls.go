package main

// call is one kind of call, with what it asks of AWS each time.
type call struct {
	Name   string
	Reads  float64 // read units that DynamoDB bills
	Writes float64 // write units, likewise
	Routed bool    // through our own HTTP API; an authorized request is the fee of its own API
	MB     float64 // memory of the function
	MS     float64 // billed: an assumption, with the starts of sandboxes in it
	X86    bool    // else arm64
	Mails  float64 // sent by SES
	LogKB  float64 // an access log line and the function's own: an assumption
	Month  float64 // calls of one user in a month: an assumption
}

// mailing is the call that a stack without mails does not make.
const mailing = "mail a link"

// calls are the calls of one user in a month: 100 requests, 30 of them not
// GET, on some 15 visits that each outlive an access token.
//
// Reads and Writes are what test/lambda counts, with sandboxes that hold their
// keys; the keys are reckoned by sandbox.
func calls() []call {
	return []call{
		{Name: "authorize a GET", MB: 256, MS: 2, Month: 70},
		{Name: "authorize another method", Reads: 2, MB: 256, MS: 8, Month: 30},
		{Name: "refresh", Reads: 1, Writes: 1, Routed: true, MB: 256, MS: 20, LogKB: 0.8, Month: 15},
		{Name: "sign-in", Reads: 4, Writes: 6, Routed: true, MB: 1769, MS: 120, X86: true, LogKB: 0.8, Month: 1},
		{Name: "sign-up", Reads: 3, Writes: 5, Routed: true, MB: 1769, MS: 120, X86: true, LogKB: 0.8, Month: 0.1},
		{Name: "sign-out", Writes: 1, Routed: true, MB: 256, MS: 15, LogKB: 0.8, Month: 0.5},
		{Name: mailing, Reads: 2, Writes: 3, MB: 256, MS: 250, LogKB: 0.4, Mails: 1}, // there need not be any
	}
}

// Million is the price of a million calls, in USD.
func (c call) Million() float64 { return c.bill(million).Total() }

// bill is the price of n calls.
func (c call) bill(n float64) bill {
	p := priceList()
	second := p[arm]
	if c.X86 {
		second = p[x86]
	}
	b := bill{
		dynamo: n * (c.Reads*p[read].each() + c.Writes*p[put].each()),
		lambda: n * (p[invocation].each() + c.MB/1024*c.MS/1000*second.each()),
		logs:   n * c.LogKB / 1e6 * p[logged].each(),
		rest:   n * c.Mails * p[sent].each(),
	}
	if c.Routed {
		b[gateway] = n * p[request].each()
	}
	return b
}

// behaviour is a way in which users may differ from calls.
type behaviour struct {
	name  string
	calls []call
}

func behaviours() []behaviour {
	return []behaviour{
		{"as above", calls()},
		{"a refresh for each third request (30)", changed(monthly("refresh", 30))},
		{"a refresh before every request (100)", changed(monthly("refresh", 100))},
		{"a sign-in a day (30)", changed(monthly("sign-in", 30))},
		{"a mail to one user in eight (0.13)", changed(monthly(mailing, 0.13))},
		{"every function runs three times as long", changed(func(c *call) { c.MS *= 3 })},
	}
}

func changed(change func(*call)) []call {
	all := calls()
	for i := range all {
		change(&all[i])
	}
	return all
}

// monthly changes how often a call is made.
func monthly(name string, n float64) func(*call) {
	return func(c *call) {
		if c.Name == name {
			c.Month = n
		}
	}
}
