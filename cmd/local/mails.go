package main

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
	"github.com/latchkey-auth/latchkey/internal/mail"
	"github.com/latchkey-auth/latchkey/internal/template"
)

// The parameters of mails.
const (
	mailFrom      = "MailFrom"
	websiteDomain = "WebsiteDomain"
)

// withMails adds the parameters of mails to those that were set of a template
// that has them, so that mails work as it stands: they come from this machine,
// and lead to the first origin that links may lead to. An empty MailFrom that
// was set means none.
func withMails(t *template.Template, set map[string]string) {
	defaults := map[string]string{}
	for _, p := range t.Parameters() {
		defaults[p.Name] = p.Default
	}
	from, told := set[mailFrom]
	if _, there := defaults[mailFrom]; !there || told && from == "" {
		return
	}
	origins, told := set["AllowedOrigins"]
	if !told {
		origins = defaults["AllowedOrigins"]
	}
	if _, told := set[websiteDomain]; !told {
		set[websiteDomain] = firstWebsite(origins)
	}
	if set[mailFrom] == "" && set[websiteDomain] != "" {
		set[mailFrom] = "latchkey@localhost"
	}
}

// firstWebsite returns the first of the origins that links in mails may lead
// to, "" if there is none.
func firstWebsite(origins string) string {
	website := regexp.MustCompile(`^(https://.+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)$`)
	for origin := range strings.SplitSeq(origins, ",") {
		if website.MatchString(origin) {
			return origin
		}
	}
	return ""
}

// requests hands requests to the mail function of a local run. As Lambda does,
// it runs the function apart from the call that asks for it.
type requests struct {
	functions *invoke.Functions
	function  string
}

// Request implements mail.Requests. What the function fails with it has logged
// itself; nothing is tried again here.
func (r requests) Request(ctx context.Context, q mail.Request) error {
	event, err := json.Marshal(q)
	if err != nil {
		return err
	}
	go r.functions.Invoke(context.WithoutCancel(ctx), r.function, event)
	return nil
}
