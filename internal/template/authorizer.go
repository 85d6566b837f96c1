package template

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// authorizer returns what is served of an authorizer. Its function is one of
// this template or an imported one.
func (r *reader) authorizer(api apis.API, declared apis.Authorizer, functions []Function) Authorizer {
	written := declared.Written
	if declared.Kind == apis.JWT {
		return r.jwt(api, declared)
	}
	a := r.authorizerFunction(declared, functions)
	switch {
	case api.Protocol == apis.WebSocket:
		if len(declared.Sources) > 0 {
			r.fault(written, "an identity source is not understood here: it refuses callers before the authorizer is asked")
		}
		return a
	case api.Protocol == apis.HTTP && written.Either("AuthorizerPayloadFormatVersion").Text() != "2.0":
		r.fault(written, `only AuthorizerPayloadFormatVersion "2.0" is served here`)
	case declared.Simple.Kind() != document.Absent && !apis.No(declared.Simple):
		r.fault(written, "only policies are understood here, no simple responses")
	}
	if api.Serverless {
		r.only(written, "FunctionArn", "FunctionInvokeRole", "EnableFunctionDefaultPermissions", "AuthorizerPayloadFormatVersion",
			"EnableSimpleResponses", "Identity", "FunctionPayloadType", "DisableFunctionDefaultPermissions")
		kind := written.Get("FunctionPayloadType")
		if !slices.Contains([]string{"", "REQUEST", "TOKEN"}, strings.ToUpper(r.text(kind))) {
			r.fault(kind, "is neither REQUEST nor TOKEN")
		}
	}
	r.identity(api, declared, &a)
	if declared.TTL.Kind() == document.Absent {
		r.fault(written, "%s is not set: services differ in what they take for granted", declared.Property)
	}
	a.TTL = time.Duration(r.number(declared.TTL, 0, 3600)) * time.Second
	if a.TTL > 0 && len(a.Sources) == 0 {
		r.fault(declared.TTL, "answers cannot be kept without an identity source")
	}
	return a
}

func (r *reader) authorizerFunction(declared apis.Authorizer, functions []Function) Authorizer {
	name, ok := functionOf(r.text(declared.Function))
	id, _, _ := strings.Cut(name, ":")
	isExported := func(arn string) bool { return strings.HasPrefix(arn+":", FunctionARN(id)+":") }
	switch {
	case !ok:
		r.fault(declared.Function, "is not the ARN of a function of this template, nor an imported one")
	case !has(functions, id) && !slices.ContainsFunc(slices.Collect(maps.Values(r.exports)), isExported):
		r.fault(declared.Function, "there is no function %q", id)
	case !declared.Invocable:
		r.fault(declared.Written, "API Gateway may not call the function: there is no role and no permission")
	}
	return Authorizer{Function: name}
}

// source matches the identity sources that are understood.
var source = regexp.MustCompile(`^\$(request\.(header|querystring)\..+|context\.(httpMethod|routeKey|path))$`)

// identity reads the sources that identify a caller.
func (r *reader) identity(api apis.API, declared apis.Authorizer, a *Authorizer) {
	identity := declared.Written.Get("Identity")
	if declared.Kind == apis.Token {
		r.only(identity, "Header", "ValidationExpression", "ReauthorizeEvery")
		header := "$request.header.Authorization"
		if name := r.text(identity.Get("Header")); name != "" {
			header = "$request.header." + name
		} else if len(declared.Sources) > 0 {
			header = r.text(declared.Sources[0])
		}
		a.Token, a.Sources = true, []string{header}
		a.Pattern = r.pattern(identity.Get("ValidationExpression"))
		if !api.Serverless {
			a.Pattern = r.pattern(declared.Written.Either("IdentityValidationExpression"))
		}
		return
	}
	r.only(identity, "Headers", "QueryStrings", "StageVariables", "Context", "ReauthorizeEvery")
	for _, v := range declared.Sources {
		text := r.text(v)
		if !source.MatchString(text) {
			r.fault(v, "the identity source %q is not understood here", text)
		}
		a.Sources = append(a.Sources, text)
	}
}

// jwt reads API Gateway's own JWT authorizer.
func (r *reader) jwt(api apis.API, declared apis.Authorizer) Authorizer {
	v := declared.Written.Either("JwtConfiguration")
	if api.Protocol != apis.HTTP {
		r.fault(declared.Written, "is no authorizer that is served here")
	}
	r.only(v, "issuer", "audience", "Issuer", "Audience")
	a := Authorizer{Issuer: r.text(v.Either("Issuer")), Audience: r.texts(v.Either("Audience"))}
	if a.Issuer == "" || len(a.Audience) == 0 {
		r.fault(declared.Written, "JwtConfiguration has no issuer or no audience")
	}
	for _, v := range declared.Sources {
		a.Sources = append(a.Sources, r.text(v))
	}
	if len(a.Sources) != 1 || !strings.HasPrefix(a.Sources[0], "$request.header.") {
		r.fault(declared.Written, "IdentitySource is no header, such as $request.header.Authorization")
	}
	return a
}
