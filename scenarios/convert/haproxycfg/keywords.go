package haproxycfg

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed keywords.txt
var keywordText string

// keywords are those that HAProxy knows in one place, in the order of the file.
type keywords struct {
	names []string
	words map[string]int // how many follow
}

// known returns the keywords by where they stand: section, proxy, option, server.
var known = sync.OnceValue(func() map[string]*keywords {
	all := map[string]*keywords{}
	for text := range strings.Lines(keywordText) {
		f := strings.Fields(text)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		k := all[f[0]]
		if k == nil {
			k = &keywords{words: map[string]int{}}
			all[f[0]] = k
		}
		k.names = append(k.names, f[1])
		k.words[f[1]] = 0
		if len(f) > 2 {
			n, err := strconv.Atoi(f[2])
			if err != nil {
				panic("haproxycfg: keywords.txt: " + err.Error())
			}
			k.words[f[1]] = n
		}
	}
	return all
})

func (k *keywords) has(name string) bool {
	_, ok := k.words[name]
	return ok
}

// matters says, of lines and options that change which server has a request, or what
// becomes of it, what a scenario makes of them. Others that are known and not read
// are about logs, headers, certificates and the like.
var matters = map[string]string{
	"compression":                   "answers have the same size",
	"dispatch":                      "goes to one address without being balanced",
	"email-alert":                   "",
	"force-persist":                 "is not read: a server that is down gets nobody",
	"fullconn":                      "limits do not grow with load: see minconn",
	"http-reuse":                    "connections to servers are not kept: each request has its own; the server is the same",
	"http-request":                  "is not read: requests are neither refused nor changed",
	"http-response":                 "",
	"ignore-persist":                "is not read: whoever has a record or cookie goes by it",
	"max-session-srv-conns":         "connections to servers are not kept",
	"max-keep-alive-queue":          "connections to servers are not kept",
	"maxconn":                       "the balancer takes any number of connections",
	"rate-limit":                    "nobody is turned away for this",
	"redirect":                      "is not read: the requests that it would send elsewhere are served here",
	"retry-on":                      "what a server has taken is not sent again",
	"tcp-request":                   "is not read: no connection is refused or held up",
	"transparent":                   "goes where the client wanted, without being balanced",
	"use-server":                    "is not read: the requests that it would place are balanced",
	"filter":                        "",
	"monitor-uri":                   "",
	"hash-preserve-affinity":        "a key whose server is full waits for it",
	"dynamic-cookie-key":            "",
	"option abortonclose":           "clients that give up leave the queue in any case",
	"option checkcache":             "answers are not looked at",
	"option http-buffer-request":    "",
	"option http-server-close":      "connections to servers are not kept in any case",
	"option http-tunnel":            "each request has a server of its own",
	"option httpclose":              "connections of clients are not ended early",
	"option http-pretend-keepalive": "",
	"option prefer-last-server":     "requests are balanced, also those of a connection whose last one was",
	"option transparent":            "goes where the client wanted, without being balanced",
	"option dontparselog":           "",
	"server addr":                   "checks go to the server itself",
	"server agent-addr":             "the agent is asked at the server itself",
	"server check-via-socks4":       "",
	"server enabled":                "",
	"server maxqueue":               "a server's queue has no limit of its own",
	"server minconn":                "the limit is maxconn at any load",
	"server non-stick":              "clients of this server are kept, too",
	"server port":                   "",
	"server redir":                  "the requests that it would send elsewhere are served here",
	"server track":                  "the server is checked by itself",
	"server hash-key":               "places on the ring go by the server's number",
	"server id":                     "places on the ring go by the server's place in the list",
	"server max-reuse":              "",
	"server strict-maxconn":         "",
	"server init-addr":              "",
	"server init-state":             "servers begin as checks have it: up, and a single failure takes them out",
}
