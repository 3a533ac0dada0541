package results

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"lbsim/models/flow"
)

// Of two readings of all meters, what lies between is left: no counter is forgotten.
// Those that are no counters, such as the number of members, stay.
func TestSinceSubtractsEachCounter(t *testing.T) {
	stay := map[string]bool{"Hosts": true, "Members": true}
	reading := func(n int64) *placement {
		p := &placement{
			vms: make([]flow.VMMeter, 1), classes: make([]flow.ClassMeter, 1), services: make([]flow.ServiceMeter, 1),
			databases: make([]flow.DatabaseMeter, 1),
		}
		p.classes[0].Up, p.services[0].Up = make([]time.Duration, 2), make([]time.Duration, 2)
		eachNumber(reflect.ValueOf(p).Elem(), "placement", func(path, _ string, v reflect.Value) {
			if v.CanInt() {
				v.SetInt(n)
			} else {
				v.SetFloat(float64(n))
			}
		})
		return p
	}
	p, numbers := reading(7), 0
	p.since(reading(5))
	eachNumber(reflect.ValueOf(p).Elem(), "placement", func(path, name string, v reflect.Value) {
		want, got := "2", fmt.Sprint(v.Convert(reflect.TypeFor[float64]()))
		if stay[name] {
			want = "7"
		}
		if numbers++; got != want {
			t.Errorf("%s is %s, not %s", path, got, want)
		}
	})
	if numbers < 30 {
		t.Errorf("only %d numbers were looked at", numbers)
	}
}

// eachNumber calls f for all numbers in a value, with the path and the name of the
// field that has them.
func eachNumber(v reflect.Value, path string, f func(path, name string, v reflect.Value)) {
	var walk func(v reflect.Value, path, name string)
	walk = func(v reflect.Value, path, name string) {
		switch {
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				field := v.Type().Field(i).Name
				walk(reflect.NewAt(v.Field(i).Type(), v.Field(i).Addr().UnsafePointer()).Elem(), path+"."+field, field)
			}
		case v.Kind() == reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), path, name)
			}
		case v.CanInt() || v.CanFloat():
			f(path, name, v)
		}
	}
	walk(v, path, "")
}
