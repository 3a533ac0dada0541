package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checkFiles reports more connections at a time than this process may have, with one
// at the client and one at the server for each, or than the balancer takes.
func (r *rig) checkFiles(arrivals []Arrival) error {
	const others = 200
	most := mostAtATime(arrivals)
	if limit := openFiles(); 2*most+others > limit {
		return fmt.Errorf("%d connections at a time need more open files than this system allows (%d): raise ulimit -n, or let fewer clients come", most, limit)
	}
	if r.admin == nil {
		return nil
	}
	said, err := r.admin.ask("show info")
	if err != nil {
		return err
	}
	for line := range strings.Lines(said) {
		text, ok := strings.CutPrefix(line, "Maxconn: ")
		if limit, err := strconv.Atoi(strings.TrimSpace(text)); ok && err == nil && most > limit {
			return fmt.Errorf("%d connections at a time are more than haproxy takes on this system (%d): raise ulimit -n, or let fewer clients come", most, limit)
		}
	}
	return nil
}

// mostAtATime is how many connections are held at a time, if all are taken at once.
func mostAtATime(arrivals []Arrival) (most int) {
	var ends []time.Duration
	for i := range arrivals {
		if a := &arrivals[i]; !a.Request {
			ends = append(ends, a.At+a.Hold)
		}
	}
	slices.Sort(ends)
	here, over := 0, 0
	for i := range arrivals {
		if arrivals[i].Request {
			continue
		}
		for over < len(ends) && ends[over] <= arrivals[i].At {
			over, here = over+1, here-1
		}
		here++
		most = max(most, here)
	}
	return most
}
