package document

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
)

// Reading is a template with certain values of its parameters. Of every Fn::If
// only one branch is there.
//
// A value that the template does not determine stays an expression. Examples
// are an export of another stack and a parameter that can be anything.
type Reading struct {
	document *Document
	pick     func(n int) int     // makes a choice; nil if there are none
	known    map[string]Value    // what expressions evaluate to, by their text
	ruled    map[string][]string // what they do not evaluate to
	held     map[string]bool     // conditions and comparisons that are decided
	asking   []string            // conditions being decided
	faults   *[]error
	exports  map[string]string
	named    func(id, attribute string) (string, bool)
}

func (d *Document) reading() *Reading {
	return &Reading{
		document: d, known: map[string]Value{}, ruled: map[string][]string{}, held: map[string]bool{}, faults: new([]error),
	}
}

// Reading returns the template with parameters and pseudo parameters set to
// texts or lists. Fn::ImportValue looks in exports, under the name without the
// name of the stack and the hyphen after it.
func (d *Document) Reading(parameters map[string][]string, lists []string, exports map[string]string) *Reading {
	w := d.reading()
	w.exports = exports
	for name, texts := range parameters {
		v := Value{kind: List}
		for _, text := range texts {
			v.items = append(v.items, v.Part(text))
		}
		if !slices.Contains(lists, name) {
			v = v.items[0]
		}
		w.known["!Ref "+name] = v
	}
	return w
}

// Naming returns the same reading, but evaluates references to resources too.
func (w *Reading) Naming(named func(id, attribute string) (string, bool)) *Reading {
	other := *w
	other.named = named
	return &other
}

// Faults returns what could not be decided in a reading with set parameters. It
// covers only what was read so far.
func (w *Reading) Faults() []error { return *w.faults }

// Root returns the template.
func (w *Reading) Root() Value { return w.In(w.document.Root) }

// In returns the value in this reading.
func (w *Reading) In(v Value) Value { return w.eval(v) }

// mostReadings is how many readings are taken in order.
const mostReadings = 2048

// Readings ranges over all readings that differ in what the loop reads of them.
// If there are too many, it continues with a number of readings drawn at
// random, always the same ones. Their second value is false.
func (d *Document) Readings() iter.Seq2[*Reading, bool] {
	return func(yield func(*Reading, bool) bool) {
		var c choices
		for range mostReadings {
			w := d.reading()
			w.pick = c.pick
			if !yield(w, true) || !c.advance() {
				return
			}
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range mostReadings {
			w := d.reading()
			w.pick = random.IntN
			if !yield(w, false) {
				return
			}
		}
	}
}

// choices goes through all combinations of choices, in order.
type choices struct {
	taken, of []int
	next      int
}

func (c *choices) pick(n int) int {
	if c.next == len(c.taken) {
		c.taken, c.of = append(c.taken, 0), append(c.of, n)
	}
	c.next++
	return c.taken[c.next-1]
}

// advance goes to the next combination, and reports whether there is one.
func (c *choices) advance() bool {
	c.next = 0
	for last := len(c.taken) - 1; last >= 0; last-- {
		if c.taken[last]++; c.taken[last] < c.of[last] {
			return true
		}
		c.taken, c.of = c.taken[:last], c.of[:last]
	}
	return false
}

// choose decides which of the texts the expression evaluates to.
func (w *Reading) choose(v Value, texts []string) Value {
	texts = slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return slices.Contains(w.ruled[v.String()], text) })
	if w.pick == nil || len(texts) == 0 {
		return v
	}
	w.known[v.String()] = v.Part(texts[w.pick(len(texts))])
	return w.known[v.String()]
}

// Holds reports whether the condition of that name holds.
func (w *Reading) Holds(name string) bool {
	if held, decided := w.held[name]; decided {
		return held
	}
	definition := w.document.Root.Get("Conditions").Get(name)
	switch {
	case slices.Contains(w.asking, name):
		return w.decide(fmt.Sprintf("condition %q, which asks for itself,", name))
	case definition.kind == Absent:
		return w.decide(fmt.Sprintf("condition %q", name))
	}
	w.asking = append(w.asking, name)
	held := w.truth(definition)
	w.asking = w.asking[:len(w.asking)-1]
	w.held[name] = held
	return held
}

