package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// options are what the command line says.
type options struct {
	addr       string
	dynamodb   string // "" means in memory
	set        map[string]string
	signingKey string // "" means keys are made
	template   string
	latchkey   string // Latchkey's own template, where template is another's
	elsewhere  map[string]elsewhere
}

// errHelp means that help was asked for and printed.
var errHelp = flag.ErrHelp

func parseOptions(args []string) (options, error) {
	o := options{set: map[string]string{}, elsewhere: map[string]elsewhere{}}
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8787", "listen on `HOST:PORT`; port 0 picks one")
	flags.StringVar(&o.signingKey, "signing-key", "",
		"sign with the private key in `FILE`: PKCS#8 PEM; RSA, P-256 or Ed25519")
	flags.StringVar(&o.template, "template", "template.yaml", "serve the SAM template in `FILE`")
	flags.StringVar(&o.latchkey, "latchkey", "template.yaml",
		"Latchkey's own SAM template, in `FILE`, if -template attaches its authorizer")
	flags.Func("invoke", "a function of -template runs elsewhere: `LogicalId=URL` of its invocations; repeatable",
		o.addElsewhere)
	flags.Func(
		"dynamodb",
		"keep everything in the DynamoDB at `URL`, such as http://127.0.0.1:8000",
		func(s string) error {
			o.dynamodb = s
			return checkEndpoint(s)
		},
	)
	flags.Func("set", "set a parameter of the template: `Parameter=Value`; repeatable", func(s string) error {
		name, value, found := strings.Cut(s, "=")
		if !found {
			return errors.New("not of the form Parameter=Value")
		}
		if _, twice := o.set[name]; twice {
			return fmt.Errorf("%s is set twice", name)
		}
		o.set[name] = value
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, nil
}

// checkEndpoint refuses AWS: private keys are sealed here with a key that
// everybody knows.
func checkEndpoint(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("not a URL such as http://127.0.0.1:8000")
	}
	host := "." + strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	for _, aws := range []string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws"} {
		if strings.HasSuffix(host, aws) {
			return errors.New("this is AWS: keys would be stored there sealed with a key that everybody knows")
		}
	}
	return nil
}

// of returns those parameters that were set and that the template has.
func (o options) of(t *template.Template) map[string]string {
	set := map[string]string{}
	for _, p := range t.Parameters() {
		if value, found := o.set[p.Name]; found {
			set[p.Name] = value
		}
	}
	return set
}

// known refuses to set a parameter that no template has.
func (o options) known(templates ...*template.Template) error {
	var names []string
	for _, t := range templates {
		if t == nil {
			continue
		}
		for _, p := range t.Parameters() {
			names = append(names, p.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.set)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("-set: there is no parameter %s; there are %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}
