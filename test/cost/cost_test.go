package main

import (
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPage holds docs/cost.md to the program.
func TestPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	if err := write(&want); err != nil {
		t.Fatal(err)
	}
	if string(text) != want.String() {
		t.Error("docs/cost.md is not what the program prints: run make cost")
	}
}

// TestGoal is the promise about the price, for the users that it is made for.
func TestGoal(t *testing.T) {
	t.Parallel()
	if got, want := month(million, calls()).Total(), essentials(million)/150; got >= want {
		t.Errorf("a million users cost %.2f USD a month, want less than %.2f", got, want)
	}
	if all := calls(); all[0].Month != 70 || all[1].Month != 30 {
		t.Errorf("a user makes %v GETs and %v other requests, want 70 and 30", all[0].Month, all[1].Month)
	}
}

// TestBill reckons one call and an idle month by hand.
func TestBill(t *testing.T) {
	t.Parallel()
	c := call{Reads: 2, Writes: 1, Routed: true, MB: 1024, MS: 100, LogKB: 1, Mails: 2}
	// 2 × 0.125 + 0.625; 0.20 and 100,000 GB-seconds; 1 GB of logs; two mails each.
	want := bill{gateway: 1, lambda: 0.20 + 1.33334, dynamo: 0.875, logs: 0.5, rest: 200}
	for part, usd := range c.bill(million) {
		if !near(usd, want[part]) {
			t.Errorf("part %d of a million calls costs %v, want %v", part, usd, want[part])
		}
	}
	c.X86 = true
	if got, want := c.bill(million)[lambda], 0.20+1.66667; !near(got, want) {
		t.Errorf("Lambda for a million calls on x86_64 costs %v, want %v", got, want)
	}
	// A key, four alarms, a dashboard.
	if got, want := month(0, calls()).Total(), 1+0.4+3; !near(got, want) {
		t.Errorf("an idle month costs %v, want %v", got, want)
	}
	// The same, 15 metrics and, of one sandbox and a thousandth, 60 requests to KMS.
	one := []call{{Month: 1}}
	if got, want := month(1000, one)[rest], 4.4+15*0.3+1.001*60*0.03/1e4; !near(got, want) {
		t.Errorf("the rest of a month in use costs %v, want %v", got, want)
	}
}

func TestCognito(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ users, essentials, lite float64 }{
		{10_000, 0, 0},
		{10_001, 0.015, 0.0055},
		{100_000, 1_350, 495},
		{million, 14_850, 495 + 4_140},
		{10 * million, 149_850, 495 + 4_140 + 29_250},
	} {
		if got := essentials(tt.users); !near(got, tt.essentials) {
			t.Errorf("Essentials for %v users = %v, want %v", tt.users, got, tt.essentials)
		}
		if got := lite(tt.users); !near(got, tt.lite) {
			t.Errorf("Lite for %v users = %v, want %v", tt.users, got, tt.lite)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

// TestTemplate holds what is paid for while nothing happens, and the memory of
// the functions, to the template.
func TestTemplate(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]int{
		`Type: AWS::CloudWatch::Alarm\n`:     alarms + 1, // that of mails
		`Type: AWS::CloudWatch::Dashboard\n`: dashboards,
		`Type: AWS::Logs::MetricFilter\n`:    filters,
		`Type: AWS::KMS::Key\n`:              1,
		`\n    MemorySize: 256\n`:            1, // of all
		`\n      MemorySize: 1769\n`:         2, // of sign-up and sign-in
		`MemorySize:`:                        3,
	} {
		if got := len(regexp.MustCompile(pattern).FindAll(text, -1)); got != want {
			t.Errorf("the template has %q %d times, want %d", pattern, got, want)
		}
	}
}
