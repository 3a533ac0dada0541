// Package product says what each load balancer does when its administrator says
// nothing. It holds data alone: package scenarios puts the values where a file
// is silent.
package product

import "slices"

// A Product is what is known of one load balancer. A file of this package each.
type Product struct {
	Name  string // as a scenario writes it
	Title string // as its maker does
	Doc   string // one line
	// Version is what the facts describe.
	Version string
	// Notes are what the reader of a scenario should know besides.
	Notes []string
	// Values are tried in this order; a later one sees what earlier ones gave.
	Values []Value
	// Has lists, by path, the words that the product has something for; what is
	// not among them is an invention of the scenario's author. A path that is
	// missing here is not judged.
	Has map[string][]string
	// RampTime is the parameter of the product's own ramp that says how long it
	// lasts, if that is not called time.
	RampTime string
}

// A Value is what the product does where the file gives no value.
type Value struct {
	// Path is relative to a service; servers[] stands for each of its servers.
	// What begins with source is relative to the balancer.
	Path string
	// Text is the value, in YAML; or Same is the path of another one that it
	// follows.
	Text, Same string
	// If are conditions, all of which must hold.
	If []Is
	// Source is where that was found, and Verified whether it was read in the
	// product's own source code or documentation. What is general knowledge,
	// second hand, contradictory or unpublished is not verified.
	Source   string
	Verified bool
}

// Is is the condition that the value at Path is one of some words; "" stands for
// no value.
type Is struct {
	Path string
	One  []string
}

func is(path string, one ...string) Is { return Is{path, one} }

// none stands for no value in a condition.
const none = ""

// silent is the condition that the file says nothing of a scheduler: its
// parameters without a kind are more likely a mistake.
var silent = []Is{is("scheduler", none)}

// on is the condition that the scheduler is one of some kinds.
func on(kinds ...string) []Is { return []Is{is("scheduler.kind", kinds...)} }

// probes are the kinds of health checks that send something, and probing is the
// condition that the health check is one of them.
var (
	probes  = []string{"ping", "tcp", "http", "agent"}
	probing = []Is{is("health.kind", probes...)}
)

// ramping is the condition that the slow start is of one of some kinds.
func ramping(kinds ...string) []Is { return []Is{is("slow_start.kind", kinds...)} }

// translating is the condition that servers see the balancer's addresses.
var translating = []Is{is("source.kind", "snat")}

// keeping is the condition that persistence is of one of some kinds.
func keeping(kinds ...string) []Is { return []Is{is("persistence.kind", kinds...)} }

// tables are the kinds of persistence with a table in the balancer, and cookies
// those without one, in which the cookie names the server.
var (
	tables  = []string{"source-ip", "cookie-server", "cookie-hash", "super-http", "ssl-session-id", "url-hash", "host-header", "query-item", "header", "rdp", "dest-ip", "sip"}
	cookies = []string{"cookie-insert", "cookie-or-source-ip"}
	keepers = append(append([]string{"rdp-token"}, tables...), cookies...)
)

// but returns words without some of them.
func but(words []string, not ...string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(not, w) })
}

// Table lists the products.
var Table = []*Product{&haproxy, &nginx, &envoy, &ipvs, &kemp, &f5, &netscaler, &alb, &katran, &windowsNLB}

// Find returns the product of a name, nil if there is none.
func Find(name string) *Product {
	for _, p := range Table {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// forever stands for a record that does not expire: longer than any run.
const forever = "3650d"

// allHashes are the schedulers that take a table.
var allHashes = []string{"source-hash", "url-hash", "header-hash"}
