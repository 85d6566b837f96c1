package main

import (
	"errors"
	"flag"
	"fmt"
	"net/url"
	"strings"
)

// options are what the command line says.
type options struct {
	addr       string
	dynamodb   string // "" means in memory
	set        map[string]string
	signingKey string // "" means keys are made
	template   string
}

// errHelp means that help was asked for and printed.
var errHelp = flag.ErrHelp

func parseOptions(args []string) (options, error) {
	o := options{set: map[string]string{}}
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8787", "listen on `HOST:PORT`; port 0 picks one")
	flags.StringVar(&o.signingKey, "signing-key", "", "sign with the private key in `FILE`: PKCS#8 PEM; RSA, P-256 or Ed25519")
	flags.StringVar(&o.template, "template", "template.yaml", "serve the SAM template in `FILE`")
	flags.Func("dynamodb", "keep everything in the DynamoDB at `URL`, such as http://127.0.0.1:8000", func(s string) error {
		o.dynamodb = s
		return checkEndpoint(s)
	})
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

// checkEndpoint refuses AWS itself: private keys are sealed here with a key
// that everybody knows.
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
