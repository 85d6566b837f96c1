package main

import (
	"fmt"
	"io"
	"time"
)

// progress says how far the import is.
type progress struct {
	size int64 // of the file in bytes; 0 if not known
	to   io.Writer

	began time.Time
	lines int   // that are done
	bytes int64 // length of those lines
}

// done counts a line.
func (p *progress) done(bytes int) {
	p.lines++
	p.bytes += int64(bytes)
}

// tell writes how far the import is, how fast it is, and how long it will take.
func (p *progress) tell(now time.Time, refused int) {
	took := now.Sub(p.began)
	fmt.Fprintf(p.to, "%d lines, %d refused, %.0f a second", p.lines, refused, float64(p.lines)/max(took.Seconds(), 0.001))
	if p.size > 0 && p.bytes > 0 {
		left := time.Duration(float64(took) * float64(max(p.size-p.bytes, 0)) / float64(p.bytes))
		fmt.Fprintf(p.to, ", %v left", left.Round(time.Second))
	}
	fmt.Fprintln(p.to)
}
