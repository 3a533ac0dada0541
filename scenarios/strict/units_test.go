package strict

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"lbsim/models/flow"
)

func TestParseUnits(t *testing.T) {
	duration := func(s string) (float64, error) { d, err := ParseDuration(s); return float64(d), err }
	rate := func(s string) (float64, error) { r, err := ParseRate(s); return float64(r), err }
	share := func(s string) (float64, error) { x, err := ParseShare(s); return float64(x), err }
	size := func(s string) (float64, error) { x, err := ParseSize(s); return float64(x), err }
	for _, c := range []struct {
		parse func(string) (float64, error)
		text  string
		want  float64
	}{
		{duration, "0", 0}, {duration, "250ms", 250e6}, {duration, "30s", 30e9}, {duration, "1h30m", 5400e9},
		{duration, "2d", 172800e9}, {duration, "1d2h3m4s5ms6us", 93784005006e3}, {duration, "0.7ms", 7e5},
		{duration, "1.000000001s", 1000000001}, {duration, "0.001us", 1}, {duration, "4000h", 14400000e9},
		{rate, "900/s", 900}, {rate, "12/min", 0.2}, {rate, "5/h", 5.0 / 3600}, {rate, "1/d", 1.0 / 86400}, {rate, "0.7/s", 0.7}, {rate, "0/s", 0},
		{share, "35%", 0.35}, {share, "0.1%", 0.001}, {share, "100%", 1}, {share, "0%", 0}, {share, "99.99%", 0.9999},
		{size, "12B", 12}, {size, "4KB", 4000}, {size, "1KiB", 1024}, {size, "256GB", 256e9}, {size, "1.5KiB", 1536}, {size, "2TiB", 1 << 41},
	} {
		if got, err := c.parse(c.text); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.text, got, err, c.want)
		}
	}
	for _, c := range []struct {
		parse      func(string) (float64, error)
		text, want string
	}{
		{duration, "300", `"300" has no unit (write 300s or 300ms (HAProxy reads a bare number as milliseconds, nginx as seconds))`},
		{duration, "", `"" is not a duration (write a number and a unit, such as 250ms, 30s, 1h30m or 2d)`},
		{duration, "NaN", `"NaN" is not a duration (write a number and a unit, such as 250ms, 30s, 1h30m or 2d)`},
		{duration, "1e30", `"1e30" has the unknown unit "e" (units are d, h, m, s, ms, us)`},
		{duration, "-1s", `"-1s" is negative (a duration is 0 or more)`},
		{duration, "30 s", `"30 s" is not a duration (write it without spaces, such as 30s or 1h30m)`},
		{duration, "5min", `"5min" has the unknown unit "min" (did you mean 5m?)`},
		{duration, "5x", `"5x" has the unknown unit "x" (units are d, h, m, s, ms, us)`},
		{duration, "30m1h", `"30m1h" is not a duration (write the larger unit first and each once, such as 1h30m)`},
		{duration, "1m1m", `"1m1m" is not a duration (write the larger unit first and each once, such as 1h30m)`},
		{duration, "0.0001us", `"0.0001us" is finer than a nanosecond`},
		{duration, "300000000000h", `"300000000000h" is too long (the longest duration is about 292 years)`},
		{duration, ".5s", `".5s" is not a duration (write a number and a unit, such as 250ms, 30s, 1h30m or 2d)`},
		{duration, "5.s", `"5.s" has the unknown unit ".s" (units are d, h, m, s, ms, us)`},
		{rate, "900", `"900" has no unit (write 900/s, 900/min, 900/h or 900/d)`},
		{rate, "900/m", `"900/m" has the unknown unit "/m" (units are /s, /min, /h, /d)`},
		{rate, "-1/s", `"-1/s" is negative (a rate is 0 or more)`},
		{rate, "fast", `"fast" is not a rate (write a number and a unit, such as 900/s, 12/min, 5/h or 1/d)`},
		{share, "0.35", `"0.35" has no percent sign (write 35% or 0.35%)`},
		{share, "1", `"1" has no percent sign (write 100% or 1%)`},
		{share, "35", `"35" has no percent sign (write 35%)`},
		{share, "101%", `"101%" is more than the whole (a share is 0% to 100%)`},
		{share, "-1%", `"-1%" is negative (a share is 0% to 100%)`},
		{size, "4", `"4" has no unit (write 4B, 4KB, 4MB or 4GB)`},
		{size, "4kb", `"4kb" has the unknown unit "kb" (did you mean 4KB?)`},
		{size, "0.5B", `"0.5B" is not a whole number of bytes`},
		{size, "99999999TiB", `"99999999TiB" is too large`},
	} {
		if _, err := c.parse(c.text); err == nil || err.Error() != c.want {
			t.Errorf("%s\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestFormatUnits(t *testing.T) {
	for want, got := range map[string]string{
		"0s": FormatDuration(0), "1m": FormatDuration(time.Minute), "90s": FormatDuration(90 * time.Second),
		"250ms": FormatDuration(250 * time.Millisecond), "1.5s": FormatDuration(1500 * time.Millisecond),
		"4000h": FormatDuration(4000 * time.Hour), "2d": FormatDuration(48 * time.Hour), "100h": FormatDuration(100 * time.Hour),
		"700us": FormatDuration(700 * time.Microsecond), "0.001us": FormatDuration(1), "5ms": FormatDuration(5e6),
		"-5ms": FormatDuration(-5e6), "1h1s": FormatDuration(time.Hour + time.Second),
		"900/s": FormatRate(900), "0.2/s": FormatRate(0.2), "0.23/s": FormatRate(0.23), "0.0001/s": FormatRate(0.0001), "1/d": FormatRate(1.0 / 86400), "5/h": FormatRate(5.0 / 3600), "0/s": FormatRate(0),
		"35%": FormatShare(0.35), "0.1%": FormatShare(0.001), "100%": FormatShare(1), "0%": FormatShare(0), "12.5%": FormatShare(0.125),
		"0B": FormatSize(0), "4KB": FormatSize(4000), "4KiB": FormatSize(4096), "256GB": FormatSize(256e9), "1234B": FormatSize(1234),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestUnitsRoundTrip(t *testing.T) {
	u := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		d := time.Duration(u.Uint64() >> (1 + u.IntN(63)))
		if u.IntN(2) == 0 {
			d -= d % 1e6
		}
		if got, err := ParseDuration(FormatDuration(d)); err != nil || got != d {
			t.Fatalf("%d: %s, %v", d, FormatDuration(d), err)
		}
		r := flow.Rate(math.Ldexp(u.Float64(), u.IntN(60)-40))
		if got, err := ParseRate(FormatRate(r)); err != nil || got != r {
			t.Fatalf("%v: %s, %v", float64(r), FormatRate(r), err)
		}
		s := flow.Share(math.Ldexp(u.Float64(), -u.IntN(200)))
		if got, err := ParseShare(FormatShare(s)); err != nil || got != s {
			t.Fatalf("%v: %s, %v", float64(s), FormatShare(s), err)
		}
		b := flow.Size(d)
		if got, err := ParseSize(FormatSize(b)); err != nil || got != b {
			t.Fatalf("%d: %s, %v", b, FormatSize(b), err)
		}
	}
}
