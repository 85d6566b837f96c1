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
	api := API{ID: id, Stage: "$default", Authorizers: map[string]Authorizer{}, CORS: readCORS(f.get("CorsConfiguration")),
		DomainOnly: f.get("DisableExecuteApiEndpoint").flag()}
	for name, authorizer := range auth.get("Authorizers").entries() {
		api.Authorizers[name] = readAuthorizer(authorizer)
	}
	return api
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
				f := event.get("Properties")
				f.only("ApiId", "Path", "Method", "Auth", "PayloadFormatVersion", "TimeoutInMillis")
				s.addRoute(f, f.get("ApiId"), HTTP, resources, fn.ID)
			case "Api":
				f := event.get("Properties")
				f.only("RestApiId", "Path", "Method", "Auth")
				s.addRoute(f, f.get("RestApiId"), REST, resources, fn.ID)
			}
		}
	}
}

func (s *Stack) addRoute(f, ref field, kind Kind, resources field, function string) {
	id := ref.text()
	i := slices.IndexFunc(s.APIs, func(a API) bool { return a.ID == id && a.Kind == kind })
	if i < 0 {
		f.fault("%s is not %s of this template", last(ref.path), map[Kind]string{HTTP: "an HTTP API", REST: "a REST API"}[kind])
		return
	}
	if version := f.get("PayloadFormatVersion"); version.v != nil && version.text() != "2.0" {
		version.fault(`only "2.0" is served here`)
	}
	route := Route{Key: readKey(f), Function: function}
	if route.Key == "$default" && kind == REST {
		f.fault("a REST API has no route $default")
	}
	route.Auth = s.APIs[i].readAuth(f.get("Auth"), resources.get(id).get("Properties").get("Auth"))
	for _, other := range s.APIs[i].Routes {
		if other.Key == route.Key {
			f.fault("there is a route %q already", route.Key)
		}
	}
	s.APIs[i].Routes = append(s.APIs[i].Routes, route)
}

// last returns the last name of a path.
func last(path string) string { return path[strings.LastIndex(path, ".")+1:] }

// readMapping reads a path of a custom domain.
func (s *Stack) readMapping(f field) {
	f.only("ApiId", "DomainName", "Stage", "ApiMappingKey")
	m := Mapping{API: f.get("ApiId").text()}
	if key := f.get("ApiMappingKey").text(); key != "" {
		m.Path = "/" + key
	}
	if s.domain == "" {
		s.domain = f.get("DomainName").text()
	}
	if f.get("DomainName").text() != s.domain {
		f.fault("there is a mapping of another domain; one is served here")
	}
	for _, other := range s.Mappings {
		if other.Path == m.Path {
			f.fault("there is a mapping of that path already")
		}
	}
	s.Mappings = append(s.Mappings, m)
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
	if name.v == "" {
		name.fault("is empty, which does not say who authorizes")
	}
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
