package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// walk is one walk along the path.
type walk struct {
	api     string   // without a slash at its end
	origin  string   // the first of origins
	origins []string // whose pages may call
	account account
	client  *http.Client
	out     io.Writer

	checked, wrong int
	made           bool // the account was signed up
	open           []*session
}

// session is a session that was begun.
type session struct {
	access, refresh string
	cookie          bool // else the access token goes into a header
}

// run checks every fact, ends the sessions that are still open, and returns
// whether all was well.
func (w *walk) run(ctx context.Context) bool {
	w.strangers(ctx)
	w.inCookies(ctx)
	w.inHeaders(ctx)
	if ctx.Err() != nil {
		fmt.Fprintln(w.out, "interrupted")
	}
	fmt.Fprintf(w.out, "\n%d facts checked, %d failed\n", w.checked, w.wrong)
	return w.cleanUp() && w.wrong == 0 && ctx.Err() == nil
}

// fact prints whether the fact holds, and if not what that means. It returns
// whether what builds on it can be checked.
func (w *walk) fact(err error, fact, meaning string) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	w.checked++
	if err == nil {
		fmt.Fprintln(w.out, "ok     ", fact)
		return true
	}
	w.wrong++
	fmt.Fprintf(w.out, "FAILED  %s\n        %s\n        %s\n", fact, strings.ReplaceAll(err.Error(), "\n", "; "), meaning)
	return false
}

// enter signs in, or up the first time if the account is not known. The mode
// is cookie or header.
func (w *walk) enter(ctx context.Context, mode string) (*session, answer) {
	path := "/auth/signin"
	if !w.account.known && !w.made {
		path = "/auth/signup"
	}
	a := w.do(ctx, "POST", path, w.account.form(), with("St-Auth-Mode", mode)).want(200).status("OK")
	s := a.session()
	if a.err == nil {
		w.made = !w.account.known
		w.open = append(w.open, s)
	}
	return s, a
}

// signOut ends the session.
func (w *walk) signOut(ctx context.Context, s *session) answer {
	a := w.do(ctx, "POST", "/auth/signout", "", s.dress).want(200).status("OK")
	if a.err == nil {
		w.close(s)
	}
	return a
}

// close takes the session off those that are open.
func (w *walk) close(s *session) {
	var rest []*session
	for _, one := range w.open {
		if one != s {
			rest = append(rest, one)
		}
	}
	w.open = rest
}

// cleanUp ends the sessions that are open, after an interrupt too, and says
// what stays. It returns whether all of them ended.
func (w *walk) cleanUp() bool {
	for _, s := range w.open {
		if err := w.signOut(context.Background(), s).err; err != nil {
			fmt.Fprintf(w.out, "A session could not be ended: %v\n", err)
		}
	}
	if w.made {
		fmt.Fprintf(w.out, "The account %s stays until a backend deletes it. Nobody knows its password.\n", w.account.email)
	}
	return len(w.open) == 0
}
