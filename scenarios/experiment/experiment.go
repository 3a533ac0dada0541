package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/results"
	"lbsim/scenarios"
)

// Options say how a scenario is run.
type Options struct {
	// Parallel is how many replications run at a time; 0 means one per core.
	Parallel int
	// Assignments asks for a record of every connection attempt.
	Assignments bool
	// Progress, if not nil, is called after each replication. Calls do not
	// overlap.
	Progress func(done, total int)
}

// Outcome is what a scenario yields.
type Outcome struct {
	Result *results.Result
	// runs are the replications by variant.
	runs [][]*results.Run
}

// LawError is a run that broke one of the laws that every run obeys.
type LawError struct {
	Variant     string
	Replication int
	Err         error
}

func (e LawError) Error() string {
	return fmt.Sprintf("variant %q, replication %d: a law is broken: %v", e.Variant, e.Replication, e.Err)
}

// Unwrap returns what went wrong.
func (e LawError) Unwrap() error { return e.Err }

// PanicError is a run that met an impossible state: a mistake in lbsim.
type PanicError struct {
	Variant     string
	Replication int
	Value       any
	Stack       []byte
}

func (e PanicError) Error() string {
	return fmt.Sprintf("variant %q, replication %d: %v", e.Variant, e.Replication, e.Value)
}

// TooLargeError is a run that would take more memory or time than there is.
type TooLargeError struct{ text string }

func (e TooLargeError) Error() string { return e.text }

// Run makes all replications of all variants, after pilot runs where these have to
// tell the warm-up. The result is the same for any number of parallel runs, and
// Warnings of it say why intervals may not be trusted. It returns ctx's error if ctx ends first, or else
// the error of a replication: a LawError, a PanicError, a TooLargeError or
// traffic.Overload.
func Run(ctx context.Context, f *scenarios.File, o Options) (*Outcome, error) {
	if bytes := f.Connections * bytesPerRow; o.Assignments && bytes > maxRows {
		return nil, TooLargeError{fmt.Sprintf("a record of about %.2g connections would take %.0f GB of memory; at most %.0f GB are used", f.Connections, bytes/1e9, maxRows/1e9)}
	}
	g := newGuard(mostMemory(f), &o)
	f, start, err := settle(ctx, g, f, o)
	if err != nil {
		return nil, err
	}
	runs, precision, err := repeat(ctx, g, f, o)
	if err != nil {
		return nil, err
	}
	r := Gather(f, runs)
	r.Start, r.Precision = start, precision
	r.Warnings = r.Doubts()
	return &Outcome{Result: r, runs: runs}, nil
}

// makeAll calls job for 0 to n-1 as forEach does, and returns the first error by
// number that was not just a stop because of another.
func makeAll(ctx context.Context, n int, o Options, job func(ctx context.Context, i int) error) error {
	errs := make([]error, n)
	err := forEach(ctx, n, o, func(ctx context.Context, i int) error {
		errs[i] = job(ctx, i)
		return errs[i]
	})
	for _, e := range errs {
		if e != nil && !errors.Is(e, context.Canceled) {
			return e
		}
	}
	return err
}

