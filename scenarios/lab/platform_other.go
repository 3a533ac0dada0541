//go:build !linux

package lab

import (
	"errors"
	"net"
	"os/exec"
	"syscall"
	"time"
)

// The lab starts Linux programs and gives clients addresses of 127.0.0.0/8, which
// other systems do not have. What follows is never called there.

func here() error { return errors.New("real balancers are run on Linux only") }

type alarm struct{}

func newAlarm() (*alarm, error)  { return nil, here() }
func (*alarm) set(time.Duration) {}
func (*alarm) wait() bool        { return false }
func (*alarm) close()            {}

func bindLate(_, _ string, _ syscall.RawConn) error { return here() }
func setBacklog(*net.TCPListener, int) error        { return here() }

func tie(*exec.Cmd)       {}
func stopGroup(int)       {}
func killGroup(int)       {}
func groupLives(int) bool { return false }
func hurry()              {}
func relax()              {}
func openFiles() int      { return 0 }
func firstEphemeral() int { return 0 }
func listens(int) bool    { return false }
