package tcp

import (
	"time"

	"lbsim/models/flow"
)

// Exchange and Turn are what applications at both ends write, and wait for. They
// are parts of what traffic is, too.
type (
	Exchange = flow.Exchange
	Turn     = flow.Turn
)

// MaxBytes bounds what an exchange writes.
const MaxBytes = flow.MaxExchangeBytes

// Request returns the usual exchange: one write each way.
func Request(request, response int, think time.Duration) Exchange {
	return Exchange{ClientWrites: []int{request}, ServerWrites: []int{response}, Think: think, Count: 1}
}