// decide chooses whether something holds that the template does not determine.
func (w *Reading) decide(what string) bool {
	held, decided := w.held[what]
	if !decided {
		if w.pick == nil {
			*w.faults = append(*w.faults, fmt.Errorf("%s is not known here", what))
		}
		held = w.pick != nil && w.pick(2) == 0
		w.held[what] = held
	}
	return held
}

// truth evaluates the expression of a condition.
func (w *Reading) truth(v Value) bool {
	if v.kind == Mapping && len(v.names) == 1 && v.names[0] == "Condition" {
		return w.Holds(v.items[0].text)
	}
	switch name, arg := v.Expression(); {
	case name == "Fn::Not" && len(arg.items) == 1:
		return !w.truth(arg.items[0])
	case name == "Fn::And":
		return !slices.ContainsFunc(arg.items, func(item Value) bool { return !w.truth(item) })
	case name == "Fn::Or":
		return slices.ContainsFunc(arg.items, w.truth)
	case name == "Fn::Equals" && len(arg.items) == 2:
		return w.equal(w.eval(arg.items[0]), w.eval(arg.items[1]))
	}
	return w.decide("condition " + v.String())
}

func (w *Reading) equal(a, b Value) bool {
	if b.kind == Expression {
		a, b = b, a
	}
	switch {
	case a.kind != Expression:
		return a.String() == b.String()
	case b.kind == Expression || w.pick == nil:
		return a.String() == b.String() || w.decide(a.String()+" = "+b.String())
	case slices.Contains(w.ruled[a.String()], b.String()):
		return false
	case w.decide(a.String() + " = " + b.String()):
		w.known[a.String()] = b
		return true
	}
	w.ruled[a.String()] = append(w.ruled[a.String()], b.String())
	return false
}

// eval returns the value of v. A mapping or a list is its own value: what is
// inside is evaluated when it is reached.
func (w *Reading) eval(v Value) Value {
	out := v
	if v.kind == Expression {
		out = w.express(v)
		out.name = v.name
		if out.kind == Absent || out.line == 0 {
			out.line = v.line
		}
	}
	out.reading = w
	return out
}

func (w *Reading) express(v Value) Value {
	if known, found := w.known[v.String()]; found {
		known.line = v.line
		return known
	}
	name, arg := v.Expression()
	switch {
	case name == "Ref":
		return w.ref(v, arg.Text())
	case name == "Fn::If" && len(arg.items) == 3:
		if w.Holds(arg.items[0].text) {
			return w.eval(arg.items[1])
		}
		return w.eval(arg.items[2])
	case name == "Fn::FindInMap" && len(arg.items) == 3:
		return w.findInMap(v, arg.items)
	case name == "Fn::GetAtt" && len(arg.items) == 2:
		return w.resource(v, arg.items[0].text, arg.items[1].text)
	case name == "Fn::ImportValue":
		return w.imported(v, w.eval(arg).text)
	}
	return w.onText(v, name, arg)
}

func (w *Reading) ref(v Value, name string) Value {
	if name == "AWS::NoValue" {
		return Value{}
	}
	if parameter := w.document.Root.Get("Parameters").Get(name); parameter.kind != Absent {
		var allowed []string
		for _, item := range parameter.Get("AllowedValues").Items() {
			allowed = append(allowed, item.text)
		}
		return w.choose(v, allowed)
	}
	return w.resource(v, name, "")
}

func (w *Reading) resource(v Value, id, attribute string) Value {
	if w.named != nil {
		if text, found := w.named(id, attribute); found {
			return v.Part(text)
		}
	}
	return v
}

func (w *Reading) imported(v Value, name string) Value {
	for export, text := range w.exports {
		if strings.HasSuffix(name, "-"+export) {
			return v.Part(text)
		}
	}
	return v
}

// findInMap looks up a value, under any key that is possible.
func (w *Reading) findInMap(v Value, args []Value) Value {
	at := w.document.Root.Get("Mappings").Get(w.eval(args[0]).text)
	for _, arg := range args[1:] {
		key := w.eval(arg)
		if key.kind == Expression && at.kind == Mapping {
			key = w.choose(key, at.names)
		}
		at = at.Get(key.text)
	}
	if at.kind == Absent {
		return v
	}
	at.line = v.line
	return at
}
