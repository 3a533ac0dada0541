package haproxycfg

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/ramp"
	"lbsim/models/lb/sched"
	realserver "lbsim/models/server"
)

// Services of what HAProxy has come back as they were, whatever their values: nothing
// is told of them, and what is imported loads as the same. The real HAProxy accepts
// what is written, of which it sees some.
func TestDrawnRoundTrip(t *testing.T) {
	asked := 0
	rapid.Check(t, func(rt *rapid.T) {
		config := drawnConfig(rt)
		text, remarks, err := Export(&config, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range remarks {
			t.Errorf("%s: %s", r.Text, r.Why)
		}
		f, _ := loaded(t, text)
		whole := config
		whole.Complete()
		for i := range whole.Balancer.Services {
			want := whole.Balancer.Services[i]
			want.Scheduler = canonical(want.Scheduler)
			same(t, &f.Variants[0].Config.Balancer.Services[i], &want)
		}
		if asked++; asked <= 25 {
			if refused, said := check(t, text); refused || said != "" {
				t.Errorf("HAProxy says: %s", said)
			}
		}
		if t.Failed() {
			rt.Fatalf("%s", text)
		}
	})
}

func drawnConfig(t *rapid.T) models.Config {
	var c models.Config
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z0-9_.:-]{0,8}`), 1, 6, rapid.ID[string]).Draw(t, "servers")
	for _, name := range names {
		c.Servers = append(c.Servers, realserver.Config{Name: name})
	}
	c.Balancer.Product = "haproxy"
	c.Balancer.Source.SetDefaults()
	c.Balancer.Source.Ports = linuxPorts
	c.Balancer.Source.Kind = rapid.SampledFrom([]lb.SourceKind{lb.SNAT, lb.Transparent}).Draw(t, "source")
	jitter := rapid.IntRange(0, 50).Draw(t, "jitter")
	services := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z][A-Za-z0-9_.:-]{0,8}`), 1, 3, rapid.ID[string]).Draw(t, "services")
	for _, name := range services {
		s := drawnService(t, jitter)
		s.Name = name
		n := rapid.IntRange(1, len(names)).Draw(t, "members")
		for i, name := range names[:n] {
			m := lb.MemberConfig{Name: name, Weight: rapid.IntRange(0, 256).Draw(t, "weight")}
			if rapid.Bool().Draw(t, "limited") {
				m.MaxConnections = rapid.IntRange(1, 1_000_000).Draw(t, "limit")
			}
			m.Backup = i > 0 && rapid.IntRange(0, 3).Draw(t, "backup") == 0
			s.Servers = append(s.Servers, m)
		}
		if slices.ContainsFunc(s.Servers, func(m lb.MemberConfig) bool { return m.Backup }) && rapid.Bool().Draw(t, "all backups") {
			g := sched.WithPriorities(s.Scheduler, like)
			g.AllBackups = true
			s.Scheduler = g
		}
		c.Balancer.Services = append(c.Balancer.Services, s)
	}
	return c
}

// drawnService is a service of what HAProxy has.
func drawnService(t *rapid.T, jitter int) lb.Service {
	var s lb.Service
	s.SetDefaults()
	s.Scheduler = drawnScheduler(t)
	s.Persistence = drawnPersistence(t)
	s.Health.SetDefaults()
	s.Health.Kind = rapid.SampledFrom([]lb.HealthKind{lb.NoCheck, lb.TCPCheck, lb.HTTPCheck, lb.AgentCheck}).Draw(t, "health")
	s.Health.Every = drawnTime(t, "every", time.Millisecond, 24*time.Hour)
	s = withKinds(s)
	if isRDP(&s) && readsRequests(&s) { // one looks into connections, the other into requests
		s.Persistence = persist.None{}
		s = withKinds(s)
	}
	s.Port = rapid.IntRange(1, 65535).Draw(t, "port")
	if readsRequests(&s) || rapid.Bool().Draw(t, "http") && !isRDP(&s) {
		s.Mode = lb.HTTP
	}
	if rapid.Bool().Draw(t, "slow start") {
		s.SlowStart = &ramp.HAProxy{Time: drawnTime(t, "ramp", time.Millisecond, 24*time.Hour)}
	}
	s.ConnectTimeout = drawnTime(t, "connect", time.Millisecond, time.Hour)
	s.RetryWait = min(time.Second, s.ConnectTimeout)
	drawnHealth(t, &s, jitter)
	n := rapid.IntRange(0, 100).Draw(t, "retries")
	elsewhere := rapid.Bool().Draw(t, "elsewhere")
	s.Redispatch, s.Retries = 0, n
	switch kept, hash := chosen(&service{Service: s}); {
	case !elsewhere || !kept && hash == "map":
	case kept || hash != "":
		s.Redispatch, s.Retries = 1, max(0, n-1)
	default:
		s.Redispatch, s.Retries = n, 0
	}
	s.OnDown = rapid.SampledFrom([]lb.Fate{lb.Kept, lb.Cut}).Draw(t, "down")
	s.OnUp = rapid.SampledFrom([]lb.Comeback{lb.BackupsKept, lb.BackupsCut}).Draw(t, "up")
	return s
}

// withKinds gives a service what HAProxy has for its kinds of policies.
func withKinds(s lb.Service) lb.Service {
	d := silent(&s)
	d.Scheduler, d.Persistence, d.Servers = s.Scheduler, s.Persistence, nil
	d.Health.Kind, d.Health.Every, d.Health.Timeout = s.Health.Kind, s.Health.Every, s.Health.Every
	if !s.Health.Probes() {
		d.Health.Every, d.Health.Timeout = 2*time.Second, 2*time.Second
	}
	return d
}

