package apis

import (
	"regexp"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// readFunction reads what leads to a function: its events and its URL.
func (r *reader) readFunction(resource Resource) {
	r.readEvents(resource)
	if url := r.written(resource.ID, resource.Properties.Get("FunctionUrlConfig"), "FunctionUrlConfig"); url.Kind() == document.Mapping {
		r.URLs = append(r.URLs, URL{Function: resource.ID, Line: url.Line(), Auth: url.Get("AuthType")})
	}
}

func (r *reader) readURL(resource Resource) {
	p := resource.Properties
	r.URLs = append(r.URLs, URL{Function: r.Function(p.Get("TargetFunctionArn")), Line: resource.Line, Auth: p.Get("AuthType")})
}

// arn matches the name and the qualifier of a function's ARN, also inside that
// of an integration.
var arn = regexp.MustCompile(`:function:([A-Za-z0-9_-]+|\$\{[^}]*\})(?::([A-Za-z0-9$_-]+|\$\{[^}]*\}))?`)

// Function returns the logical id of the function that v points at by its name,
// its ARN, an alias, a version or an integration, and otherwise its name in an
// ARN, or the value written on one line.
func (t *Template) Function(v document.Value) string { return t.function(v, 0) }

func (t *Template) function(v document.Value, depth int) string {
	for _, id := range v.References() {
		resource := t.resource(id)
		for _, property := range []string{"FunctionName", "IntegrationUri"} { // of an alias or version; of an integration
			if to := resource.Properties.Get(property); to.Kind() != document.Absent && depth < maxDepth && !isFunction(resource) {
				return t.function(to, depth+1)
			}
		}
		if isFunction(resource) {
			return id
		}
	}
	if match := arn.FindStringSubmatch(v.String()); match != nil {
		return match[1]
	}
	return v.String()
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
// invoke the function.
func (t *Template) permitted(function document.Value) bool {
	for _, r := range t.Resources {
		principal := r.Properties.Get("Principal")
		serves := principal.Kind() == document.Expression || strings.HasPrefix(principal.Text(), "apigateway.") ||
			strings.HasPrefix(principal.Text(), "appsync.") || principal.Text() == "*"
		if r.Type == "AWS::Lambda::Permission" && serves && t.Function(r.Properties.Get("FunctionName")) == t.Function(function) {
			return true
		}
	}
	return false
}
