package template

import (
	"errors"
	"fmt"
	"slices"
)

// choose evaluates Fn::If.
func (r *resolver) choose(arg any) (any, error) {
	args, err := r.list(arg, 3)
	if err != nil {
		return nil, err
	}
	name, ok := args[0].(string)
	if !ok {
		return nil, errors.New("Fn::If needs the name of a condition")
	}
	holds, err := r.named(name)
	if err != nil {
		return nil, err
	}
	if holds {
		return r.resolve(args[1])
	}
	return r.resolve(args[2])
}

// condition reports whether the condition of that name holds.
func (r *resolver) condition(name string) bool {
	holds, err := r.named(name)
	if err != nil {
		r.faults = append(r.faults, fmt.Errorf("template: Conditions.%s: %w", name, err))
	}
	return holds
}

func (r *resolver) named(name string) (bool, error) {
	v, found := r.template.conditions.of[name]
	if !found {
		return false, fmt.Errorf("there is no condition %q", name)
	}
	if slices.Contains(r.open, name) {
		return false, fmt.Errorf("condition %q asks for itself", name)
	}
	r.open = append(r.open, name)
	defer func() { r.open = r.open[:len(r.open)-1] }()
	return r.holds(v)
}

// holds evaluates the expression of a condition.
func (r *resolver) holds(v any) (bool, error) {
	o, _ := v.(object)
	if len(o.names) != 1 {
		return false, errors.New("a condition is one expression")
	}
	name, arg := o.names[0], o.of[o.names[0]]
	if name == "Condition" {
		other, _ := arg.(string)
		return r.named(other)
	}
	args, err := r.list(arg, 1)
	if err != nil {
		return false, err
	}
	switch name {
	case "Fn::Equals":
		return r.equal(args)
	case "Fn::Not":
		holds, err := r.holds(args[0])
		return !holds, err
	case "Fn::And":
		return r.all(args, true)
	case "Fn::Or":
		all, err := r.all(args, false)
		return !all, err
	}
	return false, fmt.Errorf("%s is no condition", name)
}

func (r *resolver) equal(args []any) (bool, error) {
	if len(args) != 2 {
		return false, errors.New("Fn::Equals needs two values")
	}
	a, errA := r.text(args[0])
	b, errB := r.text(args[1])
	return a == b, errors.Join(errA, errB)
}

// all reports whether every condition is as wanted.
func (r *resolver) all(args []any, want bool) (bool, error) {
	for _, arg := range args {
		holds, err := r.holds(arg)
		if err != nil || holds != want {
			return false, err
		}
	}
	return true, nil
}
