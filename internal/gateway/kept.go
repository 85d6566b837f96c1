package gateway

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// kept holds the answers of authorizers, denials too. The key is the identity
// alone. The method does not matter, nor how long the token is valid.
type kept struct {
	mu *sync.Mutex
	by map[string]entry
}

type entry struct {
	verdict verdict
	until   time.Time
}

// most is how many answers are kept. Beyond it all are dropped.
const most = 10000

func newKept() kept { return kept{mu: new(sync.Mutex), by: map[string]entry{}} }

// keptKey joins an authorizer's name and an identity so that no two pairs give
// the same key.
func keptKey(authorizer string, identity []string) string {
	var b strings.Builder
	for _, part := range append([]string{authorizer}, identity...) {
		fmt.Fprintf(&b, "%d:%s", len(part), part)
	}
	return b.String()
}

func (k kept) get(key string, now time.Time) (verdict, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e, found := k.by[key]
	return e.verdict, found && now.Before(e.until)
}

func (k kept) put(key string, v verdict, until time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.by) >= most {
		clear(k.by)
	}
	k.by[key] = entry{verdict: v, until: until}
}
