package lab

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// here returns why the lab cannot run on this system; nil: it can.
func here() error { return nil }

// alarm wakes a goroutine at a set time. The runtime's own timers are up to a
// millisecond late on a machine that has nothing else to do, as it then sleeps in
// whole milliseconds; the kernel's are not, and it sleeps for both.
type alarm struct {
	file *os.File
	fd   uintptr
}

func newAlarm() (*alarm, error) {
	const monotonic = 1
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, monotonic, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return nil, fmt.Errorf("timer: %w", errno)
	}
	return &alarm{os.NewFile(fd, "timer"), fd}, nil
}

// set lets the alarm go off after d, and at no time that was set before.
func (a *alarm) set(d time.Duration) {
	interval := [2]syscall.Timespec{1: syscall.NsecToTimespec(int64(max(d, 1)))} // of 0 it would never go off
	syscall.Syscall6(syscall.SYS_TIMERFD_SETTIME, a.fd, 0, uintptr(unsafe.Pointer(&interval)), 0, 0, 0)
}

// wait returns true when the alarm goes off, false when it is closed.
func (a *alarm) wait() bool {
	var expirations [8]byte
	_, err := a.file.Read(expirations[:])
	return err == nil
}

func (a *alarm) close() { a.file.Close() }

// bindLate leaves the choice of a connection's port to connect, which may choose
// one that is in use towards somebody else.
func bindLate(_, _ string, c syscall.RawConn) error {
	const bindAddressNoPort = 24
	var err error
	if e := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, bindAddressNoPort, 1)
	}); e != nil {
		return e
	}
	return err
}

// setBacklog changes how many connections of a port may wait to be accepted.
// Beyond one more than that, whoever connects hears nothing.
func setBacklog(l *net.TCPListener, n int) error {
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	if e := raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), n) }); e != nil {
		return e
	}
	return err
}

// tie lets a program end when this one does, whatever ends it, and keeps the
// terminal's signals from it: it is stopped in good order. The thread that starts
// it must live on. SIGTERM, as nginx's workers outlive a master that is killed.
func tie(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// stopGroup asks a program and those that it started to end; killGroup ends them.
func stopGroup(pid int) { syscall.Kill(-pid, syscall.SIGTERM) }
func killGroup(pid int) { syscall.Kill(-pid, syscall.SIGKILL) }

// groupLives reports whether a process of the group is left.
func groupLives(pid int) bool { return !errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) }

// hurry puts this process, and what it starts from now on, before all others that
// want a processor, where the system lets it: on a busy machine clients would come
// late, and servers answer late, for reasons that are not the balancer's. relax ends
// that for this process; for those that it has started, their end does.
func hurry() { schedule(roundRobinPolicy, 1) }
func relax() { schedule(usualPolicy, 0) }

const (
	usualPolicy      = 0
	roundRobinPolicy = 2
)

// schedule sets the policy by which the kernel gives processors to the threads of
// this process, and a priority within. Threads that these start inherit it.
func schedule(policy uintptr, priority int32) {
	const passes = 2 // threads may be started meanwhile
	for range passes {
		threads, _ := os.ReadDir("/proc/self/task")
		for _, t := range threads {
			if id, err := strconv.Atoi(t.Name()); err == nil {
				syscall.Syscall(syscall.SYS_SCHED_SETSCHEDULER, uintptr(id), policy, uintptr(unsafe.Pointer(&priority)))
			}
		}
	}
}

// openFiles is how many files and connections this process may have open, and what
// it starts. It is raised to what the system allows.
func openFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 1024
	}
	limit.Cur = limit.Max // the runtime does so for this process alone
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	return int(min(limit.Max, 1<<30))
}

// firstEphemeral is the first port that the system gives to who asks for none.
func firstEphemeral() int {
	first := 32768
	if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		fmt.Sscan(string(text), &first)
	}
	return first
}

// listens reports whether somebody listens at a port of an IPv4 address. To connect
// would tell, too, but count as a client.
func listens(port int) bool {
	text, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return false
	}
	const listening = "0A"
	end := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line) // number, own address, other address, state
		if len(f) > 3 && strings.HasSuffix(f[1], end) && f[3] == listening {
			return true
		}
	}
	return false
}
