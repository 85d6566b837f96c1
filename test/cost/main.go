// Command cost prints docs/cost.md: what Latchkey costs a month, from what its
// functions ask of AWS and what AWS charges.
//
// What a call asks of DynamoDB is counted: test/lambda runs the real functions
// and compares what the engine bills with the page. Prices are AWS's. How a
// user behaves and how long a function runs are assumptions, and the page says
// so.
package main

import (
	_ "embed"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"text/template"
)

// page is the page without its figures. It is a variable only because go:embed
// asks for one; nothing assigns to it.
//
//go:embed page.md
var page string

func main() {
	if err := write(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// write writes the page with its figures.
func write(out io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"usd": usd, "people": people, "against": against, "exact": exact,
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(out, figures())
}

// row is a month of so many users.
type row struct {
	Name             string // of the behaviour
	Users            float64
	Bill             bill
	Essentials, Lite float64 // USD of Cognito's plans
}

func newRow(name string, users float64, calls []call) row {
	return row{name, users, month(users, calls), essentials(users), lite(users)}
}

func figures() any {
	var f struct {
		Idle, Metrics    float64
		Users, Behaviour []row
		Calls            []call
		Prices           [prices]price
	}
	p := priceList()
	f.Idle, f.Metrics = month(0, nil).Total(), metrics*p[metric].each()
	for _, users := range []float64{10_000, million, 10 * million} {
		f.Users = append(f.Users, newRow("", users, calls()))
	}
	for _, b := range behaviours() {
		f.Behaviour = append(f.Behaviour, newRow(b.name, million, b.calls))
	}
	f.Calls, f.Prices = calls(), p
	return f
}

func usd(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%d,%03d", int(v+0.5)/1000, int(v+0.5)%1000)
	}
	return fmt.Sprintf("%.2f", v)
}

// exact is a price as it is published.
func exact(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func people(n float64) string {
	if n < million {
		return fmt.Sprintf("%.0f k", n/1000)
	}
	return fmt.Sprintf("%.0f M", n/million)
}

// against says what part of the other price this one is.
func against(price, other float64) string {
	if other == 0 {
		return "Cognito is free"
	}
	return fmt.Sprintf("1/%.0f", other/price)
}
