package dag

import (
	"cmp"
	"slices"
)

// Status is the state of a copy as the active manager sees it.
type Status uint8

// The states; the first four can be mounted.
const (
	StatusHealthy Status = iota
	DisconnectedAndHealthy
	DisconnectedAndResynchronizing
	SeedingSource
	StatusResynchronizing
	StatusFailed
)

// usable reports whether such a copy may be mounted at all.
func (s Status) usable() bool { return s <= SeedingSource }

// Candidate is a copy of a database that has lost its mounted one.
type Candidate struct {
	Copy        int
	Preference  int
	Status      Status
	CopyQueue   int // log files that it lacks
	ReplayQueue int // log files that it has yet to replay
	Index       IndexState
	Dial        Dial // of its member
	// Barred is whether it must not be mounted by itself: it or its member is
	// blocked, the member is full, cannot be reached, or may mount nothing.
	Barred bool
}

// Selection is the question which copy takes over.
type Selection struct {
	// Candidates are all copies but the one that was mounted.
	Candidates []Candidate
	// Reachable is whether the log files of the source can still be copied.
	Reachable bool
	// SourceDial is the dial of the member that had the database.
	SourceDial Dial
	// ByPreference is set where an administrator moves the database and names no
	// target.
	ByPreference bool
}

// Choice is what has been selected.
type Choice struct {
	Copy int // -1: none can be mounted
	// Set is the number of the set of criteria that it meets, 1 to 10.
	Set int
	// Lost is how many log files are lost.
	Lost int
	// Tried are the copies that meet a set of criteria but lack more log files than
	// their dial allows, in the order in which they were tried.
	Tried []int
}

// set is one of the sets of criteria. Of each field the zero value is no demand.
type set struct {
	index       IndexState
	copyQueue   int // less than
	replayQueue int // less than
}

// sets are tried in this order (active-manager.md, Exchange documentation).
var sets = [...]set{
	{IndexHealthy, 10, 50}, {IndexCrawling, 10, 50},
	{IndexHealthy, 0, 50}, {IndexCrawling, 0, 50},
	{"", 0, 50},
	{IndexHealthy, 10, 0}, {IndexCrawling, 10, 0},
	{IndexHealthy, 0, 0}, {IndexCrawling, 0, 0},
	{"", 0, 0},
}

func (s *set) meets(c *Candidate) bool {
	return (s.index == "" || c.Index == s.index) &&
		(s.copyQueue == 0 || c.CopyQueue < s.copyQueue) &&
		(s.replayQueue == 0 || c.ReplayQueue < s.replayQueue)
}

// SelectCopy is best copy selection: of the copies that can be mounted, in the
// order of the log files that they lack, then of preference, the first that meets
// the first possible set of criteria. If the dial of any server with a copy is
// lossless, or an administrator asks, preference alone decides the order. A copy
// that would lose more than its server's dial allows is tried once and left.
func SelectCopy(s Selection) Choice {
	byPreference := s.ByPreference || s.SourceDial == Lossless
	var list []Candidate
	for _, c := range s.Candidates {
		byPreference = byPreference || c.Dial == Lossless
		if !c.Barred && c.Status.usable() {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b Candidate) int {
		if byPreference {
			return cmp.Compare(a.Preference, b.Preference)
		}
		return cmp.Or(cmp.Compare(a.CopyQueue, b.CopyQueue), cmp.Compare(a.Preference, b.Preference))
	})
	choice := Choice{Copy: -1}
	for i := range sets {
		for j := range list {
			c := &list[j]
			if !sets[i].meets(c) || slices.Contains(choice.Tried, c.Copy) {
				continue
			}
			lost := c.CopyQueue
			if s.Reachable {
				lost = 0 // the last logs are copied (ACLL)
			}
			if lost <= c.Dial.Logs() {
				choice.Copy, choice.Set, choice.Lost = c.Copy, i+1, lost
				return choice
			}
			choice.Tried = append(choice.Tried, c.Copy)
		}
	}
	return choice
}
