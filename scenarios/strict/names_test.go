package strict

import (
	"strings"
	"testing"
)

func TestExpandNames(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{"ex1", "ex1"},
		{"ex[1-4]", "ex1 ex2 ex3 ex4"},
		{"ex[08-11]", "ex08 ex09 ex10 ex11"},
		{"ex[0-2]", "ex0 ex1 ex2"},
		{"[1-2]", "1 2"},
		{"r[1-2]n[1-2]x", "r1n1x r1n2x r2n1x r2n2x"},
		{"", "a name is empty"},
		{"ex[4-1]", `"ex[4-1]": the range runs from 4 down to 1 (write [1-4])`},
		{"ex[1-", `"ex[1-" has a [ without a ] after it (write a range such as ex[1-4] or ex[01-12])`},
		{"ex1]", `"ex1]" has a ] without a [ before it (write a range such as ex[1-4] or ex[01-12])`},
		{"ex[a-c]", `"ex[a-c]": [a-c] is not a range (write a range such as ex[1-4] or ex[01-12])`},
		{"ex[]", `"ex[]": [] is not a range (write a range such as ex[1-4] or ex[01-12])`},
		{"a[1-999999999]", `"a[1-999999999]" stands for more than 1000 names`},
		{"a[1-100][1-100]", `"a[1-100][1-100]" stands for more than 1000 names`},
	} {
		names, err := ExpandNames(c.pattern, 1000)
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.pattern, got, c.want)
		}
		for _, name := range names {
			if !matches(c.pattern, name) {
				t.Errorf("%s does not match %s", c.pattern, name)
			}
		}
	}
	for _, c := range [][2]string{{"ex[1-4]", "ex5"}, {"ex[01-04]", "ex1"}, {"ex[1-4]", "ex01"}, {"r[1-2]n[1-2]", "r1n"}, {"x", "y"}} {
		if matches(c[0], c[1]) {
			t.Errorf("%s matches %s", c[0], c[1])
		}
	}
}
