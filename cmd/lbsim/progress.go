package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress shows how far a run is: on a terminal in one line that is drawn
// anew, in plain mode in a line every half minute.
type progress struct {
	w        io.Writer
	terminal bool
	off      bool
	start    time.Time
	last     time.Time
}

func newProgress(w io.Writer, mode string, quiet bool) *progress {
	p := &progress{w: w, start: time.Now()}
	if f, ok := w.(*os.File); ok && mode == "auto" {
		p.terminal = term.IsTerminal(int(f.Fd()))
	}
	p.off = quiet || mode == "off" || mode == "auto" && !p.terminal
	return p
}

// step reports that done of total replications are made.
func (p *progress) step(done, total int) {
	every := 30 * time.Second
	if p.terminal {
		every = 100 * time.Millisecond
	}
	now := time.Now()
	if p.off || done < total && now.Sub(p.last) < every {
		return
	}
	p.last = now
	left := time.Duration(float64(now.Sub(p.start)) / float64(done) * float64(total-done)).Round(time.Second)
	p.line(fmt.Sprintf("replication %d of %d, about %v left", done, total, left))
}

// note reports what is being done instead.
func (p *progress) note(text string) {
	if !p.off && p.terminal {
		p.line(text)
	}
}

// say reports what is being done next.
func (p *progress) say(text string) {
	if !p.off {
		p.line(text)
	}
}

func (p *progress) line(text string) {
	if p.terminal {
		fmt.Fprintf(p.w, "\r\033[K%s", text)
		return
	}
	fmt.Fprintln(p.w, text)
}

// clear removes the line from the terminal.
func (p *progress) clear() {
	if !p.off && p.terminal {
		fmt.Fprint(p.w, "\r\033[K")
	}
}
