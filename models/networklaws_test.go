package models_test

import (
	"math/rand/v2"
	"time"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/models/tcp"
	"lbsim/models/traffic"
)

// turbulent puts a network, at random, between the clients and servers of a world, to
// which something happens all the time.
func turbulent(c *models.Config, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	network := tcp.NewConfig(time.Duration(r.IntN(400)) * ms)
	if r.IntN(2) == 0 {
		network.Loss = 0.05
	}
	network.TLS = tcp.TLS(tcp.TLSKinds.Names()[r.IntN(len(tcp.TLSKinds))])
	if r.IntN(3) == 0 {
		network.Server.Timer = tcp.Tick
	}
	s := &c.Balancer.Services[0]
	s.Health = lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 2, Rise: 1}
	if r.IntN(2) == 0 {
		s.Mode = lb.HTTP
	}
	if s.Mode == lb.HTTP || r.IntN(2) == 0 {
		network.Inner = &tcp.Inner{RTT: ms}
		network.Inner.Balancer.SetDefaults()
		network.Inner.SetDefaults()
		network.Inner.Pooled = r.IntN(2) == 0
	}
	c.Network = &network
	if r.IntN(2) == 0 {
		c.Sites[0].RTT = 1500 * ms
	}
	for i := range c.Traffic {
		t := &c.Traffic[i]
		switch x := twoWrites; r.IntN(3) {
		case 0:
			t.Exchange = &x
		case 1:
			x.Count = 1 + r.IntN(5)
			t.Exchange = &x
		}
		if r.IntN(3) == 0 {
			t.Retry.Timeout = time.Duration(100+r.IntN(2000)) * ms
		}
		if r.IntN(3) == 0 {
			t.Setup = &traffic.Setup{Demand: c.Traffic[0].Demand}
		}
	}
	switch r.IntN(3) {
	case 0:
		turmoil(c, r)
	case 1:
		for i := range 8 {
			at := time.Duration(4+11*i) * second
			what := []string{"balancer", "office", "s1"}[r.IntN(3)]
			how := models.Failure("")
			if what == "s1" {
				how = []models.Failure{models.Crash, models.Hang, models.Silent}[r.IntN(3)]
			}
			c.Timeline = append(c.Timeline,
				models.Action{At: at, Fail: what, How: how}, models.Action{At: at + time.Duration(1+r.IntN(5000))*ms, Recover: what})
		}
	}
	s.OnDown = []lb.Fate{"", lb.Suspended}[r.IntN(2)]
}
