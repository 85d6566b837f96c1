package dynamolocal

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"sync"
	"time"
)

var errEnded = errors.New("it has ended")

// keeper runs the command that follows it, and ends it when the pipe at file
// descriptor 3 is closed: when the process that holds the other end asks for
// it or dies, be it of SIGKILL. Signals of the terminal are for that process
// alone. It is a shell script because a test binary cannot run itself again.
const keeper = `"$@" 3<&- &
engine=$!
trap '' INT TERM HUP
{ read -r _ <&3; kill "$engine"; } >/dev/null 2>&1 &
exec 3<&-
wait "$engine"`

// process is a running engine.
type process struct {
	leash *os.File // closed to end the engine
	ended chan struct{}
	once  sync.Once

	mu      sync.Mutex
	printed bytes.Buffer
}

func startProcess(command []string) (*process, error) {
	end, leash, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer end.Close()
	p := &process{leash: leash, ended: make(chan struct{})}
	cmd := exec.Command("sh", append([]string{"-c", keeper, "keeper"}, command...)...)
	cmd.ExtraFiles = []*os.File{end}
	cmd.Stdout, cmd.Stderr = p, p
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		leash.Close()
		return nil, err
	}
	go func() {
		cmd.Wait()
		// Held until here: a file that nobody refers to is closed.
		leash.Close()
		close(p.ended)
	}()
	return p, nil
}

// stop ends the engine and waits for it.
func (p *process) stop() {
	p.once.Do(func() { p.leash.Close() })
	<-p.ended
}

// maxPrinted is how much of an engine's output is kept, in bytes.
const maxPrinted = 16 << 10

// Write keeps the beginning of what the engine prints.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.printed.Write(b[:min(len(b), maxPrinted-p.printed.Len())])
	return len(b), nil
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.printed.String()
}
