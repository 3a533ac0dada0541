package scenarios

import (
	"strings"
	"testing"

	"lbsim/scenarios/strict"
)

// Metrics of parts are named by their path, and what is not there is found.
func TestMetricsOfParts(t *testing.T) {
	const head = `name: x
duration: 1h
cluster:
  platform: wsfc
  hosts: [{names: "hv[1-3]", cores: 8, memory: 64GB}]
  vms: [{names: "mail[1-3].corp", cores: 2, memory: 8GB, classes: [MAIL]}, {name: web, cores: 2, memory: 8GB}]
timeline: [{at: 5m, classes: {of: web, add: FRONT}}]
variants: {down: [{name: one}, {name: two}]}
tables: [members_up.mean, `
	for path, want := range map[string]string{
		"vms.mail2.corp.availability":           "",
		"classes.MAIL.members_up.at_least.2":    "",
		"classes.FRONT.colocated_time":          "",
		"vms.mail4.corp.availability":           `virtual machine "mail4.corp" does not exist`,
		"classes.MAILS.downtime":                `did you mean classes.MAIL?`,
		"classes.MAIL.members_up.at_least.0":    "is not a metric",
		"classes.MAIL.members_up.at_least.many": "is not a metric",
		"databases.db1.downtime":                "there is no database",
		"vms.web.colocated_time":                "is not a metric",
	} {
		_, err := Load(Source{Name: "x.yaml", Text: []byte(head + path + "]\n")}, nil)
		text := ""
		if err != nil {
			var b strings.Builder
			for _, d := range err.(strict.Diagnostics) {
				b.WriteString(d.Text + "\n" + d.Hint + "\n")
			}
			text = b.String()
		}
		if want == "" && text != "" || !strings.Contains(text, want) {
			t.Errorf("%s: %q, want %q", path, text, want)
		}
	}
}
