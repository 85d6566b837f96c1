package apis

import "github.com/latchkey-auth/latchkey/internal/template/document"

// readGraphQL reads the Lambda authorizers of AppSync: those of GraphQL APIs,
// in SAM's form and in plain CloudFormation, and those of event APIs.
func (r *reader) readGraphQL(api *API) {
	api.Protocol = GraphQL
	p := api.Properties
	auth := r.written(api.ID, p.Get("Auth"), "Auth") // SAM's
	events := r.written(api.ID, p.Get("EventConfig"), "EventConfig")
	modes := []document.Value{p, auth}
	for _, list := range []document.Value{
		p.Get("AdditionalAuthenticationProviders"), auth.Get("Additional"), events.Get("AuthProviders"),
	} {
		modes = append(modes, list.Texts()...)
	}
	for _, mode := range modes {
		r.written(api.ID, mode, "a way to authenticate")
		for _, name := range []string{"LambdaAuthorizerConfig", "LambdaAuthorizer"} {
			if v := r.written(api.ID, mode.Get(name), name); v.Kind() == document.Mapping {
				a := plain("AWS_LAMBDA", v.Line(), v)
				a.Invocable = auth.Kind() == document.Mapping // SAM gives a permission
				api.Authorizers = append(api.Authorizers, a)
			}
		}
	}
}
