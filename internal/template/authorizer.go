package template

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// readAuthorizer reads an authorizer of an HTTP API.
func readAuthorizer(f field) Authorizer {
	if f.get("JwtConfiguration").v != nil {
		return readJWT(f)
	}
	f.only("FunctionArn", "FunctionInvokeRole", "EnableFunctionDefaultPermissions", "AuthorizerPayloadFormatVersion",
		"EnableSimpleResponses", "Identity")
	if f.get("AuthorizerPayloadFormatVersion").text() != "2.0" {
		f.get("AuthorizerPayloadFormatVersion").fault(`only "2.0" is served here`)
	}
	if f.get("EnableSimpleResponses").flag() {
		f.get("EnableSimpleResponses").fault("only policies are understood here")
	}
	if !f.get("EnableFunctionDefaultPermissions").flag() && f.get("FunctionInvokeRole").v == nil {
		f.fault("API Gateway may not call the function: EnableFunctionDefaultPermissions is not true")
	}
	a := Authorizer{Function: readAuthorizerFunction(f.get("FunctionArn"))}
	a.readIdentity(f.get("Identity"))
	return a
}

// readJWT reads API Gateway's own authorizer of JWTs.
func readJWT(f field) Authorizer {
	f.only("JwtConfiguration", "IdentitySource")
	jwt := f.get("JwtConfiguration")
	jwt.only("issuer", "audience")
	a := Authorizer{Issuer: jwt.get("issuer").text(), Audience: jwt.get("audience").texts()}
	if a.Issuer == "" || len(a.Audience) == 0 {
		jwt.fault("has no issuer or no audience")
	}
	source := f.get("IdentitySource").text()
	if !strings.HasPrefix(source, "$request.header.") {
		f.get("IdentitySource").fault("is no header, such as $request.header.Authorization")
	}
	a.Sources = []string{source}
	return a
}

// readRESTAuthorizer reads an authorizer of a REST API, which is given the
// whole request, or one header if it does not say so.
func readRESTAuthorizer(f field) Authorizer {
	f.only("FunctionArn", "FunctionInvokeRole", "FunctionPayloadType", "DisableFunctionDefaultPermissions", "Identity")
	a := Authorizer{Function: readAuthorizerFunction(f.get("FunctionArn"))}
	if f.get("DisableFunctionDefaultPermissions").flag() && f.get("FunctionInvokeRole").v == nil {
		f.fault("API Gateway may not call the function: DisableFunctionDefaultPermissions is true, and there is no FunctionInvokeRole")
	}
	switch kind := f.get("FunctionPayloadType"); strings.ToUpper(kind.text()) {
	case "REQUEST":
		a.readIdentity(f.get("Identity"))
	case "TOKEN", "":
		a.readToken(f.get("Identity"))
	default:
		kind.fault("is neither REQUEST nor TOKEN")
	}
	return a
}

// readToken reads the identity of an authorizer that is given one header.
func (a *Authorizer) readToken(f field) {
	f.only("Header", "ValidationExpression", "ReauthorizeEvery")
	header := f.get("Header").text()
	if header == "" {
		header = "Authorization"
	}
	a.Token, a.Sources = true, []string{"$request.header." + header}
	if expression := f.get("ValidationExpression"); expression.v != nil {
		pattern, err := regexp.Compile("^(?:" + expression.text() + ")$")
		if err != nil {
			expression.fault("is no pattern")
		}
		a.Pattern = pattern
	}
	a.readTTL(f)
}

func readAuthorizerFunction(f field) string {
	name, ok := strings.CutPrefix(f.text(), functionPrefix)
	if !ok {
		f.fault("is not the ARN of a function of this template, nor an imported one")
	}
	return name
}

// readIdentity reads what identifies a caller and for how long an answer is
// kept.
func (a *Authorizer) readIdentity(f field) {
	f.only("Headers", "QueryStrings", "StageVariables", "Context", "ReauthorizeEvery")
	for _, header := range f.get("Headers").texts() {
		a.Sources = append(a.Sources, "$request.header."+header)
	}
	for _, parameter := range f.get("QueryStrings").texts() {
		a.Sources = append(a.Sources, "$request.querystring."+parameter)
	}
	f.get("StageVariables").absent("is not understood here")
	for i, name := range f.get("Context").texts() {
		if !slices.Contains([]string{"httpMethod", "routeKey", "path"}, name) {
			f.get("Context").fault("%q, at %d, is not understood here", name, i)
		}
		a.Sources = append(a.Sources, "$context."+name)
	}
	a.readTTL(f)
}

// readTTL reads for how long an answer is kept, which must be said: services
// differ in what they take for granted.
func (a *Authorizer) readTTL(f field) {
	every := f.get("ReauthorizeEvery")
	if every.v == nil {
		f.fault("ReauthorizeEvery is not set")
	}
	a.TTL = time.Duration(every.number(0, 3600)) * time.Second
	if a.TTL > 0 && len(a.Sources) == 0 {
		every.fault("answers cannot be kept without an identity source")
	}
}

// checkAuthorizers faults authorizers whose function is not there.
func (s *Stack) checkAuthorizers(r *resolver) {
	known := map[string]bool{}
	for _, value := range r.template.exports {
		if id, ok := functionOf(value); ok {
			known[id] = true
		}
	}
	for _, f := range s.Functions {
		known[f.ID] = true
	}
	for _, api := range s.APIs {
		for name, authorizer := range api.Authorizers {
			if id, _, _ := strings.Cut(authorizer.Function, ":"); authorizer.Issuer == "" && !known[id] {
				r.field("Resources."+api.ID, nil).fault("authorizer %s: there is no function %q", name, id)
			}
		}
	}
}
