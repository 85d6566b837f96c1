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

// Purpose is what a link in a mail is for. A link of one purpose is not good
// for another.
type Purpose string

// The purposes.
const (
	ResetPassword Purpose = "reset"
	VerifyEmail   Purpose = "verify"
)

// life is how long a link is good. It is 0 if p is not a known purpose.
func (p Purpose) life() time.Duration {
	return map[Purpose]time.Duration{ResetPassword: time.Hour, VerifyEmail: day}[p]
}

// maxLinks is how many links of one purpose a user has side by side. If it were
// one, a stranger who asks for a mail to an address would void the link that
// its owner asked for. In the hour after a link is mailed no later request
// voids it: a user who has five such links gets no more.
const maxLinks = 5

// Link is the record of a link that was mailed to a user. It is void once the
// user is gone or has another address.
type Link struct {
	Purpose Purpose
	Tenant  string
	UserID  string
	Email   string            // the address that the link was mailed to
	Digest  [sha256.Size]byte // of the random part of the token; the token cannot be made from it
	Expires time.Time         // in whole milliseconds
}

// Key is the key of the user's links.
func (l Link) Key() Key { return encodeUserKey(userKey(l.Tenant, l.UserID)) }

// with returns links and l, without the oldest link if there are too many. It
// returns ErrThrottled if the oldest was mailed less than an hour before l.
func with(links []Link, l Link) ([]Link, error) {
	kept := slices.Clone(links)
	if len(kept) >= maxLinks {
		if l.Expires.Sub(kept[0].Expires) < time.Hour { // all links of a purpose have one life
			return nil, ErrThrottled
		}
		kept = kept[len(kept)+1-maxLinks:]
	}
	return append(kept, l), nil
}

// A token is the key of the user and a secret, in base64url. It has 64
// characters and each of them counts, so no two tokens are the same bytes.
const (
	userKeyBytes = 16
	tokenBytes   = userKeyBytes + 32
	tokenLength  = tokenBytes / 3 * 4
)

// userKey is a digest of the tenant and the id, by which the token names the
// user. It reveals neither, and any other text in its place finds nobody.
func userKey(tenant, id string) []byte {
	digest, _ := base64.RawURLEncoding.DecodeString(string(keyOf("links", tenant, id))) // made by keyOf
	return digest[:userKeyBytes]
}

func encodeUserKey(key []byte) Key { return Key(base64.RawURLEncoding.EncodeToString(key)) }

// parseToken returns the key of the links to read, and the digest of the link
// that is meant. It reports false if the text is not a token.
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

// IssueLink returns the token of a new link for u, which Recipient returned.
// The caller mails it to u.Email, and to nobody else. It returns ErrThrottled
// if u was given five links of the purpose in the last hour, and then gives
// back the mail that was counted. It may also return ErrUnavailable or
// ErrCorrupt.
func (a *Accounts) IssueLink(ctx context.Context, p Purpose, u User) (Secret, error) {
	raw := make([]byte, tokenBytes)
	copy(raw, userKey(u.Tenant, u.ID))
	rand.Read(raw[userKeyBytes:])
	l := Link{
		Purpose: p, Tenant: u.Tenant, UserID: u.ID, Email: u.Email,
		Digest: sha256.Sum256(raw[userKeyBytes:]), Expires: a.now().Add(p.life()).UTC().Truncate(time.Millisecond),
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

// FindLink returns the link of the token and the link's user. The link stays,
// so that the caller can repeat its use after a fault. The caller drops it
// after use. FindLink returns ErrLink if the text is not a token, or if the
// link is of another purpose or tenant, used, too old or void. It may also
// return ErrUnavailable, ErrThrottled or ErrCorrupt. A text that cannot be a
// token costs no call to the store.
//
// It calls before once, with the id of the user, when the id is known and the
// address is not compared yet. So whatever before reads is older than the
// answer that the link is good. FindLink returns an error of before as it is;
// before may be nil.
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
