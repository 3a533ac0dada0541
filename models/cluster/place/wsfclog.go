package place

import (
	"fmt"
	"time"

	"lbsim/models/cluster"
	"lbsim/sim"
)

// The log needs a process, a thread and a date, of which a run has none: those of
// the example, which is of 22 July 2013. The run begins at midnight, as it does
// for the hours of failback.
const (
	logProcess = 0x648
	logThread  = 0xd54
	logBegins  = 1374451200000 // ms since 1970
)

// Log implements cluster.Logger: of moves that keep machines of a class apart.
func (w *wsfc) Log(m cluster.Move, from int, now sim.Time) string {
	if m.Reason != cluster.Repaired {
		return ""
	}
	ms := logBegins + time.Duration(now).Milliseconds()
	return LogLine(logProcess, logThread, ms, w.view.VMs[m.VM].Name, from, m.To)
}

// LogLine is the line that the cluster's log has for a machine that goes back
// because of its class, after the example in "Configuring Anti-Affinity in
// Failover Clusters" (2013). The moment is in milliseconds since 1970; the nodes
// are those of the View, which counts from 0.
func LogLine(process, thread uint32, ms int64, group string, from, to int) string {
	const day = 24 * 60 * 60 * 1000
	year, month, date := civil(ms / day)
	ms %= day
	return fmt.Sprintf("%08x.%08x::%04d/%02d/%02d-%02d:%02d:%02d.%03d INFO  [RCM] group %s should fail back from node %d to node %d now due anti-affinity",
		process, thread, year, month, date, ms/3600000, ms/60000%60, ms/1000%60, ms%1000, group, from+1, to+1)
}

// civil is the date so many days after the first of 1970, in the Gregorian
// calendar. It counts from the first of March of the year 0, so that leap days
// are the last of a year (H. Hinnant, chrono-compatible low-level date
// algorithms).
func civil(days int64) (year, month, date int64) {
	days += 719468
	era := days / 146097
	day := days % 146097 // of the 400 years
	year = (day - day/1460 + day/36524 - day/146096) / 365
	day -= 365*year + year/4 - year/100
	month = (5*day + 2) / 153 // from March
	date = day - (153*month+2)/5 + 1
	year += 400 * era
	if month >= 10 {
		return year + 1, month - 9, date
	}
	return year, month + 3, date
}
