package accountstest

import (
	"context"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// Hook is a Store that passes each call to a function, which gets the name of
// the call, and makes the call or does not.
type Hook struct {
	Store accounts.Store
	Call  func(op string, do func() error) error
}

var _ accounts.Store = (*Hook)(nil)

// result makes a call that returns something besides an error.
func result[R any](h *Hook, op string, do func() (R, error)) (r R, err error) {
	err = h.Call(op, func() (err error) { r, err = do(); return err })
	return r, err
}

// Create implements accounts.Store.
func (h *Hook) Create(ctx context.Context, u accounts.User) error {
	return h.Call("Create", func() error { return h.Store.Create(ctx, u) })
}

// ByEmail implements accounts.Store.
func (h *Hook) ByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	return result(h, "ByEmail", func() (accounts.User, error) { return h.Store.ByEmail(ctx, tenant, email) })
}

// ByID implements accounts.Store.
func (h *Hook) ByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	return result(h, "ByID", func() (accounts.User, error) { return h.Store.ByID(ctx, tenant, id) })
}

// Update implements accounts.Store.
func (h *Hook) Update(ctx context.Context, u, renewed accounts.User) error {
	return h.Call("Update", func() error { return h.Store.Update(ctx, u, renewed) })
}

// AddLink implements accounts.Store.
func (h *Hook) AddLink(ctx context.Context, l accounts.Link) error {
	return h.Call("AddLink", func() error { return h.Store.AddLink(ctx, l) })
}

// Links implements accounts.Store.
func (h *Hook) Links(ctx context.Context, p accounts.Purpose, k accounts.Key) ([]accounts.Link, error) {
	return result(h, "Links", func() ([]accounts.Link, error) { return h.Store.Links(ctx, p, k) })
}

// DropLinks implements accounts.Store.
func (h *Hook) DropLinks(ctx context.Context, p accounts.Purpose, k accounts.Key) error {
	return h.Call("DropLinks", func() error { return h.Store.DropLinks(ctx, p, k) })
}

// List implements accounts.Store.
func (h *Hook) List(ctx context.Context, tenant string, after accounts.Place, limit int) ([]accounts.Listed, error) {
	return result(h, "List", func() ([]accounts.Listed, error) { return h.Store.List(ctx, tenant, after, limit) })
}

// Add implements accounts.Store.
func (h *Hook) Add(ctx context.Context, u accounts.User) error {
	return h.Call("Add", func() error { return h.Store.Add(ctx, u) })
}

// ChangeEmail implements accounts.Store.
func (h *Hook) ChangeEmail(ctx context.Context, u accounts.User, email string) error {
	return h.Call("ChangeEmail", func() error { return h.Store.ChangeEmail(ctx, u, email) })
}

// Remove implements accounts.Store.
func (h *Hook) Remove(ctx context.Context, tenant, id string) error {
	return h.Call("Remove", func() error { return h.Store.Remove(ctx, tenant, id) })
}

// Take implements accounts.Store.
func (h *Hook) Take(ctx context.Context, q accounts.Quota) (int, error) {
	return result(h, "Take", func() (int, error) { return h.Store.Take(ctx, q) })
}

// GiveBack implements accounts.Store.
func (h *Hook) GiveBack(ctx context.Context, q accounts.Quota) error {
	return h.Call("GiveBack", func() error { return h.Store.GiveBack(ctx, q) })
}

// Reserve implements accounts.Store.
func (h *Hook) Reserve(ctx context.Context, k accounts.Key, b accounts.Backoff, now time.Time) (bool, error) {
	return result(h, "Reserve", func() (bool, error) { return h.Store.Reserve(ctx, k, b, now) })
}

// Reset implements accounts.Store.
func (h *Hook) Reset(ctx context.Context, k accounts.Key) error {
	return h.Call("Reset", func() error { return h.Store.Reset(ctx, k) })
}

// ByLogin implements accounts.Store.
func (h *Hook) ByLogin(ctx context.Context, tenant string, by accounts.Identity) (accounts.User, error) {
	return result(h, "ByLogin", func() (accounts.User, error) { return h.Store.ByLogin(ctx, tenant, by) })
}

// Readdress implements accounts.Store.
func (h *Hook) Readdress(ctx context.Context, u accounts.User, email string) error {
	return h.Call("Readdress", func() error { return h.Store.Readdress(ctx, u, email) })
}
