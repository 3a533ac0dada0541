package cluster

import (
	"fmt"
	"strconv"

	"lbsim/models/flow"
)

// Priority is a machine's priority, 0 to 1,000,000: a number, or in a scenario also one
// of the words of a Windows failover cluster.
type Priority int

// The priorities of a Windows failover cluster, of which vSphere's levels are as
// good as names. A machine of NoAutoStart is left off when it has failed, on the
// platforms that know this; one that is given no priority is Medium.
const (
	NoAutoStart = 0
	Low         = 1000
	Medium      = 2000
	High        = 3000

	maxPriority = 1_000_000
)

// priorityWords are the words for priorities, highest first; priorityNumbers are
// what they stand for.
var (
	priorityWords   = [...]string{"high", "medium", "low", "no-auto-start"}
	priorityNumbers = [...]Priority{High, Medium, Low, NoAutoStart}
)

// ParseScalar reads a word or a plain number, whose range Validate checks. The error is
// a flow.Problem.
func (p *Priority) ParseScalar(text string) error {
	for i, word := range priorityWords {
		if text == word {
			*p = priorityNumbers[i]
			return nil
		}
	}
	n, err := strconv.Atoi(text)
	switch {
	case err == nil && strconv.Itoa(n) == text:
		*p = Priority(n)
		return nil
	case flow.Nearest(text, priorityWords[:]) != "":
		return flow.Problem{Text: strconv.Quote(text) + " is no priority", Hint: "did you mean " + flow.Nearest(text, priorityWords[:]) + "?"}
	}
	return flow.Problem{
		Text: strconv.Quote(text) + " is no priority",
		Hint: fmt.Sprintf("write high (%d), medium (%d), low (%d), no-auto-start (%d) or another whole number up to %d", High, Medium, Low, NoAutoStart, maxPriority),
	}
}

// FormatScalar writes a priority as the word for it, if there is one.
func (p *Priority) FormatScalar() string {
	for i, number := range priorityNumbers {
		if *p == number {
			return priorityWords[i]
		}
	}
	return strconv.Itoa(int(*p))
}

// ScalarPattern describes what ParseScalar reads.
func (p *Priority) ScalarPattern() string { return `^(high|medium|low|no-auto-start|[0-9]{1,7})$` }
