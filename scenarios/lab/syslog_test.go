package lab

import "testing"

// Messages of HAProxy 2.6.12 and nginx 1.22.1 as they were received: those that tell
// what checks and failures have done to a server, and others that look like them.
func TestMessages(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`<129>Nov 22 14:40:36 haproxy[18541]: Server web/b is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 2 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.`, "web/b DOWN"},
		{`<129>Nov 22 14:40:40 haproxy[18569]: Server web/b is DOWN, reason: Layer4 timeout, check duration: 99ms. 2 active and 0 backup servers left. 51 sessions active, 0 requeued, 0 remaining in queue.`, "web/b DOWN"},
		{`<133>Nov 22 14:40:37 haproxy[18541]: Server web/b is UP, reason: Layer4 check passed, check duration: 0ms. 3 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.`, "web/b UP"},
		{`<129>Nov 22 14:40:42 haproxy[18588]: Server web/b is going DOWN for maintenance. 2 active and 0 backup servers left. 17 sessions active, 0 requeued, 0 remaining in queue.`, ""},
		{`<133>Nov 22 14:40:43 haproxy[18588]: Server web/b is UP/READY (leaving forced maintenance).`, ""},
		{`<133>Nov 22 14:40:43 haproxy[18588]: Server web/c enters drain state. 2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.`, ""},
		{`<133>Nov 22 14:40:44 haproxy[18588]: Server web/c is UP (leaving forced drain).`, ""},
		{`<188>Nov 22 14:40:45 vm nginx: 2026/11/22 14:40:45 [warn] 18599#18599: *105 upstream server temporarily disabled while connecting to upstream, client: 127.1.2.3, server: , request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:25225/", host: "127.0.0.1:19823"`, "127.0.0.1:25225"},
		{`<187>Nov 22 14:40:45 vm nginx: 2026/11/22 14:40:45 [error] 18599#18599: *105 connect() failed (111: Connection refused) while connecting to upstream, client: 127.1.2.3, server: , request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:25225/", host: "127.0.0.1:19823"`, ""},
		{`<188>Nov 22 14:40:49 vm nginx: 2026/11/22 14:40:49 [warn] 18602#18602: *105 upstream server temporarily disabled while connecting to upstream, client: 127.1.2.3, server: 127.0.0.1:28815, upstream: "127.0.0.1:32603", bytes from/to client:0/0, bytes from/to upstream:0/0`, "127.0.0.1:32603"},
	} {
		got := ""
		if m := haproxyState.FindStringSubmatch(test.text); m != nil {
			got = m[1] + "/" + m[2] + " " + m[3]
		} else if m := nginxState.FindStringSubmatch(test.text); m != nil {
			got = m[1]
		}
		if got != test.want {
			t.Errorf("%s\ngot %q, want %q", test.text, got, test.want)
		}
	}
}
