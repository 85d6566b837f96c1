package page

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/internal/mail"
)

var _ mail.Sender = (*Mailbox)(nil)

// Mail is what is shown of one mail.
type Mail struct {
	Time    time.Time `json:"time"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Link    string    `json:"link"` // the one in the text
}

// Mailbox is where mails of a local run end: on the page and in the log. It is
// safe for concurrent use.
type Mailbox struct {
	now func() time.Time
	log *slog.Logger

	mu    sync.Mutex
	mails []Mail
	sent  int           // mails in all
	more  chan struct{} // closed by the next mail
}

// NewMailbox returns an empty one.
func NewMailbox(now func() time.Time, log *slog.Logger) *Mailbox {
	return &Mailbox{now: now, log: log, mails: []Mail{}, more: make(chan struct{})}
}

// Send implements mail.Sender.
func (b *Mailbox) Send(ctx context.Context, m mail.Message) error {
	link := regexp.MustCompile(`https?://\S+`).FindString(m.Text)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails = append(b.mails, Mail{Time: b.now(), To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Link: link})
	b.mails = b.mails[max(0, len(b.mails)-kept):]
	b.sent++
	close(b.more)
	b.more = make(chan struct{})
	b.log.InfoContext(ctx, "mail", "to", m.To, "subject", m.Subject, "link", link)
	return nil
}

// patience is how long an answer waits for a mail.
const patience = 10 * time.Second

// after returns the mails that are remembered, once there were more than n in
// all or nobody waits any more.
func (b *Mailbox) after(ctx context.Context, n int) []Mail {
	for {
		b.mu.Lock()
		mails, enough, more := slices.Clone(b.mails), b.sent > n, b.more
		b.mu.Unlock()
		if enough || n < 0 {
			return mails
		}
		select {
		case <-more:
		case <-ctx.Done():
			return mails
		}
	}
}

// ServeHTTP answers with the mails, the oldest first. With the parameter
// `after` it waits until there were more than so many, ten seconds at most, so
// that a test need not ask again and again. The links let in who has them, so
// no other machine may ask.
func (b *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !from.Addr().Unmap().IsLoopback() {
		http.Error(w, "Mails are shown on the machine that they were sent on.", http.StatusForbidden)
		return
	}
	n, err := strconv.Atoi(r.URL.Query().Get("after"))
	if err != nil {
		n = -1
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	mails := b.after(ctx, n)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(mails)
}
