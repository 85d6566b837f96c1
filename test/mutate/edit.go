package main

import (
	"cmp"
	"slices"
)

// with returns the source of a file with its mutants in it, each switched on
// by its id.
func with(source []byte, mutants []mutant) []byte {
	type insertion struct {
		at, opens, width, order int
		text                    string
	}
	var all []insertion
	for _, m := range mutants {
		width := m.end - m.start
		all = append(all, insertion{m.start, 1, -width, m.id, m.before}, insertion{m.end, 0, width, -m.id, m.after})
	}
	// Of what begins at one place the widest comes first, of what ends the narrowest.
	slices.SortFunc(all, func(a, b insertion) int {
		return cmp.Or(a.at-b.at, a.opens-b.opens, a.width-b.width, a.order-b.order)
	})
	var out []byte
	from := 0
	for _, i := range all {
		out = append(append(out, source[from:i.at]...), i.text...)
		from = i.at
	}
	return append(out, source[from:]...)
}

// switches is what a package is given beside its own files: MUTANT names the
// mutant that is on, and MUTANT_REACHED the file to which the ids are written
// of all that are asked for.
const switches = `package NAME

import (
	mutantOS "os"
	mutantNumbers "strconv"
	mutantAtomic "sync/atomic"
)

var (
	mutantIsOn, _ = mutantNumbers.Atoi(mutantOS.Getenv("MUTANT"))
	mutantReached = mutantOS.Getenv("MUTANT_REACHED")
	mutantSeen    [1 << 14]mutantAtomic.Bool
)

func mutantOn(id int) bool {
	if mutantReached == "" {
		return id == mutantIsOn
	}
	if !mutantSeen[id].Swap(true) {
		f, err := mutantOS.OpenFile(mutantReached, mutantOS.O_APPEND|mutantOS.O_CREATE|mutantOS.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		defer f.Close()
		if _, err := f.WriteString(mutantNumbers.Itoa(id) + "\n"); err != nil {
			panic(err)
		}
	}
	return false
}
`
