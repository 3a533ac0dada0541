package cluster_test

import (
	"testing"

	"lbsim/models/internal/transcript"
)

// What happens second by second; a case begins with the configuration as in a
// scenario, and rig.Command lists the commands.
func TestTranscripts(t *testing.T) {
	transcript.Run(t, func() transcript.Rig { return &rig{} })
}

// What happens at one instant must not depend on the order in which events were
// scheduled, where it is not the order of events of the timeline.
func TestTranscriptsWithShuffledTies(t *testing.T) {
	transcript.Shuffled(t, func(seed uint64) transcript.Rig { return &rig{shuffle: seed} }, "testdata/platforms.txt")
}
