package convert

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Trace is a list of connections to replay, ordered by time.
type Trace struct {
	Name     string
	Arrivals []Arrival
	Clients  []string // names, indexed by Arrival.Client
	Services []string // names, indexed by Arrival.Service
	// Keys are the names of what a balancer can read in the requests, as in a
	// scenario, and Values the number of each arrival's value, -1 where it has none:
	// first by key, then by arrival.
	Keys   []string
	Values [][]int32
}

// An Arrival is one connection. Times are 0 to 100 years.
type Arrival struct {
	At        time.Duration // since t = 0
	Hold      time.Duration // from opening to closing; 0 closes at once
	Demand    time.Duration // CPU time, where HasDemand
	Src       netip.Addr    // the address the balancer sees
	Client    int32         // index into Trace.Clients
	Service   int32         // index into Trace.Services; -1 when not said
	HasDemand bool
}

// Write writes the trace as the CSV that ReadTrace reads: times in seconds,
// exact to the nanosecond. The columns service and demand_s are there if any
// arrival has such a value, and those of keys if it has any. It returns an error, before or after part of the
// text, if w fails or if ReadTrace would refuse the text.
func (t *Trace) Write(w io.Writer) error {
	var hasService, hasDemand bool
	for i := range t.Arrivals {
		hasService = hasService || t.Arrivals[i].Service >= 0
		hasDemand = hasDemand || t.Arrivals[i].HasDemand
	}
	line := []byte("t_s,client,src,hold_s")
	if hasService {
		line = append(line, ",service"...)
	}
	if hasDemand {
		line = append(line, ",demand_s"...)
	}
	for _, key := range t.Keys {
		line = appendText(append(line, ','), keyColumn+key)
	}
	out := bufio.NewWriter(w)
	out.Write(append(line, '\n')) // out keeps the first error for Flush
	for i := range t.Arrivals {
		if err := t.check(i); err != nil {
			return err
		}
		a := &t.Arrivals[i]
		line = append(appendSeconds(line[:0], a.At), ',')
		line = append(appendText(line, t.Clients[a.Client]), ',')
		line = append(a.Src.AppendTo(line), ',')
		line = appendSeconds(line, a.Hold)
		if hasService {
			line = append(line, ',')
			if a.Service >= 0 {
				line = appendText(line, t.Services[a.Service])
			}
		}
		if hasDemand {
			line = append(line, ',')
			if a.HasDemand {
				line = appendSeconds(line, a.Demand)
			}
		}
		for k := range t.Keys {
			line = append(line, ',')
			if x := t.Values[k][i]; x >= 0 {
				line = strconv.AppendInt(line, int64(x), 10)
			}
		}
		out.Write(append(line, '\n'))
	}
	return out.Flush()
}

// check returns why arrival i cannot be written and read back, or nil.
func (t *Trace) check(i int) error {
	a := &t.Arrivals[i]
	timeOK := func(d time.Duration) bool { return 0 <= d && d <= maxTime }
	switch {
	case !timeOK(a.At) || !timeOK(a.Hold) || a.HasDemand && !timeOK(a.Demand):
		return fmt.Errorf("arrival %d: a time is negative or longer than 100 years", i)
	case i > 0 && a.At < t.Arrivals[i-1].At:
		return fmt.Errorf("arrival %d: earlier than the one before", i)
	case !a.Src.IsValid() || a.Src != a.Src.Unmap() || a.Src.Zone() != "":
		return fmt.Errorf("arrival %d: %v is not a plain IP address", i, a.Src)
	case !isName(t.Clients[a.Client]):
		return fmt.Errorf("arrival %d: client %q cannot be written", i, t.Clients[a.Client])
	case a.Service >= 0 && !isName(t.Services[a.Service]):
		return fmt.Errorf("arrival %d: service %q cannot be written", i, t.Services[a.Service])
	}
	return nil
}

// keyColumn begins the names of columns that have the values of a key.
const keyColumn = "key:"

// maxKeys and maxValue bound the keys of a trace and their values, as scenarios do.
const (
	maxKeys  = 100
	maxValue = 999_999
)

// isName reports whether s can stand for a client or a service in a trace.
func isName(s string) bool {
	return s != "" && len(s) <= maxName && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// maxName bounds the names in a trace, in bytes.
const maxName = 1000

// appendText appends a CSV field, quoted where ReadTrace needs it.
func appendText(b []byte, s string) []byte {
	if strings.ContainsAny(s, `",`) || s != strings.TrimSpace(s) {
		b = append(b, '"')
		b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
		return append(b, '"')
	}
	return append(b, s...)
}
