package results

import (
	"math"
	"testing"
)

func TestHuman(t *testing.T) {
	for _, c := range []struct {
		d    Display
		v    float64
		want string
	}{
		{Seconds, 0.14, "140 ms"}, {Seconds, 0.00099996, "1 ms"}, {Seconds, 0.0000123, "12.3 µs"}, {Seconds, 62, "62 s"},
		{Seconds, 264.4, "264 s"}, {Seconds, 2400, "40 min"}, {Seconds, 36000, "10 h"}, {Seconds, 0, "0 s"}, {Seconds, -0.14, "-140 ms"},
		{Seconds, 0.99996, "1 s"}, {Seconds, math.NaN(), "-"}, {Plain, math.Inf(1), "-"},
		{Plain, 2.2, "2.2"}, {Plain, 1234.4, "1,234"}, {Plain, 1234567, "1,234,567"}, {Plain, 0.0123456, "0.0123"}, {Plain, -0.0001, "-0.0001"}, {Plain, 0.0000559, "5.59e-5"},
		{Plain, 999.96, "1,000"},
		{Percent, 0.123, "12.3 %"}, {Percent, 0, "0 %"}, {Percent, 1, "100 %"}, {Percent, 0.99987, "99.987 %"}, {Percent, 0.0000321, "0.00321 %"},
		{Rate, 900, "900/s"},
	} {
		if got := c.d.Human(c.v); got != c.want {
			t.Errorf("Human(%v) = %q, want %q", c.v, got, c.want)
		}
	}
}

func TestHumanLimit(t *testing.T) {
	for _, c := range []struct {
		d    Display
		v    float64
		want string
	}{
		{Plain, 2.2, "2.2"}, {Plain, 1.001, "1.001"}, {Plain, 0.999, "0.999"}, {Plain, 4117.9, "4,117.9"}, {Plain, 1234567, "1,234,567"},
		{Plain, 2.0 / 3, "0.666667"}, {Plain, 0, "0"}, {Plain, math.NaN(), "-"}, {Plain, 0.0000559, "5.59e-5"},
		{Seconds, 0.5, "500 ms"}, {Seconds, 0.2505, "250.5 ms"}, {Seconds, 62.25, "62.25 s"}, {Seconds, 5400, "90 min"},
		{Percent, 0.202, "20.2 %"}, {Percent, 0.99987, "99.987 %"}, {Rate, 1075.2, "1,075.2/s"},
	} {
		if got := c.d.HumanLimit(c.v); got != c.want {
			t.Errorf("HumanLimit(%v) = %q, want %q", c.v, got, c.want)
		}
	}
}

func TestHumanInterval(t *testing.T) {
	for _, c := range []struct {
		d          Display
		mean, half float64
		want, diff string
	}{
		{Plain, 4.312, 0.213, "4.3 ± 0.2", "+4.3 ± 0.2"},
		{Plain, 4.312, 0.123, "4.31 ± 0.12", "+4.31 ± 0.12"},
		{Plain, -2.12, 0.2, "-2.1 ± 0.2", "-2.1 ± 0.2"},
		{Seconds, 0.1402, 0.0031, "140 ± 3 ms", "+140 ± 3 ms"},
		{Seconds, 0.0001, 0.2, "0 ± 200 ms", "+0 ± 200 ms"},
		{Plain, 4.31, 0.0004, "4.31 ± <0.01", "+4.31 ± <0.01"},
		{Plain, 0.0000559, 1e-8, "5.59e-5 ± 1e-8", "+5.59e-5 ± 1e-8"},
		{Plain, 0.00000799, 0.0000056, "8e-6 ± 5.6e-6", "+8e-6 ± 5.6e-6"},
		{Plain, -2.04, 1.96, "-2.04 ± 1.96", "-2.04 ± 1.96"},
		{Plain, 0.0376, 7e-18, "0.0376", "+0.0376"},
		{Plain, 0, 0, "0", "0"},
		{Percent, 0.99996, 0.000021, "99.996 ± 0.002 %", "+99.996 ± 0.002 points"},
		{Percent, 0.25, 0.01, "25.0 ± 1.0 %", "+25.0 ± 1.0 points"},
		{Plain, 123456, 789, "123,456 ± 789", "+123,456 ± 789"},
		{Plain, 3, math.NaN(), "3", "+3"},
		{Plain, math.NaN(), math.NaN(), "-", "-"},
	} {
		e := Estimate{Mean: c.mean, Low: c.mean - c.half, High: c.mean + c.half}
		if c.half == 0 {
			e.Low, e.High = c.mean, c.mean
		}
		if got := c.d.HumanInterval(e); got != c.want {
			t.Errorf("HumanInterval(%v ± %v) = %q, want %q", c.mean, c.half, got, c.want)
		}
		if got := c.d.HumanChange(e); got != c.diff {
			t.Errorf("HumanChange(%v ± %v) = %q, want %q", c.mean, c.half, got, c.diff)
		}
	}
}

func TestClock(t *testing.T) {
	for v, want := range map[float64]string{0: "0s", 5: "5s", 600: "10m00s", 600.25: "10m00.250s", 3900: "1h05m00s", 0.5: "0.500s", -5: "-5s"} {
		if got := Clock(v); got != want {
			t.Errorf("Clock(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestTermOf(t *testing.T) {
	for name, want := range map[string]string{
		"response_time.p99": "response time p99", "storm.response_time.during.p99": "response time p99 during",
		"connections.mean": "mean open connections", "connections": "connections", "something.new": "something.new",
	} {
		if got := TermOf(name).Label; got != want {
			t.Errorf("TermOf(%q) is %q, want %q", name, got, want)
		}
	}
}
