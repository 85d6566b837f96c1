package apis

import (
	"regexp"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// readFunction reads what leads to a function: its events and its URL.
func (r *reader) readFunction(resource Resource) {
	r.readEvents(resource)
	url := r.written(resource.ID, resource.Properties.Get("FunctionUrlConfig"), "FunctionUrlConfig")
	if url.Kind() == document.Mapping {
		r.URLs = append(r.URLs, URL{Function: resource.ID, Line: url.Line(), Auth: url.Get("AuthType")})
	}
}

func (r *reader) readURL(resource Resource) {
	p := resource.Properties
	r.URLs = append(r.URLs, URL{Function: r.Function(p.Get("TargetFunctionArn")), Line: resource.Line, Auth: p.Get("AuthType")})
}

// arn matches the name and the qualifier in a function's ARN. The ARN may be
// inside that of an integration.
var arn = regexp.MustCompile(`:function:([A-Za-z0-9_-]+|\$\{[^}]*\})(?::([A-Za-z0-9$_-]+|\$\{[^}]*\}))?`)

// Function returns the logical id of the function that v points at by name,
// ARN, alias, version or integration. Otherwise it returns the function's name
// from an ARN, or the value written on one line.
func (t *Template) Function(v document.Value) string {
	id, _ := t.function(v, 0)
	return id
}

// function returns the function and the alias or version that v names.
func (t *Template) function(v document.Value, depth int) (id, qualifier string) {
	for _, ref := range v.References() {
		resource := t.resource(ref)
		p := resource.Properties
		switch {
		case depth > maxDepth:
		case isFunction(resource) && strings.Contains(v.String(), ref+".Alias"):
			return ref, p.Get("AutoPublishAlias").String()
		case isFunction(resource):
			return ref, ""
		case resource.Type == "AWS::Lambda::Alias":
			id, _ = t.function(p.Get("FunctionName"), depth+1)
			return id, p.Get("Name").String()
		case resource.Type == "AWS::Lambda::Version":
			id, _ = t.function(p.Get("FunctionName"), depth+1)
			return id, ref
		case resource.Type == "AWS::ApiGatewayV2::Integration":
			return t.function(p.Get("IntegrationUri"), depth+1)
		}
	}
	if match := arn.FindStringSubmatch(v.String()); match != nil {
		return match[1], match[2]
	}
	return v.String(), ""
}

func isFunction(r Resource) bool {
	return r.Type == "AWS::Serverless::Function" || r.Type == "AWS::Lambda::Function"
}

// Qualifier returns the alias or version in an ARN that is written out.
func Qualifier(v document.Value) string {
	if match := arn.FindStringSubmatch(v.String()); match != nil {
		return match[2]
	}
	return ""
}

// permitted reports whether a resource of the template permits a service to
// invoke the function by the same alias. A permission is for one alias.
func (t *Template) permitted(function document.Value) bool {
	id, qualifier := t.function(function, 0)
	for _, r := range t.Resources {
		principal := r.Properties.Get("Principal")
		serves := principal.Kind() == document.Expression || strings.HasPrefix(principal.Text(), "apigateway.") ||
			strings.HasPrefix(principal.Text(), "appsync.") || principal.Text() == "*"
		if r.Type != "AWS::Lambda::Permission" || !serves {
			continue
		}
		if ofID, of := t.function(r.Properties.Get("FunctionName"), 0); ofID == id && of == qualifier {
			return true
		}
	}
	return false
}
