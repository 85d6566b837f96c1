package page

import (
	"context"
	"encoding/json"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// Watch returns the store with a note taken of each call, under the name of
// the request to DynamoDB that it costs.
func Watch(store sessions.Store) sessions.Store { return watched{store} }

type watched struct{ sessions.Store }

func (w watched) Create(ctx context.Context, s sessions.Session) error {
	notesOf(ctx).asked("PutItem")
	return w.Store.Create(ctx, s)
}

func (w watched) Get(ctx context.Context, h sessions.Handle) (sessions.Session, sessions.User, error) {
	notesOf(ctx).asked("BatchGetItem")
	return w.Store.Get(ctx, h)
}

func (w watched) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (sessions.Session, bool, error) {
	notesOf(ctx).asked("UpdateItem")
	return w.Store.Rotate(ctx, h, r)
}

func (w watched) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	notesOf(ctx).asked("UpdateItem")
	return w.Store.Revoke(ctx, h, at, reason)
}

func (w watched) List(
	ctx context.Context, u sessions.UserKey, yield func(sessions.User, []sessions.Session) error,
) error {
	notesOf(ctx).asked("Query")
	return w.Store.List(ctx, u, yield)
}

func (w watched) SetClaims(ctx context.Context, h sessions.Handle, claims json.RawMessage, version int64) error {
	notesOf(ctx).asked("UpdateItem")
	return w.Store.SetClaims(ctx, h, claims, version)
}

func (w watched) Remove(ctx context.Context, h sessions.Handle, o sessions.Over) error {
	notesOf(ctx).asked("DeleteItem")
	return w.Store.Remove(ctx, h, o)
}

func (w watched) User(ctx context.Context, u sessions.UserKey) (sessions.User, error) {
	notesOf(ctx).asked("GetItem")
	return w.Store.User(ctx, u)
}

func (w watched) Move(ctx context.Context, u sessions.UserKey, m sessions.Move) (sessions.User, bool, error) {
	notesOf(ctx).asked("UpdateItem")
	return w.Store.Move(ctx, u, m)
}

func (w watched) Enable(ctx context.Context, u sessions.UserKey, epoch int64) error {
	notesOf(ctx).asked("UpdateItem")
	return w.Store.Enable(ctx, u, epoch)
}

func (w watched) SetUserClaims(ctx context.Context, u sessions.UserKey, claims json.RawMessage, version int64) error {
	notesOf(ctx).asked("UpdateItem")
	return w.Store.SetUserClaims(ctx, u, claims, version)
}

func (w watched) Data(ctx context.Context, h sessions.Handle) (sessions.Data, error) {
	notesOf(ctx).asked("GetItem")
	return w.Store.Data(ctx, h)
}

func (w watched) PutData(ctx context.Context, h sessions.Handle, d sessions.Data, keep time.Time) error {
	notesOf(ctx).asked("PutItem")
	return w.Store.PutData(ctx, h, d, keep)
}
