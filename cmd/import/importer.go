package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/backend"
)

// importer adds the users of lines.
type importer struct {
	add            func(ctx context.Context, tenant string, u backend.NewUser) (backend.User, error)
	tenant         string // for lines that name none
	rate, parallel int
	report         io.Writer

	mu       sync.Mutex
	progress progress
	refused  int
	until    time.Time // no requests before this: the API wanted a pause
}

// numbered is a line and its number, counted from 1.
type numbered struct {
	number int
	text   []byte
	length int // in the file
}

// run adds the users of all lines. It returns the first error that is not about
// one line, or nil if every line was added or refused.
func (i *importer) run(parent context.Context, in io.Reader) error {
	ctx, stop := context.WithCancelCause(parent)
	defer stop(nil)
	i.progress.began = time.Now()
	lines := make(chan numbered)
	var all sync.WaitGroup
	all.Go(func() {
		defer close(lines)
		if err := i.feed(ctx, in, lines); err != nil {
			stop(err)
		}
	})
	for range i.parallel {
		all.Go(func() {
			for line := range lines {
				if err := i.one(ctx, line); err != nil {
					stop(err)
					return
				}
			}
		})
	}
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-tick.C:
			i.tell()
		case <-ended:
			tick.Stop()
			i.tell()
			return context.Cause(ctx)
		}
	}
}

func (i *importer) tell() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.progress.tell(time.Now(), i.refused)
}

// feed hands out the lines at the rate. Empty lines count but are left out.
func (i *importer) feed(ctx context.Context, in io.Reader, lines chan<- numbered) error {
	pace := time.NewTicker(time.Second / time.Duration(i.rate))
	defer pace.Stop()
	reader := bufio.NewReaderSize(in, maxLine+2)
	for number := 1; ; number++ {
		text, length, err := readLine(reader)
		if err != nil && (err != io.EOF || length == 0) {
			return except(err, io.EOF)
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case lines <- numbered{number, text, length}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func except(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

// readLine returns the next line without its end, and its length in the file.
// It cuts off a line that is longer than any valid one.
func readLine(r *bufio.Reader) (text []byte, length int, err error) {
	for {
		part, err := r.ReadSlice('\n')
		length += len(part)
		if len(text) <= maxLine {
			text = append(text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(text, "\r\n"), length, err
		}
	}
}

// one adds the user of a line or reports why not. An error ends the import.
func (i *importer) one(ctx context.Context, line numbered) error {
	tenant, u, refusal := read(line.text)
	if refusal == nil {
		if tenant == "" {
			tenant = i.tenant
		}
		var err error
		if refusal, err = i.send(ctx, tenant, u); err != nil {
			return fmt.Errorf("line %d: %w", line.number, err)
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.progress.done(line.length)
	if refusal == nil {
		return nil
	}
	i.refused++
	return json.NewEncoder(i.report).Encode(struct {
		Line   int    `json:"line"`
		Reason string `json:"reason"`
		There  string `json:"userIdOfWhoIsThere,omitempty"`
	}{line.number, refusal.Error(), whoIsThere(refusal)})
}

func whoIsThere(err error) string {
	var of *backend.Error
	if errors.As(err, &of) {
		return of.UserID
	}
	return ""
}

// patience is how long a line is tried while the API does not answer or is
// throttled. The pauses between tries are at most half a minute.
const (
	patience     = 10 * time.Minute
	longestPause = 30 * time.Second
)

// send adds the user. A refusal is about this user alone, an error about all.
// If the API asks for a pause, nothing is sent until it is over.
func (i *importer) send(ctx context.Context, tenant string, u backend.NewUser) (refusal, err error) {
	began := time.Now()
	for try := 0; ; try++ {
		if err := i.wait(ctx); err != nil {
			return nil, err
		}
		_, err := i.add(ctx, tenant, u)
		var of *backend.Error
		switch {
		case err == nil:
			return nil, nil
		case errors.Is(err, backend.ErrInvalid), errors.Is(err, backend.ErrTooLarge),
			errors.Is(err, backend.ErrEmailTaken), errors.Is(err, backend.ErrUserExists):
			return err, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case time.Since(began) < patience && (errors.Is(err, backend.ErrUnavailable) || errors.Is(err, backend.ErrInternal)) && errors.As(err, &of):
			i.pause(max(of.RetryAfter, min(longestPause, time.Second<<min(try, 5))))
		default:
			return nil, err
		}
	}
}

// pause stops all sending for a while. Each wait adds a little of its own, so
// that they do not all end at the same time.
func (i *importer) pause(d time.Duration) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if until := time.Now().Add(d); until.After(i.until) {
		i.until = until
	}
}

// wait returns when it is time to send or when ctx ends.
func (i *importer) wait(ctx context.Context) error {
	for {
		i.mu.Lock()
		left := time.Until(i.until)
		i.mu.Unlock()
		if left <= 0 {
			return context.Cause(ctx)
		}
		select {
		case <-time.After(left + rand.N(left/4+time.Millisecond)):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