func isRDP(s *lb.Service) bool {
	switch s.Persistence.(type) {
	case *persist.RDP, *persist.RDPToken, *persist.SSLSessionID:
		return true
	}
	p, ok := s.Scheduler.(*sched.HeaderHash)
	return ok && p.Header == loginName
}

// drawnTime is a whole number of milliseconds.
func drawnTime(t *rapid.T, label string, least, most time.Duration) time.Duration {
	return time.Duration(rapid.Int64Range(int64(least/time.Millisecond), int64(most/time.Millisecond)).Draw(t, label)) * time.Millisecond
}

func drawnScheduler(t *rapid.T) lb.SchedulerPolicy {
	kinds := []lb.SchedulerPolicy{
		inTurn(), randomOf(rapid.IntRange(1, 1000).Draw(t, "choices")), &sched.StaticRoundRobin{}, &sched.First{}, silentScheduler(&sched.LeastConnections{}),
		silentScheduler(&sched.SourceHash{}), silentScheduler(&sched.URLHash{}), silentScheduler(&sched.HeaderHash{}),
	}
	p := rapid.SampledFrom(kinds).Draw(t, "scheduler")
	hash := func(h *sched.Hashing) {
		if rapid.Bool().Draw(t, "ring") {
			h.Table = "ring"
			if rapid.Bool().Draw(t, "bounded") {
				h.LoadBound = float64(rapid.IntRange(101, 60000).Draw(t, "bound")) / 100
			}
		}
	}
	texts := func(k *sched.KeyHashing) {
		hash(&k.Hashing)
		k.Hash = rapid.SampledFrom([]string{"default", "sdbm", "djb2", "wt6", "crc32", "sdbm-avalanche", "djb2-avalanche", "wt6-avalanche", "crc32-avalanche"}).Draw(t, "hash")
	}
	switch p := p.(type) {
	case *sched.SourceHash:
		hash(&p.Hashing)
		p.Hash = rapid.SampledFrom([]string{"default", "address", "avalanche"}).Draw(t, "hash")
	case *sched.URLHash:
		texts(&p.KeyHashing)
	case *sched.HeaderHash:
		texts(&p.KeyHashing)
		p.Header = rapid.SampledFrom([]string{"host", "X-User", loginName}).Draw(t, "header")
	}
	return p
}

func drawnPersistence(t *rapid.T) lb.PersistencePolicy {
	var kinds []string
	for _, name := range persist.Table.Names() {
		if name != "super-http" && name != "sip" { // HAProxy has none
			kinds = append(kinds, name)
		}
	}
	p, _ := persist.Table.Lookup(rapid.SampledFrom(kinds).Draw(t, "persistence"))
	p = silentPersistence(p)
	if tied, ok := p.(lb.Tying); ok && rapid.Bool().Draw(t, "persist") {
		tied.Tied().Down = "keep"
	}
	if c, ok := p.(*persist.CookieInsert); ok && rapid.Bool().Draw(t, "age") {
		c.Timeout = time.Duration(rapid.IntRange(1, 1_000_000).Draw(t, "seconds")) * time.Second
		c.Refresh = rapid.SampledFrom([]string{"use", "never"}).Draw(t, "refresh")
	}
	if c, ok := p.(*persist.RDPToken); ok {
		c.Timeout = forever
	}
	if t1, ok := tableOf(p); ok {
		drawnTable(t, t1)
	}
	if s, ok := p.(*persist.SourceIP); ok {
		s.Prefix = rapid.IntRange(1, 32).Draw(t, "prefix")
		s.Prefix6 = rapid.IntRange(1, 128).Draw(t, "prefix6")
	}
	return p
}

func drawnTable(t *rapid.T, one stickTable) {
	if one.room == nil { // beside a cookie, whose age is in seconds
		if rapid.Bool().Draw(t, "age") {
			*one.timeout = time.Duration(rapid.IntRange(1, 1_000_000).Draw(t, "seconds")) * time.Second
		}
		return
	}
	if rapid.Bool().Draw(t, "expires") {
		*one.timeout = drawnTime(t, "timeout", time.Millisecond, longestTime)
	}
	one.room.Size = rapid.SampledFrom([]int{0, 1, 1000, 100_000_000}).Draw(t, "size")
	one.room.Evict = rapid.SampledFrom([]string{"oldest", "none"}).Draw(t, "evict")
	if one.kind != addresses {
		one.options.Fallback = rapid.SampledFrom([]string{"none", "source-ip"}).Draw(t, "fallback")
	}
}

func drawnHealth(t *rapid.T, s *lb.Service, jitter int) {
	h := &s.Health
	if !h.Probes() {
		return
	}
	h.Jitter = flow.Share(jitter) / 100
	if h.Kind == lb.AgentCheck {
		return
	}
	h.Rise, h.Fall = rapid.IntRange(1, 10000).Draw(t, "rise"), rapid.IntRange(1, 10000).Draw(t, "fall")
	if rapid.Bool().Draw(t, "fast") {
		h.FastEvery = drawnTime(t, "fast every", time.Millisecond, 24*time.Hour)
		h.DownEvery = drawnTime(t, "down every", time.Millisecond, 24*time.Hour)
	}
	if h.Kind == lb.HTTPCheck && rapid.Bool().Draw(t, "own timeout") {
		h.Timeout = drawnTime(t, "check timeout", time.Millisecond, 24*time.Hour)
	}
	if rapid.Bool().Draw(t, "observe") {
		layer := "layer4"
		if s.Mode == lb.HTTP {
			layer = "layer7"
		}
		h.Observe = &lb.Observe{Layer: layer, Limit: rapid.IntRange(1, 65535).Draw(t, "limit"),
			OnError: rapid.SampledFrom([]string{"fastinter", "fail-check", "sudden-death", "mark-down"}).Draw(t, "on error")}
	}
}
