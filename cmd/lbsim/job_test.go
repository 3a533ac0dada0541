package main

import (
	"os/exec"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// The printed jobs are right for the shell and for Kubernetes, whatever stands in
// the values, and their command is that of the sweep.
func TestJobs(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "mine.yaml", sweepScenario)
	list := `balancer.services.web.scheduler=[{kind: random, choices: 2}, 'first', "round-robin"]`
	emit := func(system string) string {
		return mustRun(t, "sweep", "mine.yaml", "--vary", list, "--emit", system, "--shards", "3", "-o", "my parts")
	}
	// What the shell makes of the arguments, one in a line.
	fake := "lbsim() { printf '%s\\n' \"$@\"; }; exec() { \"$@\"; }\n"
	want := strings.Join([]string{"sweep", "mine.yaml", "--vary", list, "--shard", "auto/3", "--parallel", "1", "-o", "my parts", ""}, "\n")

	if got := shellOutput(t, fake+emit("slurm")); got != want {
		t.Errorf("the job for Slurm runs\n%swant\n%s", got, want)
	}
	parallel := "seq() { :; }; parallel() { eval \"$1\"; }\n"
	got := shellOutput(t, fake+parallel+emit("parallel"))
	merge := strings.Join([]string{"merge", "my parts", "-o", "out/mine-sweep", ""}, "\n")
	if got != strings.Replace(want, "auto/3", "{}/3", 1)+merge {
		t.Errorf("the job for GNU parallel runs\n%s", got)
	}
	var job struct {
		Kind string
		Spec struct {
			CompletionMode           string `yaml:"completionMode"`
			Completions, Parallelism int
			Template                 struct {
				Spec struct {
					Containers []struct{ Command []string }
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(emit("kubernetes")), &job); err != nil {
		t.Fatal(err)
	}
	if job.Kind != "Job" || job.Spec.CompletionMode != "Indexed" || job.Spec.Completions != 3 {
		t.Errorf("the job for Kubernetes is %+v", job)
	}
	command := job.Spec.Template.Spec.Containers[0].Command
	if got := shellOutput(t, fake+command[len(command)-1]); got != want {
		t.Errorf("the job for Kubernetes runs\n%swant\n%s", got, want)
	}
}

func shellOutput(t *testing.T, script string) string {
	t.Helper()
	out, err := exec.Command("bash", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, script)
	}
	return string(out)
}
