package template

import (
	"regexp"
	"strings"
	"time"
)

// readREST reads a REST API but for its routes, which stand with the functions.
func readREST(id string, f field) API {
	for _, name := range []string{"DefinitionBody", "DefinitionUri"} {
		f.get(name).absent("is not read here: routes come from the functions' events")
	}
	f.get("BinaryMediaTypes").absent("is not understood here")
	api := API{ID: id, Kind: REST, Stage: f.get("StageName").text(), Authorizers: map[string]Authorizer{},
		DomainOnly: f.get("DisableExecuteApiEndpoint").flag()}
	if !stageForm.MatchString(api.Stage) {
		f.get("StageName").fault("is no name of a stage")
	}
	auth := f.get("Auth")
	auth.only("DefaultAuthorizer", "AddDefaultAuthorizerToCorsPreflight", "Authorizers")
	for name, authorizer := range auth.get("Authorizers").entries() {
		api.Authorizers[name] = readRESTAuthorizer(authorizer)
	}
	if f.get("Cors").v != nil {
		api.CORS = readRESTCORS(f.get("Cors"))
		if preflight := auth.get("AddDefaultAuthorizerToCorsPreflight"); preflight.text() != "false" && auth.get("DefaultAuthorizer").v != nil {
			auth.fault("AddDefaultAuthorizerToCorsPreflight is not false: every preflight would be refused")
		}
	}
	api.Responses = map[string]GatewayResponse{}
	for name, response := range f.get("GatewayResponses").entries() {
		api.Responses[name] = readResponse(response)
	}
	return api
}

// stageForm matches the names that stages of REST and WebSocket APIs may have.
var stageForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// readRESTCORS reads what SAM makes OPTIONS methods of. Its values are
// constants of a mapping, in single quotes.
func readRESTCORS(f field) *CORS {
	f.only("AllowOrigin", "AllowMethods", "AllowHeaders", "MaxAge", "AllowCredentials")
	c := &CORS{
		Origins:     []string{f.get("AllowOrigin").constant()},
		Methods:     listed(f.get("AllowMethods").constant()),
		Headers:     listed(f.get("AllowHeaders").constant()),
		Credentials: f.get("AllowCredentials").flag(),
	}
	if age := f.get("MaxAge"); age.v != nil {
		seconds := age
		seconds.v = age.constant()
		c.MaxAge = time.Duration(seconds.number(0, 86400)) * time.Second
	}
	return c
}

func listed(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// constant returns a text without its single quotes, which it must have: any
// other value of a mapping is computed from the request.
func (f field) constant() string {
	text := f.text()
	inner, found := strings.CutPrefix(text, "'")
	inner, closed := strings.CutSuffix(inner, "'")
	if text != "" && (!found || !closed) {
		f.fault("is no constant in single quotes")
	}
	return inner
}

// contextVariable matches the variables that gateway responses may hold here.
var contextVariable = regexp.MustCompile(`\$context\.(error\.(messageString|message|responseType)|requestId|authorizer\.[A-Za-z0-9_]+)`)

func readResponse(f field) GatewayResponse {
	f.only("StatusCode", "ResponseParameters", "ResponseTemplates")
	g := GatewayResponse{Status: f.get("StatusCode").number(0, 599), Headers: map[string]string{}}
	f.get("ResponseParameters").only("Headers")
	for name, value := range f.get("ResponseParameters").get("Headers").entries() {
		g.Headers[name] = value.constant()
	}
	templates := f.get("ResponseTemplates")
	templates.only("application/json")
	body := templates.get("application/json")
	g.Body = body.text()
	if strings.Contains(contextVariable.ReplaceAllString(g.Body, ""), "$") {
		body.fault("holds a variable that is not understood here")
	}
	return g
}
