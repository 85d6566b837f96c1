package token

import "sync"

// cache remembers tokens that were fully verified. It is bounded by two
// generations: when the young one is full it becomes the old one, and the old
// one is forgotten; a token that is used again moves to the young one. Forged
// tokens never enter, so they cannot push others out.
type cache struct {
	mu         sync.Mutex
	half       int
	young, old map[string]verified
}

// verified is a token that passed, with the keys it passed with.
type verified struct {
	set    *KeySet
	key    *verifyKey
	claims Claims
}

func newCache(size int) *cache {
	return &cache{half: max(1, size/2), young: map[string]verified{}}
}

// get returns what is known of the token, if it was verified with this very
// set of keys.
func (c *cache) get(raw string, set *KeySet) (verified, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.young[raw]
	if !ok {
		if v, ok = c.old[raw]; ok {
			delete(c.old, raw)
			c.keep(raw, v)
		}
	}
	return v, ok && v.set == set
}

func (c *cache) put(raw string, v verified) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.old, raw)
	c.keep(raw, v)
}

func (c *cache) keep(raw string, v verified) {
	if _, there := c.young[raw]; !there && len(c.young) >= c.half {
		c.old, c.young = c.young, make(map[string]verified, c.half)
	}
	c.young[raw] = v
}
