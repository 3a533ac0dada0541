// Package haproxycfg writes the configuration of HAProxy that a scenario means, and
// reads configurations into scenarios.
//
// A service is a section listen, or a backend with the frontend that leads to it.
// What the two do not have in common is a remark, never left out in silence. That is
// not left to whoever writes a part of it: Export reads what it has written, and what
// has become of any value on the way is told.
//
// Sources are HAProxy's doc/configuration.txt and HAProxy 2.6.12 itself, whose tables
// of keywords keywords.txt lists.
package haproxycfg
