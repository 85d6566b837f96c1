package token

import (
	"strings"
	"sync"
)

// cache remembers tokens that were fully verified. Two generations bound it:
// when the young one is full, it becomes the old one, and the old one is
// forgotten. A token that is used again moves to the young one. Forged tokens
// never enter, so they cannot push others out.
type cache struct {
	mu         sync.Mutex
	half       int
	young, old map[string]*verified
}

// verified is a token that passed, and the keys that it passed with.
type verified struct {
	raw    string
	set    *KeySet
	key    *verifyKey
	claims Claims
}

func newCache(size int) *cache {
	return &cache{half: max(1, size/2), young: map[string]*verified{}}
}

// get returns what is known of the token, nil if nothing is.
func (c *cache) get(raw string) *verified {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v := c.young[raw]; v != nil {
		return v
	}
	v := c.old[raw]
	if v != nil {
		c.keep(v)
	}
	return v
}

// put remembers the token under a copy of it, since the given string may be
// part of a large request.
func (c *cache) put(raw string, v verified) {
	v.raw = strings.Clone(raw)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(&v)
}

func (c *cache) keep(v *verified) {
	if _, there := c.young[v.raw]; !there && len(c.young) >= c.half {
		c.old, c.young = c.young, make(map[string]*verified, c.half)
	}
	delete(c.old, v.raw)
	c.young[v.raw] = v
}
