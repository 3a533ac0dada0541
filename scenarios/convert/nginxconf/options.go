package nginxconf

// Options adjust what Export writes.
type Options struct {
	// Addresses are the addresses of servers, as "127.2.0.1:8081" for "ex1". A server
	// that is not among them has its own name, if that is an address, or an address
	// of 192.0.2.0/24 (RFC 5737, for documentation); and its service's port, unless
	// the name has one.
	Addresses map[string]string
	// Binds are the addresses at which services listen, as "127.0.0.1:8443"; those
	// that are not among them listen at their ports.
	Binds map[string]string
	// Commercial is whether directives are written that nginx 1.22.1 does not have:
	// those of the commercial edition, and sticky (open source since 1.29.6) and
	// least_time (since 1.31.0).
	Commercial bool
	// Lab adds what a run in the foreground needs; nil: the configuration is for a
	// machine of its own.
	Lab *LabOptions
}

// LabOptions are those of a run in the foreground.
type LabOptions struct {
	ErrorLog string // as "syslog:server=127.0.0.1:5140"
	Folder   string // for the process number and temporary files
}
