// Package runtimeapi runs the bootstrap binary of a Lambda function as the
// Lambda service does: it serves the Runtime API on loopback, starts the
// binary as a process of its own, and hands it one event after another.
//
// Source: "Using the Lambda runtime API for custom runtimes",
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package runtimeapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

// deadline is how long a function has for one event, as it is told: the longest
// Timeout of the template.
const deadline = 30 * time.Second

// Answer is what became of one event.
type Answer struct {
	Payload json.RawMessage // what the function returned; nil if it failed
	Error   *FunctionError  // nil unless the function failed
	Took    time.Duration   // from the event's hand-over to its answer
}

// FunctionError is a failure as the function reported it.
type FunctionError struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

// Function is a running bootstrap binary. Its methods may not be called
// concurrently: a sandbox handles one event at a time.
type Function struct {
	process *exec.Cmd
	server  *http.Server
	ended   chan error    // gets the process's end
	gone    chan struct{} // closed when the process has ended and its log is whole

	next    chan string // an id to hand over; closed to stop
	asked   chan struct{}
	answers chan Answer
	event   []byte
	given   time.Time
	begun   time.Time
	init    time.Duration
	count   int

	log lockedBuffer
}

// Start starts the binary with exactly the given environment, "NAME=value"
// each, and waits until it asks for its first event. The caller must Stop it.
func Start(ctx context.Context, binary string, env []string) (*Function, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &Function{
		ended: make(chan error, 1), gone: make(chan struct{}), next: make(chan string),
		asked: make(chan struct{}, 1), answers: make(chan Answer, 1),
	}
	f.server = &http.Server{Handler: f.routes()}
	go f.server.Serve(listener)

	f.process = exec.Command(binary)
	f.process.Env = append(env, "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String())
	f.process.Stdout, f.process.Stderr = &f.log, &f.log
	f.begun = time.Now()
	if err := f.process.Start(); err != nil {
		f.server.Close()
		return nil, err
	}
	go func() {
		f.ended <- f.process.Wait()
		close(f.gone)
	}()
	return f, f.await(ctx)
}

// await waits for the function's first request for an event.
func (f *Function) await(ctx context.Context) error {
	select {
	case <-f.asked:
		f.init = time.Since(f.begun)
		return nil
	case err := <-f.ended:
		f.server.Close()
		return fmt.Errorf("the function ended at its start (%s):\n%s", exit(err), f.Log())
	case <-ctx.Done():
		f.Stop()
		return ctx.Err()
	}
}

// Invoke hands over one event and waits for the answer. An error means that
// the function's process ended or ctx did.
func (f *Function) Invoke(ctx context.Context, event []byte) (Answer, error) {
	f.count++
	f.event = event
	select {
	case f.next <- "request-" + strconv.Itoa(f.count):
	case err := <-f.ended:
		return Answer{}, fmt.Errorf("the function has ended (%s)", exit(err))
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
	select {
	case a := <-f.answers:
		return a, nil
	case err := <-f.ended:
		return Answer{}, fmt.Errorf("the function ended on an event (%s)", exit(err))
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// exit says in words how a process ended.
func exit(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// Init is the time from the start of the process to its first request for an event.
func (f *Function) Init() time.Duration { return f.init }

// PID is the id of the function's process.
func (f *Function) PID() int { return f.process.Process.Pid }

// Log returns what the function has written so far.
func (f *Function) Log() string { return f.log.String() }

// Stop ends the function, after which its log is whole.
func (f *Function) Stop() {
	f.process.Process.Kill()
	<-f.gone
	f.server.Close()
}

func (f *Function) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", f.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", f.serveResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", f.serveError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", f.serveError)
	return mux
}

func (f *Function) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case f.asked <- struct{}{}:
	default:
	}
	select {
	case id := <-f.next:
		h := w.Header()
		h.Set("Lambda-Runtime-Aws-Request-Id", id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(deadline).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:bench")
		f.given = time.Now()
		w.Write(f.event)
	case <-r.Context().Done():
	}
}

func (f *Function) serveResponse(w http.ResponseWriter, r *http.Request) {
	took := time.Since(f.given)
	body, err := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	if err == nil {
		f.answers <- Answer{Payload: body, Took: took}
	}
}

func (f *Function) serveError(w http.ResponseWriter, r *http.Request) {
	took := time.Since(f.given)
	failure := new(FunctionError)
	err := json.NewDecoder(r.Body).Decode(failure)
	w.WriteHeader(http.StatusAccepted)
	if err == nil {
		f.answers <- Answer{Error: failure, Took: took}
	}
}

// lockedBuffer is written by a process and read by a test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
