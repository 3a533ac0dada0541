package cluster_test

import (
	"encoding/json"
	"testing"
	"time"

	"lbsim/models/cluster"
	"lbsim/models/cluster/place"
	"lbsim/models/dist"
	"lbsim/sim"
)

// A machine whose host fails is started on a spare one, once the failure is noticed.
// Hosts are repaired in an hour, long after that and long before both of the others
// fail, too, so that there always is a spare one. Times are as they are, and not in the
// unit of other tests.
func TestRestartElsewhere(t *testing.T) {
	for _, id := range known.WithPrefix("restart-") {
		t.Run(id, func(t *testing.T) {
			var p struct {
				MTBF    float64 `json:"host_mtbf_h"`
				Detect  float64 `json:"detect_s"`
				Restart float64 `json:"restart_s"`
			}
			if err := json.Unmarshal(known.Row(t, id).Params, &p); err != nil {
				t.Fatal(err)
			}
			c := (&group{hosts: []int{1, 0, 0}, up: dist.Seconds(3600 * p.MTBF), down: time.Hour}).config()
			policy := platform("wsfc").(*place.WSFC)
			policy.Heartbeat, policy.Missed, policy.Threshold = dist.Seconds(p.Detect/10), 10, 1000
			policy.Quarantine.Failures = 0
			c.Platform, c.VMs[0].Boot = policy, dist.Seconds(p.Restart)
			failures := 3200 // in all replications
			if testing.Short() {
				failures = 100
			}
			length := time.Duration(failures/replications) * dist.Seconds(3600*p.MTBF)
			checkRow(t, id, func(e *sim.Engine) float64 {
				w := &watch{e: e, need: 1, up: 1}
				cluster.New(e, c, cluster.Options{Machines: w})
				e.Run(sim.Time(length))
				return w.lacking().Seconds() / length.Seconds()
			})
		})
	}
}
