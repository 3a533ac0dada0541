package place

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/flow"
	"lbsim/scenarios/strict"
)

// ask asks for one machine, does what the platform decides and tells it.
func (r *rig) ask(vm int, cause cluster.Cause) {
	v := &r.view.VMs[vm]
	if admitter, ok := r.placer.(cluster.Admitter); ok && cause == cluster.Started {
		if ok, why := admitter.Admit(vm); !ok {
			r.say("%s -> none %s: %s", v.Name, cluster.Refused, why)
			return
		}
	}
	from := r.from[vm]
	if v.Host >= 0 {
		from = v.Host
	}
	r.attempt[vm]++
	q := cluster.Query{VM: vm, Cause: cause, From: from, Attempt: r.attempt[vm], Now: r.now}
	d := r.placer.Place(q)
	if wrong := r.fault(q, d); wrong != "" {
		r.say("wrong: %s", wrong)
	}
	line := fmt.Sprintf("%s -> %s %s", v.Name, r.hostName(d.Host), d.Reason)
	if len(d.Tried) > 0 {
		line += " tried " + r.hostNames(d.Tried)
	}
	for _, e := range d.Evicted {
		line += " evicts " + r.view.VMs[e].Name
	}
	if d.Retry > 0 {
		line += " retry in " + d.Retry.String()
	}
	r.out = append(r.out, line)
	r.retry[vm] = 0
	if d.Retry > 0 {
		r.retry[vm] = r.now.Add(d.Retry)
	}
	for _, e := range d.Evicted {
		r.take(e)
	}
	switch {
	case d.Host >= 0:
		r.take(vm)
		r.put(vm, d.Host)
		r.attempt[vm] = 0
		v.Displaced = d.Reason == cluster.LastResort
		if cause == cluster.Planned || cause == cluster.Started {
			v.Home = d.Host
		}
	case v.Host >= 0: // stays where it is
	case d.Reason == cluster.Conflict:
		v.State = cluster.OfflineConflict
	case d.Reason == cluster.WaitRetry:
		v.State = cluster.FailedWaitRetry
	case d.Reason == cluster.NoHost:
		v.State = cluster.PendingNoHost
	}
	r.askAll(d.Evicted, cluster.Again)
}

// repair does the moves that the platform wants, and those that it wants after
// them.
func (r *rig) repair(cause cluster.Cause) {
	repairer, ok := r.placer.(cluster.Repairer)
	for range 100 {
		if !ok {
			return
		}
		moves := repairer.Repair(cause, r.now)
		if len(moves) == 0 {
			return
		}
		for _, m := range moves {
			v := &r.view.VMs[m.VM]
			r.say("%s: %s -> %s %s %s", v.Name, r.hostName(v.Host), r.hostName(m.To), m.Reason,
				m.Kind)
			if wrong := r.faultOfMove(m); wrong != "" {
				r.say("wrong: %s", wrong)
			}
			r.take(m.VM)
			r.put(m.VM, m.To)
			v.Displaced = false
		}
		cause = cluster.Moved
	}
	r.say("moves without an end")
}

// put gives a machine to a host, take takes it away.
func (r *rig) put(vm, host int) {
	v, h := &r.view.VMs[vm], &r.view.Hosts[host]
	v.Host, v.State = host, cluster.Online
	h.VMs = append(h.VMs, vm)
	h.Free -= v.Memory
	h.Claimed += v.Cores
	h.Reserved += v.Reserved
}

func (r *rig) take(vm int) {
	v := &r.view.VMs[vm]
	if v.Host < 0 {
		return
	}
	h := &r.view.Hosts[v.Host]
	h.VMs = slices.DeleteFunc(h.VMs, func(x int) bool { return x == vm })
	h.Free += v.Memory
	h.Claimed -= v.Cores
	h.Reserved -= v.Reserved
	r.from[vm], v.Host, v.State = v.Host, -1, cluster.Offline
}

func (r *rig) hostName(h int) string {
	if h < 0 {
		return "none"
	}
	return r.view.Hosts[h].Name
}

func (r *rig) hostNames(hosts []int) string {
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = r.hostName(h)
	}
	return strings.Join(names, ",")
}

func (r *rig) hostNamed(name string) (int, error) {
	for h := range r.view.Hosts {
		if r.view.Hosts[h].Name == name {
			return h, nil
		}
	}
	return -1, fmt.Errorf("no host %s", name)
}

func (r *rig) hostsNamed(names string) (hosts []int, err error) {
	for _, name := range strings.Split(names, ",") {
		h, err := r.hostNamed(name)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, h)
	}
	return hosts, nil
}

func (r *rig) machineNamed(name string) (int, error) {
	for vm := range r.view.VMs {
		if r.view.VMs[vm].Name == name {
			return vm, nil
		}
	}
	return -1, fmt.Errorf("no machine %s", name)
}

func (r *rig) each(names []string, find func(string) (int, error), do func(int)) error {
	for _, name := range names {
		i, err := find(name)
		if err != nil {
			return err
		}
		do(i)
	}
	return nil
}

type option struct{ key, value string }

// options divides words into names and key=value.
func options(words []string) (names []string, options []option) {
	for _, w := range words {
		if key, value, ok := strings.Cut(w, "="); ok {
			options = append(options, option{key, value})
		} else {
			names = append(names, w)
		}
	}
	return names, options
}

// setParameter sets the parameter that path leads to, by the keys of the yaml
// tags.
func setParameter(p any, path, text string) error {
	v, found := reflect.ValueOf(p).Elem(), true
	for _, key := range strings.Split(path, ".") {
		if v, found = parameter(v, key); !found {
			return fmt.Errorf("no parameter %s", path)
		}
	}
	return setValue(v, text)
}

func parameter(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if name == key {
			return v.Field(i), true
		}
		if options == "inline" {
			if f, ok := parameter(v.Field(i), key); ok {
				return f, true
			}
		}
	}
	return v, false
}

func bytesOf(text string) (int64, error) {
	n, err := strict.ParseSize(text)
	return int64(n), err
}

func setValue(v reflect.Value, text string) (err error) {
	switch v.Interface().(type) {
	case time.Duration:
		var d time.Duration
		d, err = strict.ParseDuration(text)
		v.SetInt(int64(d))
		return err
	case flow.Size:
		var n int64
		n, err = bytesOf(text)
		v.SetInt(n)
		return err
	}
	switch v.Kind() {
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case reflect.Int, reflect.Int64, reflect.Int32:
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		v.SetInt(n)
	case reflect.Float64:
		number, percent := strings.CutSuffix(text, "%")
		var x float64
		if x, err = strconv.ParseFloat(number, 64); percent {
			x /= 100
		}
		v.SetFloat(x)
	case reflect.String:
		v.SetString(text)
	case reflect.Slice:
		v.SetLen(0)
		for _, one := range strings.Split(text, ",") {
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			if err := setValue(v.Index(v.Len()-1), one); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("a %s cannot be set", v.Kind())
	}
	return err
}

// describe writes the fields of a struct that are not zero.
func describe(s any) string {
	var b strings.Builder
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			fmt.Fprintf(&b, " %s=%v", v.Type().Field(i).Name, f.Interface())
		}
	}
	return b.String()
}
