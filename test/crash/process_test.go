//go:build dynamodb

package crash_test

import (
	"bufio"
	"net/http/httptest"
	"testing"

	"github.com/latchkey-auth/latchkey/test/localrun"
)

// ownTables are tables in the shared engine that one test uses: their names
// begin with a prefix, which the way to the engine adds.
type ownTables struct{ binary, engine, prefix string }

// life is a local run from its start to its end.
type life struct {
	*localrun.Process
	db     *way
	server *httptest.Server // the way, as the process reaches it
}

// live starts the process. The issuer is fixed, because the port changes.
func (o *ownTables) live(t *testing.T) *life {
	t.Helper()
	l := &life{db: o.way(t)}
	l.server = serveWay(l.db)
	t.Cleanup(l.server.Close)
	l.Process = localrun.Launch(t, o.binary, arguments(l.server.URL)...)
	l.db.aim(l.Cmd)
	return l
}

// killAt starts the process and kills it at the n-th change that it makes, or
// when it serves, if it makes fewer.
func (o *ownTables) killAt(t *testing.T, n int, when moment) {
	t.Helper()
	db := o.way(t)
	server := serveWay(db)
	defer server.Close()
	db.arm(n, promise{}, when)
	cmd := localrun.Command(o.binary, arguments(server.URL)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	db.mu.Lock() // until it is known whom to kill
	err = cmd.Start()
	db.victim = cmd
	db.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if bufio.NewScanner(stdout).Scan() {
		db.kill()
	}
	cmd.Wait()
	if !db.hasKilled() {
		t.Errorf("it ended by itself before change %d", n)
	}
}

func arguments(endpoint string) []string {
	return []string{
		"-dynamodb", endpoint,
		"-set", "ApiDomain=api.example.com", "-set", "AccessTokenSeconds=86400",
		"-set", "ReplayWindowSeconds=300", "-set", "RotationGapSeconds=300",
	}
}

// end kills the process, if it still runs, and waits until the engine has
// answered all that was under way.
func (l *life) end() {
	l.Cmd.Process.Kill()
	l.Cmd.Wait()
	l.server.Close()
}
