package frontend

import (
	"slices"

	"github.com/latchkey-auth/latchkey/internal/web"
)

// maxForm is the longest body with a form, in bytes.
const maxForm = 8 << 10

// form reads the tenant, and the fields of these ids. Its errors have the words
// of SuperTokens' backends. A missing field is left out, and package accounts
// reports it by its name. A field that is unknown or there twice is refused: to
// choose one of two passwords would be a guess.
func (s *Service) form(r *web.Request, ids ...string) (tenant string, values map[string]string, err error) {
	const tooMany = web.Invalid("Are you sending too many formFields?")
	if tenant, err = s.Tenants.Named(r.Path["tenantId"]); err != nil {
		return "", nil, err
	}
	var body map[string]any
	if err := r.JSON(maxForm, &body); err != nil {
		return "", nil, err
	}
	given, there := body["formFields"]
	fields, isList := given.([]any)
	switch {
	case !there:
		return "", nil, web.Invalid("Missing input param: formFields")
	case !isList:
		return "", nil, web.Invalid("formFields must be an array")
	case len(fields) > len(ids):
		return "", nil, tooMany
	}
	values = map[string]string{}
	for _, field := range fields {
		members, isObject := field.(map[string]any)
		id, isID := members["id"].(string)
		value, there := members["value"]
		text, isText := value.(string)
		_, twice := values[id]
		switch {
		case !isObject:
			return "", nil, web.Invalid("All elements of formFields must be an object")
		case !isID || !there:
			return "", nil, web.Invalid("All elements of formFields must contain an 'id' and 'value' field")
		case !slices.Contains(ids, id), twice:
			return "", nil, tooMany
		case !isText:
			return "", nil, web.Invalid(id + " value must be a string")
		}
		values[id] = text
	}
	return tenant, values, nil
}

// mailed reads the token of a mailed link from the body.
func mailed(r *web.Request, of string) (string, error) {
	var body map[string]any
	if err := r.JSON(maxForm, &body); err != nil {
		return "", err
	}
	given, there := body["token"]
	text, isText := given.(string)
	switch {
	case !there:
		return "", web.Invalid("Please provide the " + of + " token")
	case !isText:
		return "", web.Invalid("The " + of + " token must be a string")
	}
	return text, nil
}
