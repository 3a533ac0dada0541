package cluster

import (
	"fmt"
	"time"

	"lbsim/models/dist"
)

// TypicalName is the word that stands for failures of the usual kind.
const TypicalName = "typical"

// year is what mean times between failures are told in.
const year = 8760 * time.Hour

// Typical returns failures as a scenario may assume that knows no better: all of
// them are assumptions, to be replaced by what one's own records say.
//
//   - A host's hardware fails once in ten years, as 8 to 10 % of servers need a
//     repair in a year (Vishwanath and Nagappan, SoCC 2010; recalled), in the same
//     kind of law as in large systems: a Weibull law of shape 0.7 to 0.8 for the
//     times between failures, a lognormal one for repairs (Schroeder and Gibson,
//     DSN 2006; the shape is recalled). The repair takes 8 h on average, with as
//     much spread.
//   - A host's system crashes once a year and is rebooted in 10 min, that of a
//     machine in 3 min.
//   - A rack loses its power once in five years, for 2 h; a datastore fails once in
//     ten, for 4 h.
//   - A tenth of the failures of hosts takes others along within a minute.
func Typical() *Failures {
	f := &Failures{
		Host: &Process{
			Law:    &dist.Weibull{Mean: 10 * year, Shape: 0.75},
			Repair: &dist.Lognormal{Mean: 8 * time.Hour, CV: 1},
		},
		HostSoftware: &Process{MTBF: year, MTTR: 10 * time.Minute},
		VM:           &Process{MTBF: year, MTTR: 3 * time.Minute},
		Rack:         &Process{MTBF: 5 * year, MTTR: 2 * time.Hour},
		Datastore:    &Process{MTBF: 10 * year, MTTR: 4 * time.Hour},
		Burst:        &Burst{},
	}
	f.Burst.SetDefaults()
	return f
}

// FromScalar lets the word typical stand for Typical.
func (f *Failures) FromScalar(text string) error {
	if err := CheckTypical(text); err != nil {
		return err
	}
	*f = *Typical()
	return nil
}

// ScalarPattern describes the word.
func (Failures) ScalarPattern() string { return "^" + TypicalName + "$" }

// CheckTypical returns what is wrong with a word that stands for failures.
func CheckTypical(text string) error {
	if text != TypicalName {
		return fmt.Errorf("%q stands for no failures: write %s, or what fails", text, TypicalName)
	}
	return nil
}
