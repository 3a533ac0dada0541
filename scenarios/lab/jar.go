package lab

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// jar is where clients keep the cookies that they are given, each for itself and
// for each service.
type jar struct {
	mu   sync.Mutex
	kept map[holder]map[string]string
}

type holder struct {
	client  uint32
	service int
}

// cookies returns what a client sends of them.
func (j *jar) cookies(a *Arrival) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	kept := j.kept[holder{a.Client, a.Service}]
	var list []string
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		list = append(list, name+"="+kept[name])
	}
	return strings.Join(list, "; ")
}

// keep notes what a client is given.
func (j *jar) keep(a *Arrival, cookies []*http.Cookie) {
	if len(cookies) == 0 {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	h := holder{a.Client, a.Service}
	if j.kept == nil {
		j.kept = map[holder]map[string]string{}
	}
	if j.kept[h] == nil {
		j.kept[h] = map[string]string{}
	}
	for _, c := range cookies {
		j.kept[h][c.Name] = c.Value
	}
}
