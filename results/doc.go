// Package results records what happens in runs, estimates metrics from them
// with their intervals, compares variants, and writes what comes out: text,
// summary.json and CSV. Figures and the HTML report are in its folders plot
// and report.
//
// Recording and reporting are apart: a Recorder observes one replication, and
// everything that is printed or drawn is a function of a Result.
package results
