package apis

import (
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// Unread is a part that decides who may call and was not read.
type Unread struct {
	Line     int
	Resource string
	What     string
}

func (t *Template) unread(resource string, v document.Value, what string) {
	if v.Kind() != document.Absent {
		t.Unread = append(t.Unread, Unread{Line: v.Line(), Resource: resource, What: what})
	}
}

// written returns a part that has members of its own. It lists the expressions
// in their place as unread.
func (t *Template) written(resource string, v document.Value, what string) document.Value {
	if v.Kind() == document.Expression {
		t.unread(resource, v, what+", an expression,")
	}
	for name, member := range v.Members() {
		if strings.HasPrefix(name, "Fn::") {
			t.unread(resource, member, what+", which has "+name+",")
		}
	}
	return v
}

// readTransforms lists the macros of the template, except SAM and
// CloudFormation's extensions. Their expressions are listed where they are
// written.
func (t *Template) readTransforms(transform document.Value) {
	for _, macro := range transform.Texts() {
		if name := macro.Text(); name != "AWS::Serverless-2016-10-31" && name != "AWS::LanguageExtensions" {
			t.unread("template", macro, "what the macro "+macro.String()+" makes of it")
		}
	}
}

// readType lists a resource whose type makes resources elsewhere, or is an
// unknown way to functions.
func (t *Template) readType(r Resource, resource document.Value) {
	service, name := cut(r.Type)
	target := r.Properties.Get("TargetType").Text() + r.Properties.Get("Type").Text()
	switch names, door := doors()[service]; {
	case name == "MODULE", slices.Contains(elsewhere(), r.Type):
		t.unread(r.ID, resource, "a template of its own ("+r.Type+")")
	case door && !slices.Contains(strings.Fields(names), name):
		t.unread(r.ID, resource, "a way to functions of a type that is not known ("+r.Type+")")
	case name == "TargetGroup" && strings.EqualFold(target, "lambda"):
		t.unread(r.ID, resource, "a way to functions past all APIs ("+r.Type+")")
	}
}

// decides reports whether resources of the type can decide who may call. Those
// of other types make no difference.
func decides(kind string) bool {
	service, name := cut(kind)
	_, door := doors()[service]
	return door || slices.Contains(elsewhere(), kind) || service == "AWS::Lambda" || name == "TargetGroup" || name == "MODULE"
}

// cut returns the two parts of a resource's type.
func cut(kind string) (service, name string) {
	i := max(strings.LastIndex(kind, "::"), 0)
	return kind[:i], strings.TrimPrefix(kind[i:], "::")
}

// elsewhere returns the types of resources that contain more resources.
func elsewhere() []string {
	return []string{
		"AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet", "AWS::Serverless::Application",
		"AWS::ServiceCatalog::CloudFormationProvisionedProduct",
	}
}

// doors returns the services whose resources are ways to functions. Each has
// the names of those types that are read or decide nothing.
func doors() map[string]string {
	return map[string]string{
		"AWS::Serverless": "Api HttpApi WebSocketApi GraphQLApi Function StateMachine SimpleTable LayerVersion Connector CapacityProvider",
		"AWS::ApiGateway": "Account ApiKey Authorizer BasePathMapping BasePathMappingV2 ClientCertificate Deployment DocumentationPart " +
			"DocumentationVersion DomainName DomainNameAccessAssociation DomainNameV2 GatewayResponse Method Model RequestValidator " +
			"Resource RestApi Stage UsagePlan UsagePlanKey VpcLink",
		"AWS::ApiGatewayV2": "Api ApiMapping Authorizer Deployment DomainName Integration IntegrationResponse Model Route RouteResponse " +
			"RoutingRule Stage VpcLink",
		"AWS::AppSync": "Api ApiCache ApiKey ChannelNamespace DataSource DomainName DomainNameApiAssociation FunctionConfiguration " +
			"GraphQLApi GraphQLSchema Resolver",
	}
}

// readEventType lists an event of an unknown type: it may be a way in.
func (t *Template) readEventType(function, name string, event document.Value) {
	if kind := event.Get("Type"); kind.Kind() != document.Absent && !slices.Contains(strings.Fields(sources), kind.Text()) {
		t.unread(function, event, "event "+name+" of a type that is not known ("+kind.String()+")")
	}
}

// sources are the types of events that nobody outside can cause.
const sources = "AlexaSkill CloudWatchEvent CloudWatchLogs Cognito DocumentDB DynamoDB EventBridgeRule IoTRule Kinesis MQ MSK S3 SNS SQS " +
	"Schedule ScheduleV2 SelfManagedKafka"
