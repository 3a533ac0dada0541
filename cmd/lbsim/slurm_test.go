package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The job that lbsim prints runs under a real Slurm. One of its four shards is
// killed; merge names it, and once the array job that merge tells is done, the
// result has the bytes of a sweep in one piece.
func TestSlurm(t *testing.T) {
	s := startSlurm(t)
	t.Chdir(t.TempDir())
	write(t, "mine.yaml", sweepScenario)
	sweep := []string{"sweep", "mine.yaml", "--vary", "servers.s1.cores=1..4"}
	// The third shard waits when it runs for the first time, so that it is killed
	// however fast the machine is.
	const hold = "\n[ $SLURM_ARRAY_TASK_ID != 2 ] || [ -e held ] || { touch held; sleep 600; }\n"
	text := mustRun(t, append(sweep, "--emit", "slurm", "--shards", "4", "-o", "parts")...)
	end := strings.LastIndex(text, "#SBATCH")
	end += strings.Index(text[end:], "\n")
	write(t, "job.sh", text[:end]+hold+text[end:])

	job := s.submit(t, "job.sh")
	s.wait(t, "the third shard to run", func() bool { return exists("held") })
	s.tool(t, "scancel", "--signal=KILL", "--full", job+"_2")
	s.finish(t, job)
	if exists("parts/shard-2-of-4.json") {
		t.Fatal("the third shard was killed, and is done")
	}

	var stdout, stderr bytes.Buffer
	if status := run([]string{"merge", "parts", "-o", "merged"}, strings.NewReader(""), &stdout, &stderr); status != exitInput || exists("merged") {
		t.Fatalf("merge without the third shard: exit status %d\n%s", status, &stderr)
	}
	repair := regexp.MustCompile(`(?m)^  sbatch (--array=\S+) JOB$`).FindStringSubmatch(stderr.String())
	if repair == nil || repair[1] != "--array=2" {
		t.Fatalf("merge does not say how to make the third shard:\n%s", &stderr)
	}
	s.finish(t, s.submit(t, repair[1], "job.sh"))

	mustRun(t, "merge", "parts", "-o", "merged")
	mustRun(t, append(sweep, "-o", "whole")...)
	sameFiles(t, "merged", "whole")
}

// slurm is a cluster of one node that listens on loopback only.
type slurm struct{ conf string }

// startSlurm starts one, which ends with the test.
func startSlurm(t *testing.T) *slurm {
	t.Helper()
	for _, name := range []string{"munged", "slurmctld", "slurmd", "sbatch"} {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatal(name + " is not installed")
		}
		t.Skip(name + " is not installed (Debian: apt-get install slurm-wlm munge)")
	}
	dir, err := os.MkdirTemp("", "slurm") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"state", "spool", "munge"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	key := filepath.Join(dir, "munge", "key")
	if err := os.WriteFile(key, bytes.Repeat([]byte("lbsim"), 20), 0o600); err != nil {
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ = strings.Cut(name, ".")
	s := &slurm{conf: filepath.Join(dir, "slurm.conf")}
	ports := freePorts(t, 2)
	write(t, s.conf, fmt.Sprintf(slurmConf, name, ports[0], ports[1], me.Username, dir, runtime.NumCPU()))
	daemon(t, s, dir, "munged", "--foreground", "--force", "--key-file", key, "--num-threads", "1",
		"--socket", dir+"/munge/socket", "--pid-file", dir+"/munge/pid", "--log-file", dir+"/munge/log", "--seed-file", dir+"/munge/seed")
	s.wait(t, "munge", func() bool { return exists(dir + "/munge/socket") })
	daemon(t, s, dir, "slurmctld", "-D", "-f", s.conf)
	daemon(t, s, dir, "slurmd", "-D", "-f", s.conf, "-N", name)
	s.wait(t, "the node", func() bool {
		cmd := exec.Command("sinfo", "-h", "-o", "%T")
		cmd.Env = s.env()
		out, err := cmd.Output()
		return err == nil && strings.TrimSpace(string(out)) == "idle"
	})
	return s
}

// slurmConf needs no control groups and no name service.
const slurmConf = `ClusterName=lbsim
SlurmctldHost=%[1]s(127.0.0.1)
SlurmctldPort=%[2]d
SlurmdPort=%[3]d
SlurmUser=%[4]s
SlurmdUser=%[4]s
AuthType=auth/munge
AuthInfo=socket=%[5]s/munge/socket
StateSaveLocation=%[5]s/state
SlurmdSpoolDir=%[5]s/spool
SlurmctldPidFile=%[5]s/slurmctld.pid
SlurmdPidFile=%[5]s/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmdParameters=config_overrides
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
NodeName=%[1]s NodeAddr=127.0.0.1 CPUs=%[6]d
PartitionName=main Nodes=%[1]s Default=YES State=UP
`

// daemon runs a program until the test ends, and shows what it said if the test
// has failed.
func daemon(t *testing.T, s *slurm, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = s.env()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		ended := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		ended.Stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, &out)
		}
	})
}

func (s *slurm) env() []string { return append(os.Environ(), "SLURM_CONF="+s.conf) }

// tool runs one of Slurm's commands and returns what it prints.
func (s *slurm) tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = s.env()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// submit returns the number of the job.
func (s *slurm) submit(t *testing.T, args ...string) string {
	t.Helper()
	id, _, _ := strings.Cut(strings.TrimSpace(s.tool(t, "sbatch", append([]string{"--parsable"}, args...)...)), ";")
	return id
}

// finish waits until no task of a job runs or waits.
func (s *slurm) finish(t *testing.T, job string) {
	t.Helper()
	s.wait(t, "job "+job, func() bool { return s.tool(t, "squeue", "-h", "-j", job) == "" })
}

// wait asks again and again, for minutes: another program decides how long.
func (s *slurm) wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 6000 {
		if done() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("waited too long for %s", what)
}

func freePorts(t *testing.T, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}
