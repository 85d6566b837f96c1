package authorizer

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// event is what is read from an event of any kind. Other members are skipped,
// because the gateway may add some at any time. Names, types and meaning are
// from
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
// and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html.
type event struct {
	version, typ        string // "2.0", "1.0" or none; TOKEN or REQUEST
	methodARN, routeARN string
	authorizationToken  string // of TOKEN events
	httpMethod          string
	resource, routeKey  string // what the gateway matched
	headers             headers
	multiValueHeaders   headers
	cookies             []string // of payload format 2.0
	context             eventContext
}

// eventContext is what is read from the member requestContext.
type eventContext struct {
	apiID, eventType       string
	routeKey, resourcePath string
	httpMethod             string
	method                 string // of its member http
}

// decodeEvent reads an event token by token. That takes half the time of a
// general decoder, and every request waits for it. The error is ErrEvent. It
// quotes nothing of the event, which has a token in it.
func decodeEvent(payload []byte) (*event, error) {
	e := &event{}
	d := decoder{jsontext.NewDecoder(bytes.NewBuffer(payload),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	if err := d.object(e.member); err != nil {
		return nil, fmt.Errorf("%w: no JSON object of the known types", ErrEvent)
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, fmt.Errorf("%w: more than one value", ErrEvent)
	}
	return e, nil
}

func (e *event) member(d decoder, name []byte) error {
	switch string(name) {
	case "version":
		return d.text(&e.version)
	case "type":
		return d.text(&e.typ)
	case "methodArn":
		return d.text(&e.methodARN)
	case "routeArn":
		return d.text(&e.routeARN)
	case "authorizationToken":
		return d.text(&e.authorizationToken)
	case "httpMethod":
		return d.text(&e.httpMethod)
	case "resource":
		return d.text(&e.resource)
	case "routeKey":
		return d.text(&e.routeKey)
	case "headers":
		return d.object(e.headers.member)
	case "multiValueHeaders":
		return d.object(e.multiValueHeaders.member)
	case "cookies":
		return d.texts(&e.cookies)
	case "requestContext":
		return d.object(e.context.member)
	}
	return d.SkipValue()
}

func (c *eventContext) member(d decoder, name []byte) error {
	switch string(name) {
	case "apiId":
		return d.text(&c.apiID)
	case "eventType":
		return d.text(&c.eventType)
	case "routeKey":
		return d.text(&c.routeKey)
	case "resourcePath":
		return d.text(&c.resourcePath)
	case "httpMethod":
		return d.text(&c.httpMethod)
	case "http":
		return d.object(func(d decoder, name []byte) error {
			if string(name) == "method" {
				return d.text(&c.method)
			}
			return d.SkipValue()
		})
	}
	return d.SkipValue()
}

// decoder reads the few shapes that events are made of. A null is an absent
// value.
type decoder struct{ *jsontext.Decoder }

// object calls member for each name of an object. member reads the value.
func (d decoder) object(member func(d decoder, name []byte) error) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	if err := d.expect('{'); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.name()
		if err != nil {
			return err
		}
		if err := member(d, name); err != nil {
			return err
		}
	}
	return d.expect('}')
}

// name returns the next name, which is valid until the next read.
func (d decoder) name() ([]byte, error) {
	quoted, err := d.ReadValue()
	if err != nil {
		return nil, err
	}
	return unquote(quoted)
}

// text reads a string.
func (d decoder) text(into *string) error {
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	switch value.Kind() {
	case '"':
		text, err := unquote(value)
		*into = string(text)
		return err
	case 'n':
		return nil
	}
	return ErrEvent
}

// unquote returns what a string says. Most have no escapes and need no copy.
func unquote(quoted []byte) ([]byte, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	return jsontext.AppendUnquote(nil, quoted)
}

// texts appends a string, or an array of strings.
func (d decoder) texts(into *[]string) error {
	switch d.PeekKind() {
	case 'n':
		return d.SkipValue()
	case '[':
	default:
		*into = append(*into, "")
		return d.text(&(*into)[len(*into)-1])
	}
	if err := d.expect('['); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		*into = append(*into, "")
		if err := d.text(&(*into)[len(*into)-1]); err != nil {
			return err
		}
	}
	return d.expect(']')
}

func (d decoder) expect(kind jsontext.Kind) error {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != kind {
		err = ErrEvent
	}
	return err
}
