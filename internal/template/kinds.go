package template

// Kind is the kind of an API.
type Kind int

// The kinds of API.
const (
	HTTP Kind = iota
	REST
	WebSocket
)

// GatewayResponse is what a REST API answers by itself in one kind of case.
type GatewayResponse struct {
	Status  int               // 0: the case's own
	Headers map[string]string // fixed values by name
	Body    string            // may hold $context variables; "": the gateway's own
}

// Mapping is a path of a custom domain and the API that is behind it.
type Mapping struct {
	Path string // "" or of the form /shop
	API  string // logical id, or what was imported
}

// Import sets what Fn::ImportValue gives, by the exports' names without the
// name of the stack and the hyphen after it: the stack that exports them goes
// by another name here.
func (t *Template) Import(exports map[string]string) { t.exports = exports }

// Imports reports whether the template imports anything from another stack.
func (t *Template) Imports() bool { return imports(t.resources) }

func imports(v any) bool {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if imports(item) {
				return true
			}
		}
	case object:
		if _, found := v.of["Fn::ImportValue"]; found {
			return true
		}
		for _, member := range v.of {
			if imports(member) {
				return true
			}
		}
	}
	return false
}
