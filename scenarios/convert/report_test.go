package convert

import (
	"strings"
	"testing"
	"time"
)

func TestReport(t *testing.T) {
	l := readText(t, common+"nonsense\n"+common+combined+strings.Replace(combined, "X11", "PPC", 1))
	want := `log        test.log, NCSA common and NCSA combined
lines      5: 4 requests, 0 comments or blank, 1 malformed
time       1995-08-01 06:00:00 UTC to 1995-08-01 06:00:01 UTC (1 s)
clients    3 at 2 addresses, 3 sessions (30 min without a request ends one)

per address                        requests  sessions   clients
median                                    2         1         1
90 %                                      2         2         2
99 %                                      2         2         2
largest                                   2         2         2
share of the largest                 50.0 %    66.7 %    66.7 %
of the 10 largest                   100.0 %   100.0 %   100.0 %
of the 100 largest                  100.0 %   100.0 %   100.0 %
Gini                                  0.000     0.167     0.167
H, the sum of squared shares            0.5     0.556     0.556
1/H, as uneven as so many equal         2.0       1.8       1.8

source hash, busiest server/mean
2 servers, expected                    1.50      1.67      1.67

busiest addresses                  requests  sessions   clients   share
192.0.2.1                                 2         1         1  50.0 %
192.0.2.2                                 2         2         2  50.0 %
`
	equal(t, "report", l.Report(SessionGap, []int{2}).Text(), want)
	l, _ = ReadLog(strings.NewReader(strings.Replace(common, "192.0.2.1", strings.Repeat("é", 40)+".example", 1)), "test.log")
	if text := l.Report(0, nil).Text(); !strings.Contains(text, "\n"+strings.Repeat("é", 32)+"…  ") {
		t.Error(text)
	}
}

// A session ends after a gap that is longer than the given one, counted from
// the end of the longest request.
func TestSessions(t *testing.T) {
	line := func(clock, took string) string {
		return strings.Replace(strings.Replace(w3c, "06:00:02", clock, 1), "1500", took, 1)
	}
	l := readText(t, fields+line("06:00:00", "0")+line("06:10:00", "0")+line("06:20:01", "0")+
		line("06:40:00", "1199000")+ // from 06:20:01 on
		line("06:50:00", "0")+line("07:00:01", "0"))
	for gap, want := range map[time.Duration]int{10 * time.Minute: 3, 601 * time.Second: 1, 10*time.Minute - 1: 5, 0: 5, time.Hour: 1} {
		equal(t, "sessions by "+gap.String(), l.Sources(gap)[0].Sessions, want)
	}
	equal(t, "requests", l.Sources(0)[0].Requests, 6)
}

// Requests and sessions of the Apache sample, counted anew.
func TestSessionsOfSample(t *testing.T) {
	l := readFile(t, apacheLog)
	last := map[int32]time.Duration{}
	want := map[string]int{}
	for _, e := range l.Entries {
		at, seen := last[e.Client]
		if !seen || e.At-at > SessionGap {
			want[l.Clients[e.Client].Addr.String()]++
		}
		last[e.Client] = e.At
	}
	total := 0
	for _, a := range l.Sources(SessionGap) {
		equal(t, a.Addr.String(), a.Sessions, want[a.Addr.String()])
		total += a.Sessions
	}
	equal(t, "sessions", total, 3224)
}
