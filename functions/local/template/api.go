package template

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// readAPI reads an HTTP API but for its routes, which stand with the functions.
func readAPI(id string, f field) API {
	f.get("DefinitionBody").absent("is not read here: routes come from the functions' events")
	f.get("DefinitionUri").absent("is not read here: routes come from the functions' events")
	if stage := f.get("StageName"); stage.v != nil && stage.text() != "$default" {
		stage.fault("only the stage $default is served here")
	}
	auth := f.get("Auth")
	auth.only("DefaultAuthorizer", "EnableIamAuthorizer", "Authorizers")
	api := API{ID: id, Authorizers: map[string]Authorizer{}, CORS: readCORS(f.get("CorsConfiguration"))}
	for name, authorizer := range auth.get("Authorizers").entries() {
		api.Authorizers[name] = readAuthorizer(authorizer)
	}
	return api
}

func readAuthorizer(f field) Authorizer {
	f.only("FunctionArn", "FunctionInvokeRole", "EnableFunctionDefaultPermissions", "AuthorizerPayloadFormatVersion",
		"EnableSimpleResponses", "Identity")
	function, ok := functionOf(f.get("FunctionArn").text())
	if !ok {
		f.get("FunctionArn").fault("is not the ARN of a function of this template")
	}
	if f.get("AuthorizerPayloadFormatVersion").text() != "2.0" {
		f.get("AuthorizerPayloadFormatVersion").fault(`only "2.0" is served here`)
	}
	if f.get("EnableSimpleResponses").flag() {
		f.get("EnableSimpleResponses").fault("only policies are understood here")
	}
	if !f.get("EnableFunctionDefaultPermissions").flag() && f.get("FunctionInvokeRole").v == nil {
		f.fault("API Gateway may not call the function: EnableFunctionDefaultPermissions is not true")
	}
	a := Authorizer{Function: function}
	a.readIdentity(f.get("Identity"))
	return a
}

// readIdentity reads what identifies a caller and for how long an answer is
// kept, which must be said: services differ in what they take for granted.
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
	every := f.get("ReauthorizeEvery")
	if every.v == nil {
		f.fault("ReauthorizeEvery is not set")
	}
	a.TTL = time.Duration(every.number(0, 3600)) * time.Second
	if a.TTL > 0 && len(a.Sources) == 0 {
		every.fault("answers cannot be kept without an identity source")
	}
}

func readCORS(f field) *CORS {
	if f.v == nil {
		return nil
	}
	f.only("AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "MaxAge", "AllowCredentials")
	return &CORS{
		Origins:     f.get("AllowOrigins").texts(),
		Methods:     f.get("AllowMethods").texts(),
		Headers:     f.get("AllowHeaders").texts(),
		Expose:      f.get("ExposeHeaders").texts(),
		MaxAge:      time.Duration(f.get("MaxAge").number(0, 86400)) * time.Second,
		Credentials: f.get("AllowCredentials").flag(),
	}
}

func readFunction(id string, f, globals field) Function {
	fn := Function{ID: id, Environment: map[string]string{}}
	for _, from := range []field{globals, f} {
		for name, value := range from.get("Environment").get("Variables").entries() {
			fn.Environment[name] = value.text()
		}
	}
	timeout := f.get("Timeout")
	if timeout.v == nil {
		timeout = globals.get("Timeout")
	}
	// Lambda's own default and limit, in seconds.
	fn.Timeout = time.Duration(timeout.number(3, 900)) * time.Second
	return fn
}

// readRoutes gives every API its routes, in the order of the template.
func (s *Stack) readRoutes(r *resolver) {
	resources := r.field("Resources", r.template.resources)
	for _, fn := range s.Functions {
		for _, event := range resources.get(fn.ID).get("Properties").get("Events").entries() {
			switch event.get("Type").text() {
			case "HttpApi":
				s.addRoute(event.get("Properties"), resources, fn.ID)
			case "Api":
				event.fault("only HTTP APIs are served here")
			}
		}
	}
}

func (s *Stack) addRoute(f, resources field, function string) {
	f.only("ApiId", "Path", "Method", "Auth", "PayloadFormatVersion", "TimeoutInMillis")
	id := f.get("ApiId").text()
	i := slices.IndexFunc(s.APIs, func(a API) bool { return a.ID == id })
	if i < 0 {
		f.fault("ApiId is not an HTTP API of this template")
		return
	}
	if version := f.get("PayloadFormatVersion"); version.v != nil && version.text() != "2.0" {
		version.fault(`only "2.0" is served here`)
	}
	route := Route{Key: readKey(f), Function: function}
	route.Auth = s.APIs[i].readAuth(f.get("Auth"), resources.get(id).get("Properties").get("Auth"))
	for _, other := range s.APIs[i].Routes {
		if other.Key == route.Key {
			f.fault("there is a route %q already", route.Key)
		}
	}
	s.APIs[i].Routes = append(s.APIs[i].Routes, route)
}

// form matches the paths that a route may have.
var form = regexp.MustCompile(`^/$|^(/([^/{}+ ]+|\{[^/{}+ ]+\}))*(/[^/{}+ ]+|/\{[^/{}+ ]+\+?\})/?$`)

func readKey(f field) string {
	path, method := f.get("Path").text(), strings.ToUpper(f.get("Method").text())
	if method == "" && (path == "" || path == "$default") {
		return "$default"
	}
	if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
		method = "ANY"
	}
	if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		f.get("Method").fault("is no method")
	}
	if !form.MatchString(path) {
		f.get("Path").fault("is no path of a route")
	}
	return method + " " + path
}

// readAuth returns who authorizes a route: what its own part says, or else the
// API's default.
func (a API) readAuth(own, api field) string {
	own.only("Authorizer")
	name := own.get("Authorizer")
	if name.v == nil {
		name = api.get("DefaultAuthorizer")
	}
	switch text := name.text(); text {
	case "", None:
		return None
	case IAM:
		if !api.get("EnableIamAuthorizer").flag() {
			name.fault("AWS_IAM needs EnableIamAuthorizer on the API")
		}
		return IAM
	default:
		if _, known := a.Authorizers[text]; !known {
			name.fault("there is no authorizer %q; there are %v", text, slices.Sorted(maps.Keys(a.Authorizers)))
		}
		return text
	}
}

// checkAuthorizers faults authorizers whose function is not there.
func (s *Stack) checkAuthorizers(r *resolver) {
	for _, api := range s.APIs {
		for name, authorizer := range api.Authorizers {
			if _, found := s.Function(authorizer.Function); !found {
				r.field("Resources."+api.ID, nil).fault("authorizer %s: there is no function %q", name, authorizer.Function)
			}
		}
	}
}
