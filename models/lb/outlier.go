package lb

import (
	"fmt"
	"math"
	"time"

	"lbsim/models/flow"
	"lbsim/sim"
)

// outliers is what an instance keeps for outlier detection.
type outliers struct {
	config  *Outlier
	rand    *sim.Stream
	ejected int       // members that are
	members []suspect // by member
	rates   []rated   // here so that it is not allocated
}

// suspect is what is known of one member.
type suspect struct {
	since     sim.Time      // of its ejection
	extra     time.Duration // the random part of that
	times     int           // ejections, less the intervals without
	errors    int           // in a row
	gateway   int           // gateway errors in a row
	good, all int           // since the last tick
	draws     uint32        // random numbers used so far
}

// rated is a member with enough requests to be judged by.
type rated struct {
	member  int
	percent float64 // of its requests that ended well
	all     int
}

// startOutliers begins to look for outliers.
func (b *Balancer) startOutliers(in *instance) {
	c := in.config.Health.Outlier
	in.outlier = &outliers{config: c, rand: b.e.Stream("lb/" + in.actor + "/outlier"), members: make([]suspect, len(in.members))}
	b.ports.tick.After(c.Interval, place(in, 0))
}

// measure counts what became of a connection to member m, or of a request.
func (b *Balancer) measure(in *instance, m int, s sight) {
	if s == taken && in.config.Mode == HTTP {
		return // what counts is the answer
	}
	o := in.outlier
	c, x := o.config, &o.members[m]
	x.all++
	if !s.bad() {
		x.good++
		x.errors, x.gateway = 0, 0
		return
	}
	if s == broken {
		x.gateway = 0
	} else if x.gateway++; x.gateway >= c.GatewayErrors {
		x.gateway = 0
		b.suspect(in, m, c.EnforceGateway, plural(c.GatewayErrors, "gateway error", "in a row"))
	}
	if x.errors++; x.errors >= c.Errors {
		x.errors = 0
		b.suspect(in, m, c.EnforceErrors, plural(c.Errors, "error", "in a row"))
	}
}

// suspect ejects member m, which has been found an outlier, if that is enforced
// and not too many are out.
func (b *Balancer) suspect(in *instance, m int, enforce flow.Share, why string) {
	o, ms := in.outlier, &in.members[m]
	if ms.ejected || enforce == 0 || !o.allows(in) || enforce < 1 && o.draw(m) >= float64(enforce) {
		return
	}
	c, x := o.config, &o.members[m]
	x.since = b.e.Now()
	if c.Jitter > 0 {
		x.extra = time.Duration(o.draw(m) * float64(c.Jitter))
	}
	if time.Duration(x.times)*c.BaseTime < c.MaxTime+c.BaseTime {
		x.times++
	}
	o.ejected++
	ms.ejected = true
	b.note(flow.MarkedDown, in, m, fmt.Sprintf("is ejected for %v: %s", o.length(x), why))
	in.leftOut(m)
	b.ports.settle.After(0, place(in, m)) // not at once: see blame
}

// allows reports whether one more may be ejected. The share is that of all
// hosts, whatever their state, and a tenth of nine is none. The rest makes up for
// shares that binary fractions fall short of.
func (o *outliers) allows(in *instance) bool {
	hosts := 0
	for m := range in.members {
		if in.members[m].duty != away {
			hosts++
		}
	}
	return 100*float64(o.ejected+1)/float64(hosts) <= 100*float64(o.config.MaxEjected)+1e-9 || o.config.AlwaysOne && o.ejected == 0
}

func (o *outliers) draw(m int) float64 {
	x := &o.members[m]
	x.draws++
	return o.rand.Nth(uint64(m)<<32 | uint64(x.draws))
}

// length is how long the ejection under way lasts at least: it ends at a tick.
func (o *outliers) length(x *suspect) time.Duration {
	c := o.config
	return min(time.Duration(x.times)*c.BaseTime, max(c.MaxTime, c.BaseTime)) + x.extra
}

// uneject puts member m back among the others.
func (b *Balancer) uneject(in *instance, m int, text string) {
	o := in.outlier
	in.members[m].ejected = false
	o.ejected--
	o.members[m].errors, o.members[m].gateway = 0, 0
	b.note(flow.MarkedUp, in, m, text)
	in.judgePanic()
	if !in.back(m, CheckedUp) {
		in.refresh(m)
	}
	b.settle(in)
}

// onTick ends the ejections that are over and compares the servers' rates of the
// interval that ends now.
func (b *Balancer) onTick(at uint64) {
	in, _ := b.at(at)
	o, now := in.outlier, b.e.Now()
	b.ports.tick.After(o.config.Interval, at)
	for m := range o.members {
		switch x := &o.members[m]; {
		case !in.members[m].ejected:
			x.times = max(0, x.times-1)
		case now.Sub(x.since) >= o.length(x):
			b.uneject(in, m, "is used again: its ejection is over")
		}
	}
	b.compare(in, o.config.SuccessRequests, o.config.SuccessServers, o.config.EnforceSuccess, o.tooLow)
	b.compare(in, o.config.FailureRequests, o.config.FailureServers, o.config.EnforceFailure, o.tooBad)
	for m := range o.members {
		o.members[m].good, o.members[m].all = 0, 0
	}
}

// compare looks at the members that had enough requests in the interval, if
// there are enough of them, and ejects those that a rule finds.
func (b *Balancer) compare(in *instance, requests, servers int, enforce flow.Share, rule func() func(*rated) string) {
	o := in.outlier
	o.rates = o.rates[:0]
	for m := range o.members {
		if x := &o.members[m]; x.all >= requests && !in.members[m].ejected {
			o.rates = append(o.rates, rated{m, 100 * float64(x.good) / float64(x.all), x.all})
		}
	}
	if len(o.rates) < servers || enforce == 0 {
		return
	}
	why := rule()
	for i := range o.rates {
		if text := why(&o.rates[i]); text != "" {
			b.suspect(in, o.rates[i].member, enforce, text)
		}
	}
}

// tooLow finds success rates that are below the mean of all by too many standard
// deviations, those of a population.
func (o *outliers) tooLow() func(*rated) string {
	var sum, squares float64
	for _, r := range o.rates {
		sum += r.percent
	}
	mean := sum / float64(len(o.rates))
	for _, r := range o.rates {
		squares += float64((r.percent - mean) * (r.percent - mean))
	}
	threshold := mean - float64(o.config.SuccessFactor*math.Sqrt(squares/float64(len(o.rates))))
	return func(r *rated) string {
		if r.percent >= threshold {
			return ""
		}
		return fmt.Sprintf("%.4g %% of %d requests went well, which is below %.4g %%", r.percent, r.all, threshold)
	}
}

// tooBad finds shares of errors that are too high by themselves.
func (o *outliers) tooBad() func(*rated) string {
	return func(r *rated) string {
		if 100-r.percent < 100*float64(o.config.FailureThreshold) {
			return ""
		}
		return fmt.Sprintf("%.4g %% of %d requests failed", 100-r.percent, r.all)
	}
}
