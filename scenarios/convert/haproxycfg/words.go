package haproxycfg

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A writer writes lines of a configuration.
type writer struct{ bytes.Buffer }

// section begins a section.
func (w *writer) section(kind, name string) {
	if w.Len() > 0 {
		w.WriteByte('\n')
	}
	w.WriteString(kind)
	if name != "" {
		w.WriteString(" " + quoted(name))
	}
	w.WriteByte('\n')
}

// line writes a keyword with its arguments. A word of several, such as "option
// redispatch", stands for them.
func (w *writer) line(keyword string, args ...string) {
	w.WriteString("    " + keyword)
	for _, a := range args {
		w.WriteString(" " + quoted(a))
	}
	w.WriteByte('\n')
}

// plain are the characters of a word that needs no quotes.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/,@%+*=()[]"

// quoted returns a word as it has to be written. Between double quotes, a dollar
// would begin the name of an environment variable.
func quoted(word string) string {
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range word {
		if strings.ContainsRune(`"\$`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// longestTime is the longest time that HAProxy can count, in milliseconds that fit
// into 31 bits: some 24.8 days.
const longestTime = (1<<31 - 1) * time.Millisecond

// timeText returns a time in the largest unit that it is a whole number of, rounded
// up to milliseconds, and no longer than HAProxy can count.
func timeText(d time.Duration) string {
	d = min(max(0, d), longestTime)
	for _, u := range timeUnits {
		if d >= u.length && d%u.length == 0 {
			return strconv.FormatInt(int64(d/u.length), 10) + u.name
		}
	}
	return strconv.FormatInt(int64((d+time.Millisecond-1)/time.Millisecond), 10) + "ms"
}

// timeUnits are HAProxy's, longest first.
var timeUnits = []struct {
	name   string
	length time.Duration
}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}

// taken are names that are in use.
type taken map[string]bool

// name returns a name as HAProxy may have it: letters, digits and - _ . : alone,
// and with a number where it is in use already.
func (t taken) name(wanted string) string {
	word := strings.Map(func(r rune) rune {
		if !strings.ContainsRune(nameCharacters, r) {
			return '-'
		}
		return r
	}, wanted)
	if word == "" {
		word = "-"
	}
	name := word
	for n := 2; t[name]; n++ {
		name = fmt.Sprintf("%s-%d", word, n)
	}
	t[name] = true
	return name
}

// nameCharacters are those of the names of sections and servers.
const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"
