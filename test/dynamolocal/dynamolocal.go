// Package dynamolocal runs DynamoDB Local, Amazon's own engine, for tests.
//
// The engine is fetched once, with Maven, into the user's cache folder and run
// by Java; where there is no Java or Maven it is run by Docker, and where
// there is neither the error says what to install. It keeps everything in
// memory, listens on a free port of the loopback interface, and ends with the
// process that started it, however that ends.
//
// The environment variable DYNAMODB_ENDPOINT names an engine that is running
// already; then nothing is started. Command run starts one engine for a whole
// test run.
//
// Tests start with [Client] and [Table].
package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// Version is the version of the engine.
const Version = "3.1.0"

// Variable is the environment variable that names a running engine.
const Variable = "DYNAMODB_ENDPOINT"

// patience is how long an engine may take until it answers: a slow machine
// that runs other things needs tens of seconds.
const patience = 2 * time.Minute

// errMissing says what to install.
var errMissing = errors.New("DynamoDB Local needs Java 17 or later and Maven (commands java and mvn), or Docker with a running engine: install one of them, or set " + Variable + " to the URL of a running DynamoDB")

// Start starts an engine and returns its URL once it answers. Stop ends it and
// returns when it has ended; it may be called more than once. What takes long
// is told to log.
//
// Where DYNAMODB_ENDPOINT is set Start returns that, and stop does nothing.
func Start(ctx context.Context, log io.Writer) (endpoint string, stop func(), err error) {
	if running := os.Getenv(Variable); running != "" {
		return running, func() {}, nil
	}
	launch, err := launcher(ctx, log)
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for try := 1; ; try++ {
		endpoint, stop, err = start(ctx, launch)
		// Somebody may have taken the port that was free a moment ago.
		if err == nil || try == 3 || ctx.Err() != nil {
			return endpoint, stop, err
		}
	}
}

// launcher returns how an engine is launched on this machine.
func launcher(ctx context.Context, log io.Writer) (func(port int) []string, error) {
	if java(ctx) {
		library, err := fetch(ctx, log)
		if err != nil {
			return nil, err
		}
		return func(port int) []string { return javaCommand(library, port) }, nil
	}
	if docker(ctx) {
		return dockerCommand, nil
	}
	return nil, errMissing
}

// start launches one engine on a free port and waits until it answers.
func start(ctx context.Context, launch func(port int) []string) (string, func(), error) {
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	p, err := startProcess(launch(port))
	if err != nil {
		return "", nil, fmt.Errorf("starting DynamoDB Local: %w", err)
	}
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", port)
	if err := p.answers(ctx, endpoint); err != nil {
		p.stop()
		return "", nil, fmt.Errorf("DynamoDB Local does not answer: %w; it printed:\n%s", err, p.output())
	}
	return endpoint, p.stop, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// answers waits until the engine answers a request, with whatever status.
func (p *process) answers(ctx context.Context, endpoint string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := ask(ctx, endpoint); err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return errEnded
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func ask(ctx context.Context, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
