package convert

import "time"

// Time stamps are parsed by hand: there is one in every line, and time.Parse
// interprets its layout anew each time. Every character is checked, for a
// stamp that is almost right must not become a time that is almost right.

// firstYear, lastYear and maxTook bound stamps to what can be meant: there was
// no web before 1990, so a stamp of 1970 comes from a clock that was not set,
// and must not become t = 0. They also keep the span of a log below maxTime.
const (
	firstYear, lastYear = 1990, 2087
	maxTook             = 365 * 24 * time.Hour
)

// ncsaStampLen is the length of "02/Jan/2006:15:04:05 -0700".
const ncsaStampLen = 26

// parseNCSAStamp reads a time of the form "02/Jan/2006:15:04:05 -0700" as
// nanoseconds since 1970 (UTC).
func parseNCSAStamp(b []byte) (ns int64, ok bool) {
	if len(b) != ncsaStampLen || b[2] != '/' || b[6] != '/' || b[11] != ':' || b[20] != ' ' {
		return 0, false
	}
	date, ok1 := dateOf(number(b[7:11]), monthOf(b[3:6]), number(b[0:2]))
	clock, ok2 := parseClock(b[12:20])
	hours, minutes := number(b[22:24]), number(b[24:26])
	if !ok1 || !ok2 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 {
		return 0, false
	}
	east := int64(hours*60+minutes) * int64(time.Minute) // the zone, east of Greenwich
	switch b[21] {
	case '+':
		return date + clock - east, true
	case '-':
		return date + clock + east, true
	}
	return 0, false
}

// parseDate reads "2006-01-02" as nanoseconds since 1970.
func parseDate(b []byte) (ns int64, ok bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	return dateOf(number(b[0:4]), number(b[5:7]), number(b[8:10]))
}

// parseClock reads "15:04:05", optionally with up to nine decimals, as
// nanoseconds since midnight. There is no second 60: servers do not log leap
// seconds.
func parseClock(b []byte) (ns int64, ok bool) {
	if len(b) < 8 || b[2] != ':' || b[5] != ':' {
		return 0, false
	}
	h, m, s := number(b[0:2]), number(b[3:5]), number(b[6:8])
	if h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 {
		return 0, false
	}
	ns = int64(h*3600+m*60+s) * int64(time.Second)
	if decimals := b[8:]; len(decimals) > 0 {
		if len(decimals) == 1 || len(decimals) > 10 || decimals[0] != '.' {
			return 0, false
		}
		fraction := number(decimals[1:])
		if fraction < 0 {
			return 0, false
		}
		for range 10 - len(decimals) {
			fraction *= 10
		}
		ns += int64(fraction)
	}
	return ns, true
}

// dateOf returns the start of a day in nanoseconds since 1970, and false if
// the calendar has no such day.
func dateOf(year, month, day int) (ns int64, ok bool) {
	if year < firstYear || year > lastYear || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t.UnixNano(), t.Day() == day // time.Date makes 1 March of 30 February
}

// monthOf returns 1 to 12 for "Jan" to "Dec", else 0.
func monthOf(b []byte) int {
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for i := 0; i < len(names); i += 3 {
		if string(b) == names[i:i+3] {
			return i/3 + 1
		}
	}
	return 0
}

// number reads up to nine decimal digits, and returns -1 for anything else.
func number(b []byte) int {
	if len(b) == 0 || len(b) > 9 {
		return -1
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
