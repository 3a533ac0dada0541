package haproxycfg

import (
	"fmt"
	"strings"
)

// A line is one of a configuration, cut into words.
type line struct {
	number int    // from 1
	text   string // as it stands in the file
	words  []word
	no     bool // it begins with no, which is not among the words
}

// A word is a text with its place in the line.
type word struct {
	text   string
	column int  // from 1, in bytes
	env    bool // it has variables of the environment, which are not known here
}

// Bounds on a configuration. HAProxy itself has the first two.
const (
	maxWords    = 64
	maxNested   = 10 // .if
	maxSections = 20_000
	maxServers  = 10_000 // as a scenario
	maxServices = 1000   // as a scenario
	maxSticks   = 100    // of a section
)

// word returns the text of word i, "" if there are not so many.
func (l *line) word(i int) string {
	if i < len(l.words) {
		return l.words[i].text
	}
	return ""
}

// from returns the texts of the words from i on.
func (l *line) from(i int) (texts []string) {
	for ; i < len(l.words); i++ {
		texts = append(texts, l.words[i].text)
	}
	return texts
}

// shown is the line without what surrounds it.
func (l *line) shown() string { return strings.TrimSpace(l.text) }

// cut divides the line into words as HAProxy does (src/tools.c, parse_line): quotes
// of two kinds, backslashes, comments, variables of the environment within double
// quotes. It returns what is wrong and in which column, or "".
func (l *line) cut() (why string, column int) {
	var b strings.Builder
	in := l.text
	quote, begun, w := byte(0), false, word{}
	end := func() {
		if begun {
			w.text = strings.ToValidUTF8(b.String(), "\uFFFD")
			l.words = append(l.words, w)
		}
		b.Reset()
		begun, w = false, word{}
	}
	for i := 0; i < len(in); i++ {
		c := in[i]
		if c == 0 {
			return "a byte that is 0: this is no text", i + 1
		}
		switch {
		case quote == 0 && c == '#':
			end()
			return l.many()
		case quote == 0 && isBlank(c):
			end()
			continue
		}
		if !begun {
			begun, w.column = true, i+1
		}
		switch {
		case c == quote && quote != 0:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, column = c, i+1
		case c == '\\' && quote != '\'':
			text, length := escaped(in[i:], quote)
			if length == 0 {
				return `\x is not followed by two hexadecimal digits`, i + 1
			}
			b.WriteString(text)
			i += length - 1
		case c == '$' && quote == '"':
			text, length := variable(in[i:])
			w.env = w.env || length > 1
			b.WriteString(text)
			i += length - 1
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return fmt.Sprintf("the quote %c is not closed", quote), column
	}
	end()
	return l.many()
}

// many refuses a line of more words than HAProxy reads.
func (l *line) many() (why string, column int) {
	if len(l.words) > maxWords {
		return fmt.Sprintf("more than %d words", maxWords), l.words[maxWords].column
	}
	return "", 0
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// escaped returns what the backslash at the start of a text stands for together with
// what follows it, and how long that is; 0 if it means nothing. Before what it need
// not protect it stands for itself.
func escaped(in string, quote byte) (text string, length int) {
	if len(in) < 2 {
		return `\`, 1
	}
	switch c := in[1]; c {
	case ' ', '\\', '#', '"', '\'':
		return string(c), 2
	case 'n':
		return "\n", 2
	case 'r':
		return "\r", 2
	case 't':
		return "\t", 2
	case '$':
		if quote == '"' {
			return "$", 2
		}
	case 'x':
		if len(in) < 4 {
			return "", 0
		}
		var n int
		if _, err := fmt.Sscanf(in[2:4], "%02x", &n); err != nil {
			return "", 0
		}
		return string([]byte{byte(n)}), 4
	}
	return `\`, 1
}

// variable returns what a variable of the environment at the start of a text becomes,
// and how long its name is: its value if it has none in the environment, else the
// name itself. A dollar without a name stands for itself.
func variable(in string) (text string, length int) {
	if strings.HasPrefix(in, "${") {
		inside, _, closed := strings.Cut(in[2:], "}")
		if !closed {
			return "$", 1
		}
		if _, value, given := strings.Cut(inside, "-"); given {
			return value, len(inside) + 3
		}
		return in[:len(inside)+3], len(inside) + 3
	}
	n := 1
	for n < len(in) && (in[n] == '_' || in[n] >= 'A' && in[n] <= 'Z' || in[n] >= 'a' && in[n] <= 'z' || in[n] >= '0' && in[n] <= '9' && n > 1) {
		n++
	}
	return in[:n], n
}
