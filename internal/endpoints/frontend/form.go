package frontend

import (
	"encoding/json"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
)

// maxForm is the longest sign-up or sign-in body in bytes.
const maxForm = 8 << 10

// credentials reads the tenant and the form of a sign-up or sign-in, and
// refuses what another site's page sent.
func (s *Service) credentials(r *web.Request) (accounts.Credentials, error) {
	if err := s.Protocol.CheckSite(r.FDI); err != nil {
		return accounts.Credentials{}, err
	}
	tenant, err := s.Tenants.Named(r.Path("tenantId"))
	if err != nil {
		return accounts.Credentials{}, err
	}
	c, err := form(r)
	c.Tenant, c.Source = tenant, r.Source()
	return c, err
}

// form reads the form fields. The words of its errors are those that
// SuperTokens' backends use. A field that is not there is left empty, which
// accounts reports by its name.
func form(r *web.Request) (accounts.Credentials, error) {
	var c accounts.Credentials
	var body map[string]json.RawMessage
	if err := r.JSON(maxForm, &body); err != nil {
		return c, err
	}
	text, there := body["formFields"]
	if !there {
		return c, web.Invalid("Missing input param: formFields")
	}
	var fields []json.RawMessage
	if err := jsonv2.Unmarshal(text, &fields); err != nil || fields == nil {
		return c, web.Invalid("formFields must be an array")
	}
	if len(fields) > 2 {
		return c, errTooMany
	}
	for _, text := range fields {
		if err := field(text, &c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// errTooMany is the answer to a field that is unknown or there twice. Which of
// two passwords counts would be a guess.
const errTooMany = web.Invalid("Are you sending too many formFields?")

// field reads one form field into the credentials, where it must not be yet.
func field(text json.RawMessage, c *accounts.Credentials) error {
	var members map[string]json.RawMessage
	if err := jsonv2.Unmarshal(text, &members); err != nil || members == nil {
		return web.Invalid("All elements of formFields must be an object")
	}
	var id string
	if jsonv2.Unmarshal(members["id"], &id) != nil || members["value"] == nil {
		return web.Invalid("All elements of formFields must contain an 'id' and 'value' field")
	}
	var value string
	isText := members["value"][0] == '"' && jsonv2.Unmarshal(members["value"], &value) == nil
	switch {
	case id != accounts.FieldEmail && id != accounts.FieldPassword:
		return errTooMany
	case !isText:
		return web.Invalid(id + " value must be a string")
	case id == accounts.FieldEmail && c.Email == "":
		c.Email = value
	case id == accounts.FieldPassword && c.Password == "":
		c.Password = accounts.Secret(value)
	default:
		return errTooMany
	}
	return nil
}
