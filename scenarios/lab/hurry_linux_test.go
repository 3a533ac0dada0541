package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// policies counts the threads of this process by the policy that the kernel has for
// them.
func policies(t *testing.T) map[string]int {
	t.Helper()
	const field = 38 // of proc(5)'s stat, from 0 after the name
	count := map[string]int{}
	files, _ := filepath.Glob("/proc/self/task/*/stat")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		count[strings.Fields(rest)[field]]++
	}
	return count
}

// After a run this process has no more claim to processors than others.
func TestRelax(t *testing.T) {
	hurry()
	during := policies(t)
	relax()
	after := policies(t)
	t.Logf("during %v, after %v", during, after)
	if len(after) != 1 || after["0"] == 0 {
		t.Errorf("threads by policy after a run: %v; during: %v", after, during)
	}
}
