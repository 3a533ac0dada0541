package dag

import (
	"testing"

	"lbsim/models/internal/transcript"
)

// The vectors in testdata; rig.Command lists the commands.
func TestTranscripts(t *testing.T) {
	transcript.Run(t, func() transcript.Rig { return newRig(0) })
}

// What happens at one instant must not depend on the order in which events were
// scheduled.
func TestTranscriptsWithShuffledTies(t *testing.T) {
	transcript.Shuffled(t, func(seed uint64) transcript.Rig { return newRig(seed) })
}
