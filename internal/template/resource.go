package template

import (
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

const functionPrefix = "arn:aws:lambda:" + Region + ":" + Account + ":function:"

// FunctionARN returns the ARN of a function of a local stack, without an alias.
func FunctionARN(id string) string { return functionPrefix + id }

// functionOf returns the logical id in a function's ARN, followed by a colon
// and the alias if one is named. The ARN may be inside that of an integration.
func functionOf(arn string) (name string, ok bool) {
	_, name, ok = strings.Cut(arn, functionPrefix)
	name, _, _ = strings.Cut(name, "/")
	return name, ok
}

// name returns what a reference to a resource evaluates to. Functions and APIs
// have their logical id as name here. Every other name is made from the logical
// id.
func (r *reader) name(id, attribute string) (string, bool) {
	id, alias := strings.CutSuffix(id, ".Alias")
	for _, resource := range r.declared.Resources {
		if resource.ID == id {
			if name := resource.Properties.Get("AutoPublishAlias"); alias {
				return FunctionARN(id) + ":" + r.text(name), name.Kind() != document.Absent
			}
			return r.nameOf(resource, attribute)
		}
	}
	return "", false
}

func (r *reader) nameOf(resource apis.Resource, attribute string) (string, bool) {
	id := resource.ID
	switch resource.Type + " " + attribute {
	case "AWS::Serverless::Function Arn", "AWS::Lambda::Function Arn":
		return FunctionARN(id), true
	case "AWS::Lambda::Alias ", "AWS::Lambda::Alias AliasArn":
		p := resource.Properties
		return FunctionARN(r.declared.Function(p.Get("FunctionName"))) + ":" + r.text(p.Get("Name")), true
	case "AWS::Lambda::Version ", "AWS::Lambda::Version FunctionArn":
		return FunctionARN(r.declared.Function(resource.Properties.Get("FunctionName"))) + ":1", true
	case "AWS::DynamoDB::Table Arn":
		return "arn:aws:dynamodb:" + Region + ":" + Account + ":table/" + Name + "-" + id, true
	case "AWS::IAM::ManagedPolicy ", "AWS::IAM::ManagedPolicy PolicyArn":
		return "arn:aws:iam::" + Account + ":policy/" + Name + "-" + id, true
	case "AWS::IAM::Role Arn":
		return "arn:aws:iam::" + Account + ":role/" + Name + "-" + id, true
	}
	switch service, _, _ := strings.Cut(strings.TrimPrefix(resource.Type, "AWS::"), "::"); {
	case attribute != "":
		return "", false
	case service == "Serverless", service == "ApiGatewayV2", service == "ApiGateway", resource.Type == "AWS::Lambda::Function":
		return id, true
	}
	return Name + "-" + id, true
}

// functions returns the functions with their environments.
func (r *reader) functions() []Function {
	var functions []Function
	for _, resource := range r.declared.Resources {
		if resource.Type != "AWS::Serverless::Function" && resource.Type != "AWS::Lambda::Function" {
			continue
		}
		// Lambda's own default and limit, in seconds.
		timeout := time.Duration(r.number(resource.Properties.Get("Timeout"), 3, 900)) * time.Second
		fn := Function{ID: resource.ID, Environment: map[string]string{}, Timeout: timeout}
		for name, value := range r.mapping(resource.Properties.Get("Environment").Get("Variables")).Members() {
			fn.Environment[name] = r.text(value)
		}
		functions = append(functions, fn)
	}
	return functions
}

// mappings returns the paths of the custom domain.
func (r *reader) mappings() []Mapping {
	var mappings []Mapping
	domain, taken := "", map[string]bool{}
	for _, resource := range r.declared.Resources {
		p := resource.Properties
		if resource.Type != "AWS::ApiGatewayV2::ApiMapping" {
			continue
		}
		r.only(p, "ApiId", "DomainName", "Stage", "ApiMappingKey")
		m := Mapping{API: r.text(p.Get("ApiId"))}
		if key := r.text(p.Get("ApiMappingKey")); key != "" {
			m.Path = "/" + key
		}
		name := r.text(p.Get("DomainName"))
		if domain != "" && name != domain {
			r.fault(p.Get("DomainName"), "there is a mapping of another domain; one is served here")
		}
		if domain = name; taken[m.Path] {
			r.fault(p, "there is a mapping of that path already")
		}
		taken[m.Path] = true
		mappings = append(mappings, m)
	}
	return mappings
}
