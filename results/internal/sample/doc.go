// Package sample makes results for the tests of what writes and draws them. They
// look like those of real runs and are the same each time, but nothing was
// simulated with care: do not read the numbers.
package sample
