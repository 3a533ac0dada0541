package flow

import "fmt"

// Rate is a number of things per second.
type Rate float64

// Share is a part of a whole, 0 to 1.
type Share float64

// CheckShare returns no problem if a share is one.
func CheckShare(path string, s Share) []Problem {
	if s >= 0 && s <= 1 {
		return nil
	}
	return []Problem{{Path: path, Text: fmt.Sprintf("%g is not between 0 and 1", float64(s))}}
}

// Size is a number of bytes.
type Size int64