// forEach calls job for 0 to n-1 from several goroutines. After an error or
// the end of ctx no more jobs are begun, and those under way are told to stop.
func forEach(ctx context.Context, n int, o Options, job func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	finished := make(chan error)
	var wg sync.WaitGroup
	for range min(o.Parallel, n) {
		wg.Go(func() {
			for i := range next {
				err := job(ctx, i)
				if err != nil {
					cancel(err)
				}
				finished <- err
			}
		})
	}
	go func() {
		defer close(finished)
		defer wg.Wait()
		defer close(next)
		for i := range n {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	done := 0
	for err := range finished {
		if err != nil {
			continue
		}
		if done++; o.Progress != nil {
			o.Progress(done, n)
		}
	}
	return context.Cause(ctx)
}

// replicate makes one replication of one variant.
func replicate(ctx context.Context, g *guard, f *scenarios.File, variant, replication int, o Options) (run *results.Run, err error) {
	p := &f.Variants[variant]
	defer func() {
		if v := recover(); v != nil {
			err = PanicError{p.Name, replication, v, debug.Stack()}
		}
	}()
	rec := results.NewRecorder(setting(f, p, o))
	w, err := models.New(p.Config, p.Scenario.Seed, uint64(replication), rec)
	if err != nil {
		return nil, err
	}
	rec.Attach(w.Engine(), w)
	if err := g.run(ctx, w, rec, p.Scenario.Duration); err != nil {
		return nil, fmt.Errorf("variant %q, replication %d: %w", p.Name, replication, err)
	}
	_, connections := w.Present()
	if err := rec.CheckLaws(w.Requests, connections); err != nil {
		return nil, LawError{p.Name, replication, err}
	}
	if err := w.CheckLaws(); err != nil {
		return nil, LawError{p.Name, replication, err}
	}
	run = rec.Finish()
	pop := w.Population()
	if replication == 0 { // of the others they are not shown
		var sites []int
		for i := range p.Config.Traffic {
			sites = append(sites, siteNumbers(p.Config.Traffic[i].From, pop.Sites, func(k int) string { return pop.Sites[k].Name })...)
		}
		run.GroupSizes = pop.GroupSizes(unique(sites))
	}
	if o.Assignments {
		run.Assignments = rec.Assignments(pop.Addrs, pop.Name)
	}
	return run, nil
}

func siteNumbers[T any](names []string, all []T, name func(int) string) (out []int) {
	place := make(map[string]int, len(all))
	for i := range all {
		place[name(i)] = i
	}
	for _, n := range names {
		out = append(out, place[n])
	}
	return out
}

func unique(x []int) (out []int) {
	seen := map[int]bool{}
	for _, i := range x {
		if !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	return out
}

// setting tells the recorder about the world.
func setting(f *scenarios.File, p *scenarios.Plan, o Options) results.Setting {
	s := results.Setting{
		Warmup: p.Scenario.Warmup.Time, Duration: p.Scenario.Duration, Requests: p.Requests,
		Windows: f.Scenario.Spans(), StormWindow: p.Scenario.Storm.Window, Assignments: o.Assignments,
		Placement: namesOf(&p.Config), Network: p.Config.Network != nil,
	}
	if f.CountsSessions() {
		s.Sessions = f.Scenario.Session.Idle
	}
	for i := range p.Config.Sites {
		if site := &p.Config.Sites[i]; site.Visits != nil {
			s.Clients += len(site.Visits.Clients)
		} else {
			s.Clients += site.Clients
		}
	}
	number := map[string]int{}
	for i := range p.Config.Servers {
		name := p.Config.Servers[i].Name
		number[name] = i
		s.Servers = append(s.Servers, name)
	}
	for i := range p.Config.Balancer.Services {
		sv := &p.Config.Balancer.Services[i]
		one := results.ServiceSetting{Name: sv.Name, Persistent: p.Persists(sv), Sorry: sv.Sorry != ""}
		for _, m := range sv.Servers {
			one.Servers = append(one.Servers, number[m.Name])
		}
		s.Services = append(s.Services, one)
	}
	return s
}

// WriteAssignments writes the record of every connection attempt as CSV. With
// several variants, a last column names the variant.
func (o *Outcome) WriteAssignments(w io.Writer) error {
	header := results.AssignmentsHeader
	several := len(o.runs) > 1
	if several {
		header += ",variant"
	}
	if _, err := io.WriteString(w, header+"\n"); err != nil {
		return err
	}
	for v, runs := range o.runs {
		name := ""
		if several {
			name = o.Result.Variants[v].Name
		}
		for r, run := range runs {
			if err := run.Assignments.Write(w, r, name); err != nil {
				return err
			}
		}
	}
	return nil
}

var _ flow.PlacementObserver = (*results.Recorder)(nil)
