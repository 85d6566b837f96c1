package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// fault says why a REST API answers by itself.
type fault struct {
	status int
	// kind is the type of the gateway response:
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
	kind string

	message string         // "" is null
	context map[string]any // from an authorizer that denied
}

// refuse returns the gateway response: the API's own for the case, otherwise
// its own for all of 4xx or 5xx, otherwise the service's.
func (g *restAPI) refuse(f fault, id string) response {
	family := "DEFAULT_4XX"
	if f.status >= 500 {
		family = "DEFAULT_5XX"
	}
	custom, found := g.cfg.API.Responses[f.kind]
	if !found {
		custom = g.cfg.API.Responses[family]
	}
	answer := response{status: f.status, header: http.Header{"Content-Type": {"application/json"}, "X-Amzn-Errortype": {f.errorType()}}}
	if custom.Status != 0 {
		answer.status = custom.Status
	}
	for name, value := range custom.Headers {
		answer.header.Set(name, value)
	}
	body := custom.Body
	if body == "" {
		body = `{"message":$context.error.messageString}`
	}
	answer.body = []byte(f.fill(body, id))
	return answer
}

// errorType is the header that AWS's own clients read.
func (f fault) errorType() string {
	switch f.kind {
	case "UNAUTHORIZED":
		return "UnauthorizedException"
	case "ACCESS_DENIED":
		return "AccessDeniedException"
	case "MISSING_AUTHENTICATION_TOKEN":
		return "MissingAuthenticationTokenException"
	case "AUTHORIZER_CONFIGURATION_ERROR":
		return "AuthorizerConfigurationException"
	}
	return "InternalServerErrorException"
}

var contextVariable = regexp.MustCompile(`\$context\.(requestId|error\.[A-Za-z]+|authorizer\.[A-Za-z0-9_]+)`)

// fill replaces variables by their values, which are not escaped.
func (f fault) fill(text, id string) string {
	quoted := []byte("null")
	if f.message != "" {
		quoted, _ = json.Marshal(f.message) // marshaling a text does not fail
	}
	return contextVariable.ReplaceAllStringFunc(text, func(variable string) string {
		switch name := strings.TrimPrefix(variable, "$context."); name {
		case "error.message":
			return f.message
		case "error.messageString":
			return string(quoted)
		case "error.responseType":
			return f.kind
		case "requestId":
			return id
		default:
			value, found := f.context[strings.TrimPrefix(name, "authorizer.")]
			if !found {
				return ""
			}
			return fmt.Sprint(value)
		}
	})
}

// parseProxyResponse reads a function's answer through a proxy integration. It
// must have a statusCode.
func parseProxyResponse(answer []byte) (response, error) {
	var a struct {
		StatusCode        *int                `json:"statusCode"`
		MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
		Cookies           json.RawMessage     `json:"cookies"`
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.StatusCode == nil || a.Cookies != nil {
		return response{}, errors.New("its answer is no response of a proxy integration")
	}
	r, err := parseResponse(answer)
	if err != nil {
		return response{}, err
	}
	for name, values := range a.MultiValueHeaders {
		r.header.Del(name)
		for _, value := range values {
			r.header.Add(name, value)
		}
	}
	if r.header.Get("Content-Type") == "" {
		r.header.Set("Content-Type", "application/json")
	}
	return r, nil
}
