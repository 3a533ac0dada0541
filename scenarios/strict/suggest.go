package strict

import (
	"fmt"
	"strings"

	"lbsim/models/flow"
)

// didYouMean is a hint with the nearest candidate, or with all of them after
// the given words, such as "fields are".
func didYouMean(word string, candidates []string, otherwise string) string {
	if c := flow.Nearest(word, candidates); c != "" {
		return fmt.Sprintf("did you mean %s?", c)
	}
	if len(candidates) == 0 {
		return ""
	}
	return otherwise + " " + enumerate(candidates)
}

// maxListed is the number of names that a message lists.
const maxListed = 24

// enumerate joins names with commas and cuts a long list.
func enumerate(names []string) string {
	tail := ""
	if len(names) > maxListed {
		names, tail = names[:maxListed], ", ..."
	}
	shown := make([]string, len(names))
	for i, n := range names {
		shown[i] = clip(n)
	}
	return strings.Join(shown, ", ") + tail
}
