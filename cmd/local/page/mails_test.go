package page_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/cmd/local/page"
	"github.com/latchkey-auth/latchkey/internal/mail"
)

// ask returns the mails that the page's API answers a caller with.
func ask(t *testing.T, b *page.Mailbox, from, query string) (int, []page.Mail) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/_local/mails"+query, nil)
	r.RemoteAddr = from
	w := httptest.NewRecorder()
	page.NewRecorder(time.Now, b).Handler(http.NotFoundHandler(), t.TempDir()).ServeHTTP(w, r)
	var mails []page.Mail
	if w.Code == http.StatusOK && json.Unmarshal(w.Body.Bytes(), &mails) != nil {
		t.Errorf("the mails are %s", w.Body)
	}
	return w.Code, mails
}

const here = "127.0.0.1:1234"

func letter(n int) mail.Message {
	return mail.Message{To: "ada@example.com", Subject: fmt.Sprint("mail ", n), Text: "open\n\nhttps://a.example/b?c=d&e=f\n", HTML: "<p>"}
}

// A mail is shown with its link, on the page and in the log, to this machine
// alone.
func TestMailsAreShown(t *testing.T) {
	var log strings.Builder
	now := time.Unix(1, 0).UTC()
	b := page.NewMailbox(func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	if code, mails := ask(t, b, here, ""); code != 200 || mails == nil || len(mails) != 0 {
		t.Errorf("at first %d, %v, want an empty list", code, mails)
	}
	if err := b.Send(t.Context(), letter(1)); err != nil {
		t.Fatal(err)
	}
	const link = "https://a.example/b?c=d&e=f"
	want := page.Mail{Time: now, To: "ada@example.com", Subject: "mail 1", Text: letter(1).Text, HTML: "<p>", Link: link}
	for _, from := range []string{here, "[::1]:1234", "[::ffff:127.0.0.1]:1"} {
		if code, mails := ask(t, b, from, ""); code != 200 || len(mails) != 1 || mails[0] != want {
			t.Errorf("%s is shown %d, %+v, want %+v", from, code, mails, want)
		}
	}
	for _, from := range []string{"192.0.2.1:1234", "", "@"} {
		if code, _ := ask(t, b, from, ""); code != http.StatusForbidden {
			t.Errorf("%q is answered %d, want 403", from, code)
		}
	}
	if !strings.Contains(log.String(), link) {
		t.Errorf("the log is %s, want the link in it", log.String())
	}
	for n := range 300 {
		b.Send(t.Context(), letter(n))
	}
	if _, mails := ask(t, b, here, ""); len(mails) != 200 || mails[199].Subject != "mail 299" {
		t.Errorf("%d mails are remembered, want the last 200", len(mails))
	}
}

// Who asks for mails after some is answered when there are more, or when ten
// seconds are over.
func TestMailsAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := page.NewMailbox(time.Now, slog.New(slog.DiscardHandler))
		got, start := make(chan int), time.Now()
		wait := func() { _, mails := ask(t, b, here, "?after=1"); got <- len(mails) }
		go wait()
		for range 2 {
			time.Sleep(time.Second)
			b.Send(t.Context(), letter(1))
		}
		if n, took := <-got, time.Since(start); n != 2 || took != 2*time.Second {
			t.Errorf("%d mails after %v, want 2 when the second is sent", n, took)
		}
		if _, mails := ask(t, b, here, "?after=0"); len(mails) != 2 || time.Since(start) != 2*time.Second {
			t.Errorf("%d mails after %v, want those that are there at once", len(mails), time.Since(start))
		}
		b = page.NewMailbox(time.Now, slog.New(slog.DiscardHandler))
		go wait()
		if n, took := <-got, time.Since(start); n != 0 || took != 12*time.Second {
			t.Errorf("%d mails after %v, want none after ten seconds more", n, took)
		}
	})
}
