package apis

import (
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// Unread is a part that decides who may call and was not read.
type Unread struct {
	Line int
	What string
}

func (a *API) unread(v document.Value, what string) {
	if v.Kind() != document.Absent {
		a.Unread = append(a.Unread, Unread{Line: v.Line(), What: what})
	}
}

// written returns a part that has members of its own, and lists the
// expressions that stand for them as unread.
func (a *API) written(v document.Value, what string) document.Value {
	for _, expression := range expressions(v) {
		a.unread(expression, what+", an expression,")
	}
	return v
}

// expressions returns the intrinsic functions that stand for all members of v,
// or for some of them.
func expressions(v document.Value) []document.Value {
	if name, arg := v.Expression(); name != "" {
		if name == "Ref" && arg.Text() == "AWS::NoValue" {
			return nil
		}
		return []document.Value{v}
	}
	var found []document.Value
	for name, member := range v.Members() {
		if strings.HasPrefix(name, "Fn::") {
			found = append(found, member)
		}
	}
	return found
}

func opaque(v document.Value) bool { return len(expressions(v)) > 0 }
