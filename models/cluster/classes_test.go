package cluster

import (
	"slices"
	"testing"
)

// Vector W12, and that a list that is edited stays as it was.
func TestClasses(t *testing.T) {
	names := append(make([]string, 0, 8), "A", "B")
	more := AddClass(names, "C")
	other := AddClass(names, "D")
	if !slices.Equal(more, []string{"A", "B", "C"}) || !slices.Equal(other, []string{"A", "B", "D"}) || len(names) != 2 {
		t.Errorf("added: %v and %v to %v", more, other, names)
	}
	if got := AddClass(more, "c"); !slices.Equal(got, more) {
		t.Errorf("added again: %v", got)
	}
	if got := OverwriteClasses(more, "D"); !slices.Equal(got, []string{"D"}) {
		t.Errorf("overwritten: %v", got)
	}
	if got := ClearClasses(more); len(got) != 0 {
		t.Errorf("cleared: %v", got)
	}
}

// Names that differ by case have one number; machines that share one are kept
// apart, and none from itself.
func TestSetClasses(t *testing.T) {
	v := View{VMs: make([]VMView, 3)}
	v.SetClasses(0, []string{"ProdEx", "PRODEX", "other"})
	v.SetClasses(1, []string{"prodex"})
	v.SetClasses(2, []string{"third"})
	if got := v.ClassNames(0); !slices.Equal(got, []string{"ProdEx", "other"}) {
		t.Errorf("names: %v", got)
	}
	if !v.Apart(0, 1) || !v.Apart(1, 0) || v.Apart(0, 2) || v.Apart(0, 0) {
		t.Error("who is kept apart")
	}
	if v.SetClasses(0, nil); v.Apart(0, 1) || v.VMs[0].Classes != nil {
		t.Error("classes that have been cleared keep apart")
	}
}
