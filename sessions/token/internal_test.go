package token

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unsafe"
)

// TestCacheGenerations: the cache never holds more than its size, keeps what
// is used, and forgets what is not.
func TestCacheGenerations(t *testing.T) {
	c := newCache(10)
	c.put("used", verified{})
	for i := range 100 {
		c.put(fmt.Sprint(i), verified{})
		if n := len(c.young) + len(c.old); n > 10 || c.get("used") == nil || c.get(fmt.Sprint(i)) == nil {
			t.Fatalf("after %d tokens: %d are held, the one in use: %t, the last: %t",
				i+1, n, c.get("used") != nil, c.get(fmt.Sprint(i)) != nil)
		}
	}
	if c.get("0") != nil {
		t.Error("a token not used for long is held")
	}
}

// TestCacheKeepsCopies: a token cut out of a request keeps no request alive.
func TestCacheKeepsCopies(t *testing.T) {
	request := strings.Repeat("x", 1000) + "token"
	raw := request[1000:]
	c := newCache(2)
	c.put(raw, verified{})
	for key, v := range c.young {
		if unsafe.StringData(key) == unsafe.StringData(raw) || unsafe.StringData(v.raw) == unsafe.StringData(raw) {
			t.Error("the cache holds the caller's string")
		}
	}
}

// TestWaitForALoadThatEnded: a load that has ended was waited for, whatever else
// is over by then. Else it would be made once more for the sake of a key that it
// did not find.
func TestWaitForALoadThatEnded(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	f := &flight{done: make(chan struct{}), impatient: ended.Done()}
	for _, want := range []bool{false, true} {
		for range 100 { // select draws
			if got := f.wait(ended, true); got != want {
				t.Fatalf("wait = %t, want %t", got, want)
			}
		}
		if !want {
			close(f.done)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
