package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// attach prints where the attached APIs are, and their routes.
func (b banner) attach(w io.Writer) {
	if b.attached == nil {
		return
	}
	for _, api := range b.attached.APIs {
		fmt.Fprintf(w, "\n%s is on %s\n", api.ID, b.addressOf(api))
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, route := range api.Routes {
			method, path, found := strings.Cut(route.Key, " ")
			if !found {
				method, path = "", route.Key
			}
			fmt.Fprintf(table, "%s\t%s\t%s\n", method, path, attachedProtection(api, route, method))
		}
		table.Flush()
	}
}

// addressOf returns where an API is reached: its host, or its paths at the
// domain.
func (b banner) addressOf(api template.API) string {
	var paths []string
	for _, m := range b.attached.Mappings {
		if m.API == api.ID {
			paths = append(paths, b.url+m.Path)
		}
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(b.url, "http://"), ":")
	address := "://" + hostOf(api) + ":" + port
	switch {
	case api.DomainOnly:
		return strings.Join(paths, ", ")
	case api.Kind == template.WebSocket:
		return "ws" + address + "/" + api.Stage
	case api.Kind == template.REST:
		return "http" + address + "/" + api.Stage
	}
	return strings.Join(append([]string{"http" + address}, paths...), ", ")
}

func attachedProtection(api template.API, route template.Route, method string) string {
	switch {
	case api.Kind == template.WebSocket && route.Key != "$connect":
		return "everybody who is connected"
	case api.Authorizers[route.Auth].Issuer != "":
		return "token, by API Gateway's own authorizer"
	}
	_, alias, qualified := strings.Cut(api.Authorizers[route.Auth].Function, ":")
	rule, err := authorizer.Alias(alias).Rule()
	if qualified && err != nil {
		return "nobody: the authorizer has no alias " + alias
	}
	return protection(route, method, rule)
}
