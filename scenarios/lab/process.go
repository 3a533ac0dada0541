package lab

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// process is the balancer's program. It ends when this program does, whatever ends
// that.
type process struct {
	name string
	cmd  *exec.Cmd
	said tail
	gone chan struct{} // closed when it has ended
}

// start starts a program in the foreground. What it says is kept for when it fails.
func start(program string, args ...string) (*process, error) {
	p := &process{name: program, cmd: exec.Command(program, args...), gone: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.WaitDelay = time.Second // for what it has started and that still has its output
	tie(p.cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // it is tied to this thread
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.cmd.Wait() // how it ended is in cmd.ProcessState
			close(p.gone)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// ended returns that the program has ended, with what it said; nil: it runs.
func (p *process) ended() error {
	select {
	case <-p.gone:
		return fmt.Errorf("%s has ended (%v): %s", p.name, p.cmd.ProcessState, p.said.text())
	default:
		return nil
	}
}

// await waits until a condition holds, for so long at most, while the program runs and
// ctx lasts.
func (p *process) await(ctx context.Context, what string, patience time.Duration, holds func() bool) error {
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		switch err := p.ended(); {
		case err != nil:
			return err
		case holds():
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case time.Now().After(end):
			return fmt.Errorf("%s does not %s within %v: %s", p.name, what, patience, p.said.text())
		}
	}
}

// stop ends the program and those that it started: in good order if they end soon.
func (p *process) stop() error {
	const patience = 2 * time.Second
	pid := p.cmd.Process.Pid
	stopGroup(pid)
	select {
	case <-p.gone:
	case <-time.After(patience):
	}
	for end := time.Now().Add(patience); groupLives(pid); time.Sleep(5 * time.Millisecond) {
		killGroup(pid)
		if time.Now().After(end) {
			return fmt.Errorf("%s (process %d) does not end", p.name, pid)
		}
	}
	<-p.gone
	return nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

var _ io.Writer = (*tail)(nil)

// Write implements io.Writer.
func (t *tail) Write(text []byte) (int, error) {
	const most = 4096
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, text...)
	t.last = t.last[max(0, len(t.last)-most):]
	return len(text), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if text := strings.TrimSpace(string(t.last)); text != "" {
		return text
	}
	return "it said nothing"
}
