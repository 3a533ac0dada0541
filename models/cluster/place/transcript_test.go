package place

import (
	"testing"

	"lbsim/models/internal/transcript"
)

// The vectors in testdata; rig.Command lists the commands.
func TestTranscripts(t *testing.T) {
	transcript.Run(t, func() transcript.Rig { return newRig() })
}
