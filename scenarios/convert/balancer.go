package convert

import (
	"bytes"
	_ "embed"
	"strings"
	"text/template"
)

// Balancer is what a balancer's configuration says that a scenario can say, too.
// The packages that read configurations make it.
type Balancer struct {
	Name    string // of the scenario
	File    string // that was read, for the comment at the top
	Product string // haproxy or nginx
	// Settings are those of the balancer as a whole, as source.
	Settings []Setting
	Services []BalancerService
	// Timeline holds its entries, in flow style: servers that are out from the start.
	Timeline []string
	// Remarks are what the scenario does not say, or says by assumption.
	Remarks []Remark
}

// BalancerService is one virtual service.
type BalancerService struct {
	Name     string
	Settings []Setting // but for name and servers, in the order of a scenario's keys
	Servers  []BalancerServer
	// Keys are what of a request the algorithm or persistence goes by, so that the
	// traffic must have it: url, host, names of headers.
	Keys []string
}

// BalancerServer is a server as one service has it. The same server may be in
// several services.
type BalancerServer struct {
	Name     string
	Address  string    // as the configuration has it
	Settings []Setting // weight, max_connections, backup
}

// Setting is a key of a scenario with its value, in YAML's flow style.
type Setting struct{ Key, Value string }

// Remark is a line of a configuration that has no counterpart in the scenario, or
// none that is exact. It is told, never dropped.
type Remark struct {
	File string // that has the line, of those that are included; "": the one that includes them
	Line int    // from 1; 0: the configuration as a whole
	Text string // of the line, without what surrounds it
	Why  string // what becomes of it, as a sentence without a full stop
}

//go:embed balancer.yaml.tmpl
var balancerText string

var balancerTemplate = template.Must(template.New("balancer").Funcs(template.FuncMap{"text": yamlText, "shown": Printable}).Parse(balancerText))

// Scenario writes the scenario: the balancer as it was read, and clients, traffic
// and servers to begin with, which a configuration does not tell.
func (b *Balancer) Scenario() []byte {
	var out bytes.Buffer
	var servers []string
	seen := map[string]bool{}
	for _, s := range b.Services {
		for _, one := range s.Servers {
			if !seen[one.Name] {
				seen[one.Name] = true
				servers = append(servers, one.Name)
			}
		}
	}
	err := balancerTemplate.Execute(&out, map[string]any{
		"Name": yamlText(b.Name), "File": printable([]byte(baseName(b.File))), "Product": b.Product,
		"Settings": b.Settings, "Services": b.Services, "Servers": servers, "Remarks": b.Remarks,
		"Timeline": b.Timeline,
	})
	if err != nil {
		panic("convert: balancer template: " + err.Error()) // its fields are all given above
	}
	return out.Bytes()
}

// Flow returns the server as a mapping in flow style.
func (s BalancerServer) Flow() string {
	list := []string{"name: " + yamlText(s.Name)}
	for _, x := range s.Settings {
		list = append(list, x.Key+": "+x.Value)
	}
	return "{" + strings.Join(list, ", ") + "}"
}

// Printable returns the start of a line of a configuration, fit for a message or a
// comment: at most 80 characters, tabs as spaces, what does not print as dots.
func Printable(line string) string { return printable([]byte(strings.ReplaceAll(line, "\t", " "))) }
