package lb

import (
	"fmt"
	"time"

	"lbsim/models/flow"
)

// Outlier ejects servers that fail more than others, as Envoy's outlier detection
// does (outlier_detection_impl.cc): for errors in a row at once, for their share
// of errors at the ticks of an interval.
//
// A connection that is not taken, and a request that is turned away or lost, is an
// error, and with GiveUps one that its client gives up; all of them but a lost
// connection are what Envoy calls gateway errors. A service in mode tcp sees
// connections alone.
type Outlier struct {
	// Interval is the time between ticks. Ejections end at ticks, too.
	Interval time.Duration `yaml:"interval" doc:"time between two looks at the servers' shares of errors; ejections end then, too"`
	// BaseTime times the number of ejections so far is how long one lasts, MaxTime
	// at the most; each interval without takes one from the number. Jitter is added.
	BaseTime time.Duration `yaml:"base_time" doc:"length of a first ejection; the second is twice as long, and so on"`
	MaxTime  time.Duration `yaml:"max_time" doc:"longest ejection"`
	Jitter   time.Duration `yaml:"jitter" doc:"random time that is added to each ejection, at most"`
	// MaxEjected is the share of the servers that may be ejected at a time, and
	// AlwaysOne whether one may be if that is none at all.
	MaxEjected flow.Share `yaml:"max_ejected" doc:"share of the servers that may be ejected at a time"`
	AlwaysOne  bool       `yaml:"always_eject_one" doc:"one server may be ejected even if that is more than max_ejected"`
	// Errors and GatewayErrors are how many in a row eject a server, the Enforce
	// fields which part of such findings is acted upon.
	Errors         int        `yaml:"errors" doc:"errors in a row: consecutive_5xx"`
	EnforceErrors  flow.Share `yaml:"enforce_errors" doc:"share of such findings that eject the server"`
	GatewayErrors  int        `yaml:"gateway_errors" doc:"gateway errors in a row: refused or turned away"`
	EnforceGateway flow.Share `yaml:"enforce_gateway" doc:"share of such findings that eject the server"`
	// A server is ejected for its success rate if that is less than the mean of
	// all less Factor standard deviations, where enough servers (Servers) had
	// enough requests (Requests) in the interval.
	SuccessServers  int        `yaml:"success_rate_servers" doc:"servers with enough requests that it takes to compare their success rates"`
	SuccessRequests int        `yaml:"success_rate_requests" doc:"requests in an interval that are enough for that"`
	SuccessFactor   float64    `yaml:"success_rate_factor" doc:"standard deviations below the mean at which a success rate is too low"`
	EnforceSuccess  flow.Share `yaml:"enforce_success_rate" doc:"share of such findings that eject the server"`
	// And for its share of failures alone if that is FailureThreshold or more.
	FailureThreshold flow.Share `yaml:"failure_threshold" doc:"share of errors that is too much by itself"`
	FailureServers   int        `yaml:"failure_servers" doc:"servers with enough requests that it takes to look at that"`
	FailureRequests  int        `yaml:"failure_requests" doc:"requests in an interval that are enough for that"`
	EnforceFailure   flow.Share `yaml:"enforce_failure" doc:"share of such findings that eject the server"`
	// Checks is whether a good probe ends an ejection.
	Checks bool `yaml:"check_ends_ejection" doc:"a good probe ends an ejection: successful_active_health_check_uneject_host"`
}

// SetDefaults makes it Envoy's.
func (o *Outlier) SetDefaults() {
	*o = Outlier{
		Interval: 10 * time.Second, BaseTime: 30 * time.Second, MaxTime: 300 * time.Second, MaxEjected: 0.1,
		Errors: 5, EnforceErrors: 1, GatewayErrors: 5,
		SuccessServers: 5, SuccessRequests: 100, SuccessFactor: 1.9, EnforceSuccess: 1,
		FailureThreshold: 0.85, FailureServers: 5, FailureRequests: 50,
		Checks: true,
	}
}

// Validate checks the parameters.
func (o *Outlier) Validate() []flow.Problem {
	var ps []flow.Problem
	bad := func(path, text string, args ...any) {
		ps = append(ps, flow.Problem{Path: path, Text: fmt.Sprintf(text, args...)})
	}
	for _, d := range []struct {
		path string
		time.Duration
		least time.Duration
	}{{"interval", o.Interval, time.Millisecond}, {"base_time", o.BaseTime, time.Millisecond}, {"max_time", o.MaxTime, time.Millisecond}, {"jitter", o.Jitter, 0}} {
		if d.Duration < d.least || d.Duration > mostTime {
			bad(d.path, "%v is not between %v and 24h", d.Duration, d.least)
		}
	}
	for _, n := range []struct {
		path string
		int
	}{
		{"errors", o.Errors}, {"gateway_errors", o.GatewayErrors}, {"success_rate_servers", o.SuccessServers},
		{"success_rate_requests", o.SuccessRequests}, {"failure_servers", o.FailureServers}, {"failure_requests", o.FailureRequests},
	} {
		if n.int < 1 || n.int > 1e9 {
			bad(n.path, "%d is not between 1 and 1000000000", n.int)
		}
	}
	if !(o.SuccessFactor >= 0 && o.SuccessFactor <= 1000) {
		bad("success_rate_factor", "%g is not between 0 and 1000", o.SuccessFactor)
	}
	for _, s := range []struct {
		path string
		flow.Share
	}{
		{"max_ejected", o.MaxEjected}, {"enforce_errors", o.EnforceErrors}, {"enforce_gateway", o.EnforceGateway},
		{"enforce_success_rate", o.EnforceSuccess}, {"failure_threshold", o.FailureThreshold}, {"enforce_failure", o.EnforceFailure},
	} {
		ps = append(ps, flow.CheckShare(s.path, s.Share)...)
	}
	return ps
}
