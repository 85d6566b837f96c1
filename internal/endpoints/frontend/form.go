package frontend

import (
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
)

// maxForm is the longest sign-up or sign-in body in bytes.
const maxForm = 8 << 10

// credentials reads the tenant and the form of a sign-up or sign-in, and
// refuses what another site's page sent, or leaves its cookies out of account.
func (s *Service) credentials(r *web.Request) (accounts.Credentials, error) {
	var err error
	if r.FDI, err = s.Protocol.SignIn(r.FDI); err != nil {
		return accounts.Credentials{}, err
	}
	tenant, err := s.Tenants.Named(r.Path["tenantId"])
	if err != nil {
		return accounts.Credentials{}, err
	}
	c, err := form(r)
	c.Tenant, c.Source = tenant, r.Source
	return c, err
}

// form reads the form fields. The words of its errors are those that
// SuperTokens' backends use. A field that is not there is left empty, which
// accounts reports by its name. One that is unknown or there twice is refused:
// which of two passwords counts would be a guess.
func form(r *web.Request) (accounts.Credentials, error) {
	const tooMany = web.Invalid("Are you sending too many formFields?")
	var c accounts.Credentials
	var body map[string]any
	if err := r.JSON(maxForm, &body); err != nil {
		return c, err
	}
	given, there := body["formFields"]
	fields, isList := given.([]any)
	switch {
	case !there:
		return c, web.Invalid("Missing input param: formFields")
	case !isList:
		return c, web.Invalid("formFields must be an array")
	case len(fields) > 2:
		return c, tooMany
	}
	for _, field := range fields {
		members, isObject := field.(map[string]any)
		id, isID := members["id"].(string)
		value, there := members["value"]
		text, isText := value.(string)
		switch {
		case !isObject:
			return c, web.Invalid("All elements of formFields must be an object")
		case !isID || !there:
			return c, web.Invalid("All elements of formFields must contain an 'id' and 'value' field")
		case id != accounts.FieldEmail && id != accounts.FieldPassword:
			return c, tooMany
		case !isText:
			return c, web.Invalid(id + " value must be a string")
		case id == accounts.FieldEmail && c.Email == "":
			c.Email = text
		case id == accounts.FieldPassword && c.Password == "":
			c.Password = accounts.Secret(text)
		default:
			return c, tooMany
		}
	}
	return c, nil
}
