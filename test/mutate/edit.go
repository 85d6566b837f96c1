package main

import (
	"cmp"
	"slices"
	"strings"
)

// with returns the source with every mutant in it that is switched on by its
// id. What is put in has no line of its own, so lines keep their numbers.
func with(source []byte, mutants []mutant) []byte {
	type insertion struct {
		at, opens, width, order, skip int
		text                          string
	}
	var all []insertion
	for i, m := range mutants {
		width := m.end - m.start
		switch {
		case m.id == 0:
		case m.after == "":
			all = append(all, insertion{m.start, 1, -width, i, width, m.before})
		default:
			all = append(all, insertion{m.start, 1, -width, i, 0, m.before}, insertion{m.end, 0, width, -i, 0, m.after})
		}
	}
	// Of what begins at one place the widest comes first, of what ends the narrowest.
	slices.SortFunc(all, func(a, b insertion) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.opens, b.opens), cmp.Compare(a.width, b.width), cmp.Compare(a.order, b.order))
	})
	var out strings.Builder
	from := 0
	for _, i := range all {
		out.Write(source[from:i.at])
		out.WriteString(i.text)
		from = i.at + i.skip
	}
	out.Write(source[from:])
	return []byte(out.String())
}

// alone returns the source with the text of one mutant replaced.
func (m mutant) alone(source []byte) []byte {
	return slices.Concat(source[:m.start], []byte(m.before), source[m.end:])
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

func mutantError(id int, err error) error {
	if mutantOn(id) {
		return nil
	}
	return err
}
`
