package models_test

import (
	"strings"
	"testing"
	"time"

	"lbsim/models"
	"lbsim/models/dist"
	"lbsim/models/flow"
	"lbsim/models/lb"
	"lbsim/models/lb/persist"
	"lbsim/models/lb/sched"
	"lbsim/models/server"
	"lbsim/models/snat"
	"lbsim/models/traffic"
	"lbsim/sim"
)

// following are two services with the same servers, listed in another order, for
// the same clients; their persistence may have a table in common.
func following(share string, clear bool) models.Config {
	c := models.Config{Sites: []snat.Site{{Name: "home", Clients: 200}}}
	addServers(&c, 4, server.Config{Cores: 4, Queue: server.Unlimited, Discipline: server.FIFO}, &sched.Random{})
	s := &c.Balancer.Services[0]
	s.Name = "web"
	s.Persistence = &persist.SourceIP{Timeout: time.Hour, Options: persist.Options{Ties: lb.Ties{Share: share, ClearOnDown: clear}}}
	s.Health = lb.Health{Kind: lb.TCPCheck, Every: second, Timeout: second, Fall: 1, Rise: 1}
	other := *s
	other.Name, other.Servers = "mail", []lb.MemberConfig{s.Servers[2], s.Servers[0], s.Servers[3], s.Servers[1]}
	c.Balancer.Services = append(c.Balancer.Services, other)
	for _, name := range []string{"web", "mail"} {
		c.Traffic = append(c.Traffic, traffic.Stream{
			Name: name, From: []string{"home"}, To: name, Arrivals: &traffic.Poisson{Rate: 50},
			Demand: &dist.Constant{Mean: time.Millisecond}, Retry: traffic.Retry{Attempts: 1},
		})
	}
	return c
}

// visits are the servers that clients had of each service.
type visits struct {
	silent
	at    [2]map[flow.ClientID]int32
	apart int // connections to another server than the client's last one of the other service
	taken int
	moves map[flow.Move]int
}

func (v *visits) Assigned(_ flow.ConnID, c *flow.Conn, o flow.Outcome, now sim.Time) {
	if o != flow.Accepted {
		return
	}
	if other, ok := v.at[1-c.Service][c.Client]; ok {
		v.taken++
		if other != c.Server {
			v.apart++
		}
	}
	v.at[c.Service][c.Client] = c.Server
	v.moves[c.Moved]++
}

func watch(t *testing.T, c models.Config, name string, until time.Duration) *visits {
	t.Helper()
	v := &visits{at: [2]map[flow.ClientID]int32{{}, {}}, moves: map[flow.Move]int{}}
	run(t, build(t, c, name, 0, v), until)
	return v
}

// Port following: a client has the same server in both services, also after its
// server has failed and come back. Without a common table it has two.
func TestPortFollowing(t *testing.T) {
	outage := []models.Action{{At: 20 * second, Fail: "s1"}, {At: 60 * second, Recover: "s1"}}
	both := following("clients", false)
	both.Timeline = outage
	if v := watch(t, both, "shared", 100*second); v.apart > 120 || v.taken < 9000 {
		// Apart are the 50 clients of s1 on their way to another and back, as each
		// service checks the server by itself.
		t.Errorf("%d of %d connections go to another server than those of the other service", v.apart, v.taken)
	}
	each := following("", false)
	if v := watch(t, each, "apart", 100*second); v.apart < v.taken*6/10 {
		t.Errorf("without a common table %d of %d go to another server", v.apart, v.taken)
	}
}

// A server that fails in one service loses its records in both: its clients do
// not come back to it, although the other service, which does not check, has
// never noticed.
func TestFailureInOneServiceClearsTheOther(t *testing.T) {
	for _, c := range []struct {
		clear bool
		back  bool
	}{{true, false}, {false, true}} {
		config := following("clients", c.clear)
		config.Balancer.Services[1].Health = lb.Health{Kind: lb.NoCheck}
		config.Traffic[0].Arrivals = &traffic.Poisson{Rate: 0.001} // web is idle, and only checks
		config.Timeline = []models.Action{{At: 20 * second, Fail: "s1"}, {At: 22*second + second/2, Recover: "s1"}}
		v := &visits{at: [2]map[flow.ClientID]int32{{}, {}}, moves: map[flow.Move]int{}}
		w := build(t, config, "clear", 0, v)
		run(t, w, 20*second)
		var silent []flow.ClientID
		before := map[flow.ClientID]int32{}
		for client := range flow.ClientID(200) {
			if s, ok := v.at[1][client]; ok && s == 0 {
				silent = append(silent, client)
			}
			before[client] = v.at[1][client]
		}
		run(t, w, 100*second)
		stayed := 0
		for _, client := range silent {
			if v.at[1][client] == 0 {
				stayed++
			}
		}
		if len(silent) < 30 || c.back && stayed < len(silent)*9/10 || !c.back && stayed > len(silent)/2 {
			t.Errorf("clear %v: %d of %d clients are back at s1", c.clear, stayed, len(silent))
		}
		if !c.back && v.moves[flow.ServerDown] < len(silent)/3 {
			t.Errorf("moves: %v", v.moves)
		}
	}
}

// What cannot share is refused.
func TestSharingProblems(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*models.Config)
		want   string
	}{
		{"the same", func(*models.Config) {}, ""},
		{"another time-out", func(c *models.Config) {
			c.Balancer.Services[1].Persistence = &persist.SourceIP{Timeout: time.Minute, Options: persist.Options{Ties: lb.Ties{Share: "clients"}}}
		}, ""},
		{"a server less", func(c *models.Config) { c.Balancer.Services[1].Servers = c.Balancer.Services[1].Servers[1:] }, "but not their servers"},
		{"another mode", func(c *models.Config) {
			c.Balancer.Services[1].Persistence = &persist.CookieInsert{Timeout: time.Hour, Options: persist.Options{Ties: lb.Ties{Share: "clients"}}}
		}, "by different things"},
	} {
		config := following("clients", false)
		c.change(&config)
		text := ""
		for _, p := range config.Check() {
			text += p.Path + ": " + p.Text + ". " + p.Hint + "\n"
		}
		if c.want == "" && text != "" || !strings.Contains(text, c.want) || c.want != "" && !strings.HasPrefix(text, "balancer.services[1].persistence.share: services web and mail share") {
			t.Errorf("%s: %q", c.name, text)
		}
	}
}
