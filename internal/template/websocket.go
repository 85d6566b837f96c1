package template

import "strings"

// readWebSocket reads a WebSocket API, whose routes stand with it.
func readWebSocket(id string, f field) API {
	f.only("Name", "Description", "StageName", "RouteSelectionExpression", "Auth", "Routes", "AccessLogSettings", "Tags",
		"DefaultRouteSettings")
	api := API{ID: id, Kind: WebSocket, Stage: f.get("StageName").text(), Authorizers: map[string]Authorizer{}}
	if api.Stage == "" {
		api.Stage = "default" // SAM's
	}
	if !stageForm.MatchString(api.Stage) {
		f.get("StageName").fault("is no name of a stage")
	}
	member, found := strings.CutPrefix(f.get("RouteSelectionExpression").text(), "$request.body.")
	if !found || member == "" || strings.Contains(member, ".") {
		f.get("RouteSelectionExpression").fault("only a member of the body is understood here, such as $request.body.action")
	}
	api.Selection = member
	connect := api.readSocketAuth(f.get("Auth"))
	for key, route := range f.get("Routes").entries() {
		api.Routes = append(api.Routes, readSocketRoute(key, route, connect))
	}
	return api
}

// readSocketAuth returns who authorizes $connect, the one route of a WebSocket
// API that can be authorized.
func (a API) readSocketAuth(f field) string {
	f.only("AuthType", "AuthArn", "InvokeRole", "IdentitySource", "Name")
	switch kind := f.get("AuthType"); kind.text() {
	case "", None:
		return None
	case "CUSTOM":
		authorizer := Authorizer{Function: readAuthorizerFunction(f.get("AuthArn"))}
		f.get("IdentitySource").absent("is not understood here: it refuses callers before the authorizer is asked")
		a.Authorizers["CUSTOM"] = authorizer
		return "CUSTOM"
	default:
		kind.fault("only CUSTOM and NONE are served here")
		return "unknown"
	}
}

func readSocketRoute(key string, f field, connect string) Route {
	f.only("FunctionArn")
	function, ok := functionOf(f.get("FunctionArn").text())
	if !ok {
		f.get("FunctionArn").fault("is not the ARN of a function of this template")
	}
	route := Route{Key: key, Function: function, Auth: None}
	if key == "$connect" {
		route.Auth = connect
	}
	return route
}
