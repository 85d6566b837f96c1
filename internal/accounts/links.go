package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"
	"time"
)

// Purpose is what a link in a mail is good for. A link of one purpose is none
// of the other.
type Purpose string

// The purposes.
const (
	ResetPassword Purpose = "reset"
	VerifyEmail   Purpose = "verify"
)

// life is how long a link is good, 0 for what is no purpose.
func (p Purpose) life() time.Duration {
	return map[Purpose]time.Duration{ResetPassword: time.Hour, VerifyEmail: day}[p]
}

// maxLinks is how many links of one purpose a user has side by side. Were it
// one, whoever asks for a mail to an address would void the link that its
// owner asked for. Nobody voids one in the hour after it was mailed: there are no
// more of them instead.
const maxLinks = 5

// Link is what is kept of a link that was mailed to a user. It is void once
// the user is gone or has another address.
type Link struct {
	Purpose Purpose
	Tenant  string
	UserID  string
	Email   string            // the one that it was mailed to
	Digest  [sha256.Size]byte // of the random part of the token, which nobody can make from it
	Expires time.Time         // in whole milliseconds
}

// Key is what links of the user are kept under.
func (l Link) Key() Key { return encodeUserKey(userKey(l.Tenant, l.UserID)) }

// with returns links and l, without the oldest if there are too many. It
// returns ErrThrottled if that one was mailed less than an hour before.
func with(links []Link, l Link) ([]Link, error) {
	kept := slices.Clone(links)
	if len(kept) >= maxLinks {
		if l.Expires.Sub(kept[0].Expires) < time.Hour { // all of a purpose have one life
			return nil, ErrThrottled
		}
		kept = kept[len(kept)+1-maxLinks:]
	}
	return append(kept, l), nil
}

// A token is the key of the user and a secret, in base64url: 64 characters of
// which each counts, so that no two tokens are the same bytes.
const (
	userKeyBytes = 16
	tokenBytes   = userKeyBytes + 32
	tokenLength  = tokenBytes / 3 * 4
)

// userKey is a digest of the tenant and the id, for the token to name the user
// by: it tells nothing of either, and any text in its place finds nobody.
func userKey(tenant, id string) []byte {
	digest, _ := base64.RawURLEncoding.DecodeString(string(keyOf("links", tenant, id))) // made by keyOf
	return digest[:userKeyBytes]
}

func encodeUserKey(key []byte) Key { return Key(base64.RawURLEncoding.EncodeToString(key)) }

// parseToken returns what links are to be asked for, and the digest of the one
// that is meant. It reports false for what is no token.
func parseToken(token string) (key Key, digest [sha256.Size]byte, ok bool) {
	if len(token) != tokenLength {
		return "", digest, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != tokenBytes { // the decoder skips line breaks
		return "", digest, false
	}
	return encodeUserKey(raw[:userKeyBytes]), sha256.Sum256(raw[userKeyBytes:]), true
}

// IssueLink returns the token of a new link for u, a Recipient. The caller mails
// it to u.Email, and to nobody else. It returns ErrThrottled if u was given five
// of the purpose in the last hour, and then takes the mail off what was counted;
// ErrUnavailable or ErrCorrupt.
func (a *Accounts) IssueLink(ctx context.Context, p Purpose, u User) (Secret, error) {
	raw := make([]byte, tokenBytes)
	copy(raw, userKey(u.Tenant, u.ID))
	rand.Read(raw[userKeyBytes:])
	l := Link{
		Purpose: p, Tenant: u.Tenant, UserID: u.ID, Email: u.Email,
		Digest: sha256.Sum256(raw[userKeyBytes:]), Expires: a.now().Add(p.life()),
	}
	err := a.store.AddLink(ctx, l)
	if errors.Is(err, ErrThrottled) {
		if err := a.store.GiveBack(ctx, mailsTo(u.Tenant, u.Email, a.now())); err != nil {
			return "", storage("giving back a mail", err)
		}
	}
	if err != nil {
		return "", storage("adding a link", err)
	}
	return Secret(base64.RawURLEncoding.EncodeToString(raw)), nil
}

// FindLink returns the link of the token and the user whose it is. The link
// stays, so that what it is used for can be repeated after a fault; who has
// used it drops it. FindLink returns ErrLink if the token is none, of another
// purpose or tenant, used, too old or void, ErrUnavailable, ErrThrottled, or
// ErrCorrupt. What cannot be a token costs no call to the store.
//
// It calls before once, with the id of the user, when that is known and the
// address is not compared yet: whatever before reads is older than the answer
// that the link is good. An error of before is returned as it is; before may be
// nil.
func (a *Accounts) FindLink(ctx context.Context, p Purpose, tenant, token string, before Before) (Link, User, error) {
	key, digest, ok := parseToken(token)
	if !ok {
		return Link{}, User{}, ErrLink
	}
	links, err := a.store.Links(ctx, p, key)
	if err != nil {
		return Link{}, User{}, storage("reading links", err)
	}
	var found Link
	for _, l := range links {
		if subtle.ConstantTimeCompare(l.Digest[:], digest[:]) == 1 {
			found = l
		}
	}
	if found.Tenant != tenant || !a.now().Before(found.Expires) {
		return Link{}, User{}, ErrLink
	}
	if before != nil {
		if err := before(ctx, found.UserID); err != nil {
			return Link{}, User{}, err
		}
	}
	u, err := a.store.ByID(ctx, tenant, found.UserID)
	if errors.Is(err, ErrNotFound) || err == nil && u.Email != found.Email {
		return Link{}, User{}, ErrLink
	}
	if err != nil {
		return Link{}, User{}, storage("reading the user", err)
	}
	return found, u, nil
}
