package flow

// Rate is a number of things per second.
type Rate float64

// Share is a part of a whole, 0 to 1.
type Share float64

// Size is a number of bytes.
type Size int64
