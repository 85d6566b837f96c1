package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// signed is what a request says about its signature.
type signed struct {
	credential string
	headers    []string // names of the signed headers, in lower case
	signature  []byte
	time       time.Time
}

func parse(h http.Header) (signed, error) {
	values := h.Values("Authorization")
	if len(values) != 1 {
		return signed{}, fmt.Errorf("%w: not signed, or twice", ErrRefused)
	}
	rest, found := strings.CutPrefix(values[0], algorithm+" ")
	if !found {
		return signed{}, fmt.Errorf("%w: not signed by %s", ErrRefused, algorithm)
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	s := signed{credential: parts["Credential"], headers: strings.Split(parts["SignedHeaders"], ";")}
	var errSignature, errTime error
	s.signature, errSignature = hex.DecodeString(parts["Signature"])
	s.time, errTime = time.Parse(stamp, h.Get("X-Amz-Date"))
	if errSignature != nil || errTime != nil {
		return signed{}, fmt.Errorf("%w: the signature or its date cannot be read", ErrRefused)
	}
	return s, nil
}

// canonical returns the text that is signed for the request.
func (s signed) canonical(r *http.Request, body []byte) (string, error) {
	digest := sha256.Sum256(body)
	hash := hex.EncodeToString(digest[:])
	if said := r.Header.Get("X-Amz-Content-Sha256"); said != "" && said != hash {
		return "", fmt.Errorf("%w: the body is not the one that was signed", ErrRefused)
	}
	var headers strings.Builder
	for _, name := range s.headers {
		values, err := headerOf(r, name)
		if err != nil {
			return "", err
		}
		headers.WriteString(name + ":" + values + "\n")
	}
	parameters, err := query(r.URL)
	if err != nil {
		return "", err
	}
	return strings.Join([]string{
		r.Method, path(r.URL), parameters, headers.String(), strings.Join(s.headers, ";"), hash,
	}, "\n"), nil
}

// headerOf returns a header's values in the form that is signed.
func headerOf(r *http.Request, name string) (string, error) {
	values := r.Header.Values(name)
	switch {
	case name != strings.ToLower(name):
		return "", fmt.Errorf("%w: a signed header's name is not in lower case", ErrRefused)
	case name == "host":
		values = []string{r.Host}
	case name == "content-length" && len(values) == 0:
		values = []string{fmt.Sprint(r.ContentLength)} // the server removes it from the header
	case len(values) == 0:
		return "", fmt.Errorf("%w: the signed header %q is not there", ErrRefused, name)
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ","), nil
}

// path returns the path as it came, escaped once more. All services but S3 sign
// it so.
func path(u *url.URL) string {
	escaped := u.EscapedPath()
	if escaped == "" {
		return "/"
	}
	segments := strings.Split(escaped, "/")
	for i, segment := range segments {
		segments[i] = escape(segment)
	}
	return strings.Join(segments, "/")
}

// query returns the parameters sorted by name and then by value.
func query(u *url.URL) (string, error) {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", fmt.Errorf("%w: the query cannot be read", ErrRefused)
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range slices.Sorted(slices.Values(values[name])) {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(pairs, "&"), nil
}

// escape is RFC 3986's percent encoding of everything but unreserved characters.
func escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
