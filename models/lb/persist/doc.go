// Package persist holds the persistence modes, a file each: what identifies a
// client, and how long its server is remembered.
package persist

import (
	"time"

	"lbsim/models/flow"
	"lbsim/models/lb"
)

// Table lists the modes.
var Table = flow.Table[lb.PersistencePolicy]{
	{Name: "none", Doc: "every connection is scheduled", New: func() lb.PersistencePolicy { return None{} }},
	{Name: "source-ip", Doc: "a table of source addresses", New: func() lb.PersistencePolicy { return &SourceIP{Timeout: time.Hour} }},
	{Name: "cookie-insert", Doc: "a cookie that the balancer inserts: every client on its own", New: func() lb.PersistencePolicy { return &CookieInsert{Timeout: time.Hour} }},
}
