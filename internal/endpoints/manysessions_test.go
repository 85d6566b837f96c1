//go:build dynamodb

package endpoints_test

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// smallPages is a client of DynamoDB whose lists come in pages of seven items.
type smallPages struct {
	*dynamodb.Client
	pages atomic.Int64
}

func (c *smallPages) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	c.pages.Add(1)
	in.Limit = aws.Int32(7)
	return c.Client.Query(ctx, in, opts...)
}

// TestThousandSessionsEndAtOnce: one call ends all that a user has, however
// many pages they are on, and from then on nothing passes with any of their
// tokens. Another user's session goes on.
func TestThousandSessionsEndAtOnce(t *testing.T) {
	const many = 1000
	of, client := newTables(t), &smallPages{Client: dynamolocal.Client(t)}
	g := newGround(newStackOver(t, func() stores {
		return stores{dynamo.New(client, of.sessions), accounts.NewDynamo(client, of.accounts), dynamo.NewKeys(client, of.keys)}
	}), nil)
	p, other := g.person(), g.person()
	grants := p.grants(many)
	client.pages.Store(0)
	_, r := admin("DELETE /admin/users/{userId}/sessions", "", "")(p)
	a := p.guest.expect(200, r)
	if n := client.pages.Load(); n < many/7 {
		t.Errorf("the list came in %d pages, want one for 7 sessions", n)
	}
	var body struct{ Revoked []string }
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil || len(body.Revoked) != many+2 {
		t.Errorf("%d sessions ended, %v, want the %d and those of the browser and the app", len(body.Revoked), err, many)
	}
	for _, grant := range append(grants, p.browserGrant, p.appGrant) {
		if p.over(grant); t.Failed() {
			break
		}
	}
	other.alive(other.app)
	proof.Report(t, "sessions ended by one call", len(grants)+2)
}

// grants starts so many sessions of the person. The manager would list all of
// them at each start, so they are started over a store in memory and put into
// the table side by side.
func (p *person) grants(many int) []sessions.Grant {
	p.t.Helper()
	kept := memory.New()
	manager := p.managerOver(kept, many)
	epoch, err := manager.Epoch(p.t.Context(), "public", p.id)
	if err != nil {
		p.t.Fatal(err)
	}
	all := make([]sessions.Grant, many)
	slots, wg := make(chan struct{}, 16), sync.WaitGroup{}
	for i := range all {
		if all[i], err = manager.Start(p.t.Context(), sessions.StartRequest{Epoch: epoch}); err != nil {
			p.t.Fatal(err)
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := p.sessions.Create(p.t.Context(), all[i].Session); err != nil {
				p.t.Error(err)
			}
		})
	}
	wg.Wait()
	return all
}
