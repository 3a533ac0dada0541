package scenarios

import (
	"os"
	"reflect"
	"testing"

	"lbsim/scenarios/strict"
)

// What is shown of a scenario means the same in each of its variants, although
// it leaves nothing open for a product to fill in.
func TestShownVariantsAreTheSame(t *testing.T) {
	text, err := os.ReadFile("testdata/drafts/04-products.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := Load(Source{Name: "products.yaml", Text: text}, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := file.Show()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(Source{Name: "shown.yaml", Text: shown}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	for i := range file.Variants {
		a, b := leaves(t, file.Variants[i].Scenario), leaves(t, again.Variants[i].Scenario)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("variant %s is\n%v\nand shown\n%v", file.Variants[i].Name, a, b)
		}
	}
}

func leaves(t *testing.T, s *Scenario) []strict.Leaf {
	t.Helper()
	one := *s
	one.Variants = Variants{}
	l, err := strict.Leaves(&one, Policies)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
