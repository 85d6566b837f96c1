package setup

import (
	"cmp"
	"fmt"
)

// Verification says what happens to users whose address is not verified.
type Verification string

// The kinds of verification.
const (
	VerificationOff      Verification = "off"      // nothing asks for it
	VerificationOptional Verification = "optional" // their tokens say so, and routes may require a verified address
	VerificationRequired Verification = "required" // they reach only what verifies the address
)

// Told reports whether tokens say for every address whether it is verified.
func (v Verification) Told() bool { return v == VerificationOptional || v == VerificationRequired }

func (e *environment) verification(name string) Verification {
	v := Verification(cmp.Or(e.getenv(name), string(VerificationOff)))
	if v != VerificationOff && !v.Told() {
		e.require(false, fmt.Sprintf("%s=%q must be off, optional or required", name, v))
	}
	return v
}
