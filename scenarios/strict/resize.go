package strict

import (
	"fmt"
	"strings"
)

// Resize returns the pattern that stands for n names in place of as many as the
// given one, from the same first name on: of node[1-4] and 6, node[1-6]. Errors, of
// type Mistake: those of ExpandNames, and not exactly one range.
func Resize(pattern string, n int) (string, error) {
	spans, tail, err := parsePattern(pattern)
	if err != nil {
		return "", err
	}
	if len(spans) != 1 {
		return "", Mistake{quote(pattern) + " has not one range of numbers", "write a range such as node[1-4]"}
	}
	s := spans[0]
	return fmt.Sprintf("%s[%s-%s]%s", s.before, s.number(s.low), s.number(s.low+n-1), tail), nil
}

// OneLine returns the node as YAML on one line, whatever is in it.
func (n *Node) OneLine() string {
	if n.kind == scalar {
		return word(n, true)
	}
	parts := make([]string, len(n.items))
	for i, item := range n.items {
		if parts[i] = item.OneLine(); n.kind == mapping {
			parts[i] = word(n.keys[i], true) + ": " + parts[i]
		}
	}
	if inside := strings.Join(parts, ", "); n.kind == mapping {
		return "{" + inside + "}"
	} else {
		return "[" + inside + "]"
	}
}
