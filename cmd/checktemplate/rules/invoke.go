package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/latchkey-auth/latchkey/internal/template/apis"
)

func invokeRules() []Rule {
	return []Rule{
		{Name: "authorizer-permission", Demands: "API Gateway may invoke a Lambda authorizer: by a role, or by a permission.", find: forbidden},
		{Name: "authorizer-alias", Demands: "An authorizer is named by an alias that Latchkey has: " + list(aliases()) + ".", find: unknownAliases},
	}
}

// aliases are those of Latchkey's authorizer.
func aliases() []string { return []string{"live", "checked", "optional"} }

// exported are the names under which Latchkey's stack exports its authorizer,
// without the name of the stack and a hyphen. Each says whether the export
// permits all APIs to invoke the authorizer.
func exported() map[string]bool {
	return map[string]bool{"AuthorizerArn": false, "AuthorizerCheckedArn": true, "AuthorizerOptionalArn": true}
}

func forbidden(api apis.API) []Finding {
	return ofLambdas(api, func(a apis.Authorizer) Finding {
		if a.Invocable || exported()[importedName(a)] {
			return Finding{}
		}
		return Finding{
			Fact:   "no role is named, and no permission given, by which it may be invoked",
			Breaks: "it is never asked, and every request to its routes is refused with an error",
			Mend: "name Latchkey's exported AuthorizerInvokeRoleArn (SAM: FunctionInvokeRole, plain: AuthorizerCredentialsArn, REST and OpenAPI: " +
				"AuthorizerCredentials), or give an AWS::Lambda::Permission",
		}
	})
}

func unknownAliases(api apis.API) []Finding {
	return ofLambdas(api, func(a apis.Authorizer) Finding {
		f := Finding{
			Line:   a.Function.Line(),
			Breaks: "the authorizer answers with an error when it is asked by another name, and an old version goes by old rules",
			Mend:   "name one of these, or the function alone",
		}
		name := importedName(a)
		if _, known := exported()[name]; name != "" && !known {
			f.Fact = fmt.Sprintf("Latchkey exports no %s, but %s", name, list(slices.Sorted(maps.Keys(exported()))))
		}
		if alias := apis.Qualifier(a.Function); alias != "" && !slices.Contains(aliases(), alias) {
			f.Fact = fmt.Sprintf("its function is named by %s, not by an alias that Latchkey has: %s", alias, list(aliases()))
		}
		return f
	})
}

// imported matches the export's name after that of the stack. The import may be
// written in any form.
var imported = regexp.MustCompile(`!ImportValue .*[-,\s}](Authorizer[A-Za-z0-9]*)`)

// importedName returns the name of the Latchkey export that the authorizer is
// or is meant to be, and otherwise nothing.
func importedName(a apis.Authorizer) string {
	if match := imported.FindStringSubmatch(a.Function.String()); match != nil {
		return match[1]
	}
	return ""
}
