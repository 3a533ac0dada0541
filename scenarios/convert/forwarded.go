package convert

// Forwarded says what the addresses in X-Forwarded-For are good for.
type Forwarded uint8

const (
	// ByFormat is ForwardedSource for W3C logs, which IIS writes behind a
	// balancer, and IgnoreForwarded for others.
	ByFormat Forwarded = iota
	// IgnoreForwarded: the source is the address that connected, a client is
	// that address with a user agent.
	IgnoreForwarded
	// ForwardedSource: a server behind a balancer wrote the log, so the address
	// that connected is the balancer's. The source is the address in the list.
	ForwardedSource
	// ForwardedClient: the source is the address that connected; the list tells
	// who sits behind it.
	ForwardedClient
)

// ForwardedNames are the values as they are written on the command line.
var ForwardedNames = []string{"auto", "ignore", "source", "client"}

func (f Forwarded) String() string { return ForwardedNames[f] }

// maxColumns bounds the fields of a line in which X-Forwarded-For is sought.
const maxColumns = 32

// Columns find the field that holds X-Forwarded-For: servers log it among
// others, without its name, so it is the one whose values are lists of
// addresses. One line proves nothing, as a host may be named by its address.
type columns struct {
	filled, lists [maxColumns]int
}

// note looks at the fields of one line.
func (c *columns) note(fields [][]byte) {
	for i, f := range fields[:min(len(fields), maxColumns)] {
		if f = known(f); f != nil {
			c.filled[i]++
			if isForwarded(f) {
				c.lists[i]++
			}
		}
	}
}

// forwarded returns the column with most lists, in which more than half of the
// values are lists, and -1 if there is none. Of equals it is the first.
func (c *columns) forwarded() int {
	best := -1
	for i, n := range c.lists {
		if 2*n > c.filled[i] && (best < 0 || n > c.lists[best]) {
			best = i
		}
	}
	return best
}

// pick returns the list of addresses in a column, nil if there is none.
func pick(fields [][]byte, column int) []byte {
	if column < 0 || column >= len(fields) || !isForwarded(fields[column]) {
		return nil
	}
	return fields[column]
}
