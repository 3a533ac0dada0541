package persist

import (
	"fmt"
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// ByValue is what the modes have in common that go by something in the request:
// there is one record for each value, which all clients share, so that it is the
// value that stays on a server and not the client. (KEMP's manual of 2005 says
// so of URL and host mode, the only text found.)
type ByValue struct {
	// Timeout is how long a record outlives its last use.
	Timeout time.Duration `yaml:"timeout" doc:"how long a record outlives the last request with the value"`
	Options `yaml:",inline"`
	Room    `yaml:",inline"`
}

func newByValue() ByValue {
	return ByValue{Timeout: time.Hour, Options: newOptions(), Room: newRoom()}
}

// Validate checks the parameters.
func (p *ByValue) Validate() []flow.Problem { return check(p.Timeout, &p.Options, &p.Room) }

func (p *ByValue) remember(env lb.PersistenceEnv, name string) lb.Persistence {
	v := &values{source: env.Keys, key: -1}
	if env.Keys != nil {
		v.key = env.Keys.Key(name)
	}
	return mode{
		name: "value/" + name, keys: v, timeout: p.Timeout, options: &p.Options, room: p.Room,
	}.remember(env)
}

// checkName finds fault with the name of what is looked at.
func checkName(path, name string) []flow.Problem {
	if name != "" {
		return nil
	}
	return []flow.Problem{{Path: path, Text: "which one?", Hint: fmt.Sprintf("write its name as among the keys of the traffic, as %q", "sid")}}
}

type values struct {
	source lb.KeySource
	key    int
}

func (v *values) of(q *lb.Query) key {
	if v.key < 0 {
		return key{}
	}
	n, ok := v.source.Value(q.Conn, v.key)
	return key{id: n, sent: ok, kept: ok}
}
