package nginxconf

import (
	_ "embed"
	"strings"
	"sync"
)

// Contexts of directives: where they may stand. The letters are those of
// directives.txt.
const (
	inMain       = 'm'
	inEvents     = 'e'
	inHTTP       = 'h'
	inServer     = 's'
	inLocation   = 'l'
	inUpstream   = 'u'
	inServerIf   = 'i'
	inLocationIf = 'j'
	inLimit      = 'x' // limit_except
	inStream     = 'H'
	inStreamSrv  = 'S'
	inStreamUp   = 'U'
	inAny        = '*' // in a block whose content is not looked at
)

// contextNames are what the contexts are called in messages.
var contextNames = map[rune]string{
	inMain: "the main part", inEvents: "events", inHTTP: "http", inServer: "server of http", inLocation: "location",
	inUpstream: "upstream of http", inServerIf: "if in server", inLocationIf: "if in location", inLimit: "limit_except",
	inStream: "stream", inStreamSrv: "server of stream", inStreamUp: "upstream of stream",
}

// usage is one way in which a directive may be used.
type usage struct {
	where     string // letters of contexts
	arguments string // numbers, as 12 for one or two; 1+ and 2+ for at least so many; *: any; flag: on or off
	block     bool
}

// directivesText lists the directives of nginx 1.22.1, read out of the program and
// its stream module, in three columns: name, contexts, arguments with { for a block.
//
//go:embed directives.txt
var directivesText string

// laterText lists, in the same form, directives of the commercial edition and of
// versions after 1.22.1 that configurations of balancers have (nginx.org).
const laterText = `
api               l      01
health_check      lS     *
health_check_timeout S   1
http2             hs     flag
http3             hs     flag
http3_hq          hs     flag
http3_stream_buffer_size hs 1
keepalive_min_timeout hsl 1
keyval            hH     3
keyval_zone       hH     *
least_time        uU     123
match             hH     1{
ntlm              u      0
proxy_pass_trailers hsl  flag
queue             u      12
quic_gso          hs     flag
quic_retry        hs     flag
resolver          uU     1+
resolver_timeout  uU     1
server_tokens     hsl    1
ssl_key_log       hsHS   1
state             uU     1
status_zone       slS    1
sticky            u      1+
zone_sync         S      0
`

// known returns the usages of each directive.
var known = sync.OnceValue(func() map[string][]usage {
	all := map[string][]usage{}
	for row := range strings.Lines(directivesText + laterText) {
		f := strings.Fields(row)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		arguments, block := strings.CutSuffix(f[2], "{")
		all[f[0]] = append(all[f[0]], usage{f[1], arguments, block})
	}
	return all
})

// takes reports whether so many arguments are right.
func (u *usage) takes(n int) bool {
	switch least, more := strings.CutSuffix(u.arguments, "+"); {
	case u.arguments == "*":
		return true
	case u.arguments == "flag":
		return n == 1
	case more:
		return n >= int(least[0]-'0')
	}
	return n < 10 && strings.ContainsRune(u.arguments, rune('0'+n))
}

// wanted says how many arguments are right.
func (u *usage) wanted() string {
	switch least, more := strings.CutSuffix(u.arguments, "+"); {
	case u.arguments == "flag":
		return "on or off"
	case u.arguments == "0":
		return "no arguments"
	case u.arguments == "1":
		return "one argument"
	case more:
		return "at least " + least
	}
	return strings.Join(strings.Split(u.arguments, ""), " or ") + " arguments"
}

// free are blocks whose lines are values and not directives.
var free = map[string]bool{"map": true, "geo": true, "types": true, "split_clients": true, "charset_map": true, "match": true, "mail": true}

// inside returns the context of a directive's block.
func inside(name string, context rune) rune {
	switch {
	case free[name] || context == inAny:
		return inAny
	case name == "events" || name == "http" || name == "stream":
		return map[string]rune{"events": inEvents, "http": inHTTP, "stream": inStream}[name]
	case name == "server" && context == inHTTP:
		return inServer
	case name == "upstream" && context == inHTTP:
		return inUpstream
	case name == "server" && context == inStream:
		return inStreamSrv
	case name == "upstream" && context == inStream:
		return inStreamUp
	case name == "location":
		return inLocation
	case name == "if" && context == inServer:
		return inServerIf
	case name == "if":
		return inLocationIf
	case name == "limit_except":
		return inLimit
	}
	return inAny
}
