package haproxycfg

import (
	"fmt"
	"strconv"
	"strings"
)

// A Release is a version of HAProxy; the zero value is the one that lbsim describes.
type Release struct{ major, minor int }

// ParseRelease reads a version, as 2.6 or 2.6.12.
func ParseRelease(text string) (Release, error) {
	parts := strings.Split(strings.TrimPrefix(text, "v"), ".")
	if len(parts) >= 2 {
		major, err := strconv.ParseUint(parts[0], 10, 8)
		minor, err2 := strconv.ParseUint(parts[1], 10, 8)
		if err == nil && err2 == nil {
			return Release{int(major), int(minor)}, nil
		}
	}
	return Release{}, fmt.Errorf("%q is not a release, as 2.6 or 3.0", text)
}

// before reports whether the release is known and an earlier one.
func (r Release) before(major, minor int) bool {
	return r != Release{} && (r.major < major || r.major == major && r.minor < minor)
}
