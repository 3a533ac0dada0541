package place

import (
	"reflect"
	"testing"

	"lbsim/models/cluster"
	"lbsim/scenarios/strict"
)

// What is written of each platform's parameters, with all defaults, is read as
// the same.
func TestWrittenAndRead(t *testing.T) {
	policies := strict.NewPolicies(strict.PolicyOf(Table, strict.PolicyOptions{}))
	type section struct {
		Platform cluster.Policy `yaml:"platform" doc:"the platform"`
	}
	for _, kind := range Table {
		want := section{kind.New()}
		text, err := strict.Encode(&want, policies)
		if err != nil {
			t.Errorf("%s: %v", kind.Name, err)
			continue
		}
		doc, mistakes := strict.Parse("scenario.yaml", text)
		if mistakes != nil {
			t.Errorf("%s: %v", kind.Name, mistakes)
			continue
		}
		var got section
		if mistakes = doc.Decode(&got, policies); mistakes != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n%s", kind.Name, mistakes, text)
		}
		t.Logf("%s", text)
	}
}
