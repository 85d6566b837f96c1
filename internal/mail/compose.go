package mail

import (
	"embed"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	text "text/template"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

//go:embed templates
var files embed.FS

// A mail is two files of one name. The file that ends in .txt also defines the
// subject.
var (
	texts = text.Must(text.ParseFS(files, "templates/*.txt"))
	pages = template.Must(template.ParseFS(files, "templates/*.html"))
)

// paths are where the pages of SuperTokens' frontends expect tokens, below the
// origin of the website.
var paths = map[accounts.Purpose]string{
	accounts.ResetPassword: "/auth/reset-password",
	accounts.VerifyEmail:   "/auth/verify-email",
}

// content is what the templates may use.
type content struct {
	Link  string
	Email string // of the account
	Site  string // the host of the website
}

// compose returns the mail with the link of the token.
func compose(website string, p accounts.Purpose, u accounts.User, token accounts.Secret) (Message, error) {
	query := "?token=" + url.QueryEscape(string(token)) + "&tenantId=" + url.QueryEscape(u.Tenant)
	_, site, _ := strings.Cut(website, "://")
	c := content{Link: website + paths[p] + query, Email: u.Email, Site: site}
	var subject, plain, page strings.Builder
	if err := texts.ExecuteTemplate(&subject, string(p)+" subject", c); err != nil {
		return Message{}, fmt.Errorf("mail: %w", err)
	}
	if err := texts.ExecuteTemplate(&plain, string(p)+".txt", c); err != nil {
		return Message{}, fmt.Errorf("mail: %w", err)
	}
	if err := pages.ExecuteTemplate(&page, string(p)+".html", c); err != nil {
		return Message{}, fmt.Errorf("mail: %w", err)
	}
	return Message{To: u.Email, Subject: subject.String(), Text: plain.String(), HTML: page.String()}, nil
}
