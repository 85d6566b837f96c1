package fdi

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Config says how an API hands out its cookies and whose pages may use them.
type Config struct {
	Secure      bool     // the API is reached by https only; false is for local runs
	Domain      string   // Domain of the cookies; "" means none, so that only the API's own host receives them
	SameSite    string   // lax, strict or none; "" means lax; none needs Secure
	BasePath    string   // where the session endpoints are; "" means /auth
	GatewayPath string   // path before BasePath as the browser sees it (a base path mapping); "" means none
	Origins     []string // exact origins of pages and apps that may use cookie tokens
}

// Protocol is a checked Config. It is immutable and safe for concurrent use.
type Protocol struct {
	attributes  string   // of every cookie, at its end
	domain      string   // of the cookies that are set; "" for those of the API's own host
	replaced    []string // other domains, from which cookies are only taken back
	refreshPath string
	origins     []string
}

// New checks cfg and returns all its faults together.
func New(cfg Config) (*Protocol, error) {
	base := cfg.BasePath
	if base == "" {
		base = "/auth"
	}
	sameSite, errSite := sameSiteOf(cfg)
	errs := []error{errSite, checkDomain(cfg.Domain), checkPath("base path", base)}
	if cfg.GatewayPath != "" {
		errs = append(errs, checkPath("gateway path", cfg.GatewayPath))
	}
	for _, origin := range cfg.Origins {
		errs = append(errs, checkOrigin(origin))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	p := &Protocol{
		attributes:  "; HttpOnly",
		domain:      strings.TrimPrefix(cfg.Domain, "."),
		refreshPath: cfg.GatewayPath + base + "/session/refresh",
		origins:     slices.Clone(cfg.Origins),
	}
	if p.domain != "" {
		p.replaced = []string{""} // of before there was a Domain
	}
	if cfg.Secure {
		p.attributes += "; Secure"
	}
	p.attributes += "; SameSite=" + sameSite
	return p, nil
}

// Replacing returns a protocol that also takes back the cookies of these
// domains, which were Config.Domain before: a browser keeps a cookie of the
// same name for each domain, and sends them all. Texts that are not domains are
// left out.
func (p *Protocol) Replacing(domains []string) *Protocol {
	more := *p
	more.replaced = slices.Clone(p.replaced)
	for _, domain := range domains {
		domain = strings.TrimPrefix(domain, ".")
		known := domain == p.domain || slices.Contains(more.replaced, domain)
		if !known && checkDomain(domain) == nil {
			more.replaced = append(more.replaced, domain)
		}
	}
	return &more
}

// sameSiteOf returns the value of the attribute. Browsers drop a cookie that
// has None and lacks Secure, so that is a fault.
func sameSiteOf(cfg Config) (string, error) {
	switch cfg.SameSite {
	case "", "lax":
		return "Lax", nil
	case "strict":
		return "Strict", nil
	case "none":
		if !cfg.Secure {
			return "", errors.New("fdi: same-site none needs secure cookies")
		}
		return "None", nil
	}
	return "", fmt.Errorf("fdi: same-site %q is none of lax, strict, none", cfg.SameSite)
}

// checkDomain refuses a text that could end the attribute or is not a host
// name. "" passes.
func checkDomain(domain string) error {
	if domain == "" {
		return nil
	}
	for label := range strings.SplitSeq(strings.TrimPrefix(domain, "."), ".") {
		if label == "" || !only(label, "abcdefghijklmnopqrstuvwxyz0123456789-") {
			return fmt.Errorf("fdi: cookie domain %q is no host name in lower case", domain)
		}
	}
	return nil
}

// checkPath refuses a path that could end the attribute, or that a browser
// would not match as it is written.
func checkPath(name, path string) error {
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		ok := only(segment, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")
		if !ok || segment == "" || segment == "." || segment == ".." || path[0] != '/' {
			return fmt.Errorf("fdi: %s %q is not of the form /a/b", name, path)
		}
	}
	return nil
}

// checkOrigin accepts an origin exactly as browsers send it. The origin of a
// page has a scheme, a host in lower case and ASCII, a port unless it is the
// scheme's own, and nothing else. That of an app or an extension has a scheme
// of its own and a host, such as capacitor://localhost.
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" || origin != u.Scheme+"://"+u.Host || !(ofPage(u) || ofApp(u)) {
		return fmt.Errorf("fdi: origin %q is not https://host, https://host:port or an app's scheme://host", origin)
	}
	return nil
}

func ofPage(u *url.URL) bool {
	return (u.Scheme == "https" || u.Scheme == "http") && !strings.ContainsFunc(u.Host, neverInHost) && plainPort(u)
}

// ofApp reports whether the scheme can be an app's own. Browsers write its host
// unchanged. A scheme that browsers know is not an app's: they write its origin
// in another way.
func ofApp(u *url.URL) bool {
	switch u.Scheme {
	case "http", "https", "ws", "wss", "ftp", "file", "data", "blob", "about", "javascript":
		return false
	}
	return only(u.Host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
}

// neverInHost reports whether browsers never write the letter in a host.
func neverInHost(r rune) bool {
	return r > unicode.MaxASCII || unicode.IsUpper(r) || r == '*' || r == ','
}

// plainPort reports whether the port is written as browsers write it: not at
// all if it is the scheme's own.
func plainPort(u *url.URL) bool {
	port := u.Port()
	if port == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	own := u.Scheme == "https" && n == 443 || u.Scheme == "http" && n == 80
	return err == nil && n > 0 && !own && strconv.FormatUint(n, 10) == port
}

func only(s, alphabet string) bool {
	return strings.Trim(s, alphabet) == ""
}
