package flow

import (
	"fmt"
	"slices"
	"strings"
)

// OneOf returns no problem if word is among the known ones; otherwise that it is
// not, with the one that was most likely meant.
func OneOf[T ~string](path string, word T, known ...string) []Problem {
	if slices.Contains(known, string(word)) {
		return nil
	}
	p := Problem{Path: path, Text: fmt.Sprintf("%q is not one of %s", word, strings.Join(known, ", "))}
	if near := Nearest(string(word), known); near != "" {
		p.Hint = fmt.Sprintf("did you mean %s?", near)
	}
	return []Problem{p}
}

// OneOfOrNone is OneOf where no word at all stands for a default.
func OneOfOrNone[T ~string](path string, word T, known ...string) []Problem {
	if word == "" {
		return nil
	}
	return OneOf(path, word, known...)
}

// maxSuggest is the length up to which a word is compared with the known ones.
const maxSuggest = 64

// Nearest returns the candidate that word most likely stands for, or "": equal
// but for case and _ - or spaces, else the fewest typing errors (a letter too
// many, missing, wrong, or two swapped), one for every three letters at most,
// else the only one that begins with word or that word begins with. The first
// of equally near ones wins.
func Nearest(word string, candidates []string) string {
	if len(word) > maxSuggest {
		return ""
	}
	w := Letters(word)
	best, least := "", max(1, min(3, len(w)/3))+1
	var prefixed []string
	for _, c := range candidates {
		k := Letters(c)
		if k == w {
			return c
		}
		if d := typos(w, k); d < least && d < max(len(w), len(k)) {
			best, least = c, d
		}
		if min(len(w), len(k)) >= 3 && (strings.HasPrefix(k, w) || strings.HasPrefix(w, k)) {
			prefixed = append(prefixed, c)
		}
	}
	if best == "" && len(prefixed) == 1 {
		best = prefixed[0]
	}
	return best
}

// Closest returns the number of the name that takes the fewest typing errors,
// however many these are, to become word, the first of equals; -1 if there are no
// names, or if word is none of them and too long for a mistake.
func Closest(word string, n int, name func(int) string) int {
	best, least := -1, 0
	for i := range n {
		if name(i) == word {
			return i
		}
		if len(word) > maxSuggest {
			continue
		}
		if d := typos(word, name(i)); best < 0 || d < least {
			best, least = i, d
		}
	}
	return best
}

// Letters returns s in lower case without separators.
func Letters(s string) string { return separators.Replace(strings.ToLower(s)) }

var separators = strings.NewReplacer("_", "", "-", "", " ", "")

// typos returns the number of letters inserted, deleted, replaced or swapped
// with their neighbour that turn a into b (optimal string alignment distance).
func typos(a, b string) int {
	if len(b) > maxSuggest {
		return len(b)
	}
	// Rows of the table of distances between beginnings of a and of b: the one
	// before last, the last and the current.
	older, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, last, row = last, row, older
	}
	return last[len(b)]
}
