package flow

import (
	"time"

	"lbsim/sim"
)

// PlacementObserver is an Observer that also follows virtual machines and
// databases.
type PlacementObserver interface {
	Observer
	// Placed reports that a machine has another host or another condition than
	// before. host is -1 if no host has it.
	Placed(vm, host int, is Condition, now sim.Time)
	// Mounted reports which member of its group has a database mounted now, -1:
	// none.
	Mounted(database, member int, now sim.Time)
}

// Condition is what a virtual machine is doing.
type Condition uint8

// The conditions.
const (
	Off     Condition = iota // it does not run, and nothing is under way
	Pending                  // it has no host, or its host cannot start it, and it is to run
	Booting                  // it starts
	Serving                  // it answers
	Moving                   // it migrates, and answers
	Stopped                  // a host has it and it does not answer: it has failed, is saved or stands still
)

var conditionNames = [...]string{"off", "waiting", "booting", "serving", "moving", "stopped"}

// String returns the condition's name.
func (c Condition) String() string { return conditionNames[c] }

// PlacementMetering is a Metering of a world in which there are virtual machines or
// database groups. All meters count from the start of the run; the difference of two
// readings is what has happened between them.
type PlacementMetering interface {
	Metering
	// VMs, Classes and Databases return the numbers of what can be read.
	VMs() int
	Classes() int
	Databases() int
	// ClusterMeter reads what all hosts have in common.
	ClusterMeter(now sim.Time) ClusterMeter
	VMMeter(vm int, now sim.Time) VMMeter
	ClassMeter(class int, now sim.Time) ClassMeter
	// GroupMeter reads what all databases have in common.
	GroupMeter(now sim.Time) GroupMeter
	DatabaseMeter(database int, now sim.Time) DatabaseMeter
	// ServiceMeter reads how many servers of a service work.
	ServiceMeter(service int, now sim.Time) ServiceMeter
}

// ServiceMeter is what has happened to the servers of a service.
type ServiceMeter struct {
	// Up is for how long so many of them worked as clients find them, from none on.
	Up []time.Duration
}

// ClusterMeter is what has happened to all hosts and virtual machines.
type ClusterMeter struct {
	HostFailures int // hosts that went down, for whatever reason
	Restarts     int // machines that got a host after a failure
	Failovers    int // of these, those that got another one
	Migrations   int
	Evicted      int // machines taken down for others
	Refused      int // starts that admission control refused
	Quarantines  int
	// Hosts is how many there are, and HostsUp the integral of how many work, in
	// nanoseconds.
	Hosts   int
	HostsUp float64
}

// VMMeter is what has happened to a virtual machine.
type VMMeter struct {
	Name string
	// Up is how long it has answered. Standing still at the end of live migrations is
	// no outage; it is counted in Stunned.
	Up, Stunned time.Duration
	// Ready is how long each of its processors, on average, had work and no core (CPU
	// ready).
	Ready                                    time.Duration
	Outages, Restarts, Failovers, Migrations int
}

// ClassMeter is what has happened to the virtual machines that have a class name.
type ClassMeter struct {
	Name    string
	Members int
	// Up is for how long so many of them answered, from none on: to as many as there
	// have been at any time.
	Up []time.Duration
	// Together is how long at least two were on one host.
	Together  time.Duration
	Failovers int
}

// GroupMeter is what has happened to a database group.
type GroupMeter struct {
	// WithoutQuorum is how long it had no quorum, and Losses how often it lost it.
	WithoutQuorum time.Duration
	Losses        int
	// Evictions are members that ran, and were left out as they were not heard.
	Evictions int
	Mailboxes bool // clients have mailboxes in the databases
}

// DatabaseMeter is what has happened to a database.
type DatabaseMeter struct {
	Name string
	// Dismounted is how long it has not been mounted, Thin how long it had fewer
	// than two healthy copies (mounted or not; those with lag do not count).
	Dismounted, Thin time.Duration
	// Failovers are mounts of another copy after a failure, FalseFailovers those of
	// them where the member that had it was well. LostLogs are log files that they
	// have lost.
	Failovers, FalseFailovers, LostLogs int
	// Switchovers are planned moves, Returns those to the copy of preference 1 that
	// nobody has asked for.
	Switchovers, Returns int
}
