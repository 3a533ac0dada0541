package convert

import (
	"strings"
	"testing"
	"time"
)

// Lines made to be slow: each is close to the longest that is read.
func TestNoLineIsSlow(t *testing.T) {
	const head = `192.0.2.1 - - [14/Nov/2025:09:00:02 +0100] "GET / HTTP/1.1" 200 612 "-" "a" `
	const balancer = `10.0.1.2:33317 [06/Feb/2009:12:14:14.655] in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {`
	for _, part := range []string{" [", `" 200 `, `"`, `\`, `\"`, "a=", "1,", "10.0.0.1,", "{", "}", "|", "} {", " ", "/", "1/", "::", ":", ",", "0.000 ", `"10.0.0.1, `} {
		for _, start := range []string{"", head, balancer, head + `"`, "10.0.0.1, ", `192.0.2.1 - - [14/Nov/2025:09:00:02 +0100] "`, fields, "#Fields: "} {
			text := start + strings.Repeat(part, (maxLine-200)/len(part)) + "\n"
			begin := time.Now()
			for _, use := range []Forwarded{ByFormat, ForwardedClient} {
				ReadOptions{Forwarded: use}.Read(strings.NewReader(text+text), "slow.log")
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("%.40q and many %q: %v", start, part, took)
			}
		}
	}
}
