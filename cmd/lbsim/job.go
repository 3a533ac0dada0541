package main

import (
	_ "embed"
	"fmt"
	"path/filepath"
	"strings"
	"text/template"

	"lbsim/results"
	"lbsim/scenarios/experiment"
)

// jobSystems are the systems for which lbsim sweep prints jobs.
var jobSystems = []string{"slurm", "kubernetes", "parallel"}

// The jobs, by system. They run all shards, each of which is made again where the
// system does that, and goes on from what it had kept.
var (
	//go:embed job-slurm.tmpl
	slurmJob string
	//go:embed job-kubernetes.tmpl
	kubernetesJob string
	//go:embed job-parallel.tmpl
	parallelJob string
)

// job is what the templates fill in.
type job struct {
	Name    string // fit for a label: a to z, digits and hyphens
	Version string
	Extent  string
	Command string // without the shard
	Shards  int
	Last    int    // number of the last shard
	Parts   string // folder of the shards
	Result  string
	Image   string
}

// Merge is the command that joins the shards.
func (j job) Merge() string { return fmt.Sprintf("lbsim merge %s -o %s", j.Parts, j.Result) }

// Wrapped is that command as one word.
func (j job) Wrapped() string { return quote(j.Merge()) }

// Quoted is the command of a shard as one word, in which {} stands for its number.
func (j job) Quoted() string {
	return quote(fmt.Sprintf("%s --shard {}/%d --parallel 1 -o %s", j.Command, j.Shards, j.Parts))
}

// Retries is how many failures of all shards Kubernetes makes good.
func (j job) Retries() int { return 3 * j.Shards }

func (c *cli) emitJob(s *experiment.Sweep, arg string, f *sweepFlags) error {
	if arg == "-" {
		return usageError{fmt.Errorf("--emit %s: a job cannot read standard input: give a file", f.emit)}
	}
	name := s.Outline.Scenario
	j := job{
		Name: label(name), Version: version, Command: s.Command, Shards: f.shards, Last: f.shards - 1, Image: f.image,
		Extent: fmt.Sprintf("%d points, %d runs, about %s on one core", len(s.Points), s.Runs(), results.Seconds.Human(s.Computing())), Parts: quote(f.out), Result: quote(filepath.Join("out", name+"-sweep")),
	}
	if f.out == "" {
		j.Parts = quote(filepath.Join("out", name+"-shards"))
	}
	text := map[string]string{"slurm": slurmJob, "kubernetes": kubernetesJob, "parallel": parallelJob}[f.emit]
	t, err := template.New(f.emit).Parse(text)
	if err != nil {
		return err
	}
	return t.Execute(c.stdout, j)
}

// label makes a name fit for a Kubernetes label.
func label(name string) string {
	fit := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, strings.ToLower(name))
	return strings.Trim(fit[:min(len(fit), 40)], "-")
}
