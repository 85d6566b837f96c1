package main

import (
	"fmt"
	"os"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// readStack reads Latchkey's template with the parameters that were set, and
// the template that attaches its authorizer. The latter is nil if there is
// none.
func readStack(o options) (*template.Stack, *template.Template, error) {
	own, attaching, err := readTemplates(o)
	if err != nil {
		return nil, nil, err
	}
	if err := o.known(own, attaching); err != nil {
		return nil, nil, err
	}
	set := o.of(own)
	withMails(own, set)
	stack, err := own.Stack(set)
	if err != nil {
		return nil, nil, err
	}
	if len(stack.APIs) != 1 || stack.APIs[0].Kind != template.HTTP {
		return nil, nil, fmt.Errorf(
			"-template: one HTTP API is served of a template that imports no authorizer; there are %d APIs",
			len(stack.APIs),
		)
	}
	return stack, attaching, nil
}

// readTemplates reads Latchkey's own template and the one that attaches its
// authorizer, which is nil if there is none.
func readTemplates(o options) (own, attaching *template.Template, err error) {
	named, err := readTemplate(o.template)
	if err != nil {
		return nil, nil, fmt.Errorf("-template: %w", err)
	}
	if !named.Imports() {
		return named, nil, nil
	}
	own, err = readTemplate(o.latchkey)
	if err != nil {
		return nil, nil, fmt.Errorf("-latchkey: %w", err)
	}
	return own, named, nil
}

func readTemplate(file string) (*template.Template, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w; run this in the folder of template.yaml, or name one", err)
	}
	return template.Read(data)
}
