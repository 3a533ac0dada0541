package nginxconf

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"lbsim/models/flow"
)

// check finds what nginx would refuse: directives where they may not stand, or with
// the wrong number of arguments. A name that no directive has is a mistake if it is
// nearly one; else it is left to a module that nginx does not come with.
func check(list []*directive, context rune) error {
	return (&checker{map[string]string{}}).check(list, context)
}

// mostUnknown is how many directives there may be that nginx does not know: with more
// than this a file is no configuration of nginx.
const mostUnknown = 1000

// checker has seen some directives that nginx does not know, with those that they are
// nearest to.
type checker struct{ near map[string]string }

func (c *checker) check(list []*directive, context rune) error {
	if context != inAny {
		if err := checkOnce(list); err != nil {
			return err
		}
	}
	for _, d := range list {
		if context != inAny {
			if err := c.one(d, context); err != nil {
				return err
			}
		}
		if err := c.check(d.block, inside(d.name, context)); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) one(d *directive, context rune) error {
	usages := known()[d.name]
	if len(usages) == 0 {
		near, seen := c.near[d.name]
		if !seen {
			near = nearest(d.name)
			c.near[d.name] = near
		}
		switch {
		case len(c.near) > mostUnknown:
			return d.fail("is this a configuration of nginx?", "unknown directive %s, as more than %d others", shownName(d.name), mostUnknown)
		case near != "":
			return d.fail("did you mean "+near+"?", "unknown directive %s", shownName(d.name))
		case !isName.MatchString(d.name):
			return d.fail("", "unknown directive %s", shownName(d.name))
		}
		return nil
	}
	here := slices.DeleteFunc(slices.Clone(usages), func(u usage) bool { return !strings.ContainsRune(u.where, context) })
	if len(here) == 0 {
		hint := ""
		if context == inMain {
			hint = "import the file that includes this one, with --include"
		}
		return d.fail(hint, "%s may not stand in %s, only in %s", shownName(d.name), contextNames[context], places(usages))
	}
	for _, u := range here {
		if !u.takes(len(d.args)) || u.block != d.blocked {
			continue
		}
		if u.arguments == "flag" && !slices.Contains([]string{"on", "off"}, strings.ToLower(d.args[0])) {
			return d.fail("", "%s is %s, not on or off", shownName(d.name), shownName(d.args[0]))
		}
		return nil
	}
	if u := here[0]; u.takes(len(d.args)) {
		if u.block {
			return d.fail("", "%s has a block in { }", shownName(d.name))
		}
		return d.fail("end it with ;", "%s has no block", shownName(d.name))
	}
	return d.fail("", "%s has %s, not %d", shownName(d.name), here[0].wanted(), len(d.args))
}

// isName matches what directives are called, those of any module.
var isName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// places lists where a directive may stand.
func places(usages []usage) string {
	var list []string
	for _, u := range usages {
		for _, c := range u.where {
			if name := contextNames[c]; !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	if n := len(list) - 1; n > 0 {
		return fmt.Sprintf("%s or %s", strings.Join(list[:n], ", "), list[n])
	}
	return strings.Join(list, "")
}

// nearest returns the directive that a name is nearly: as Nearest has it, but not the
// beginning of one of another module, as geo is of geoip2.
func nearest(name string) string {
	names := make([]string, 0, len(known()))
	for one := range known() {
		names = append(names, one)
	}
	slices.Sort(names)
	near := flow.Nearest(name, names)
	if (strings.HasPrefix(near, name) || strings.HasPrefix(name, near)) && max(len(near)-len(name), len(name)-len(near)) > 2 {
		return ""
	}
	return near
}
