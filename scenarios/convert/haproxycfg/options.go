package haproxycfg

// Options adjust what Export writes.
type Options struct {
	// Addresses are the addresses of servers, as "127.2.0.1:8081" for "ex1". A server
	// that is not among them has its own name, if that is an address with a port,
	// else an address of 192.0.2.0/24 (RFC 5737, for documentation) and its service's
	// port.
	Addresses map[string]string
	// Binds are the addresses at which services listen, as "127.0.0.1:8443"; those
	// that are not among them listen at their ports, on all addresses.
	Binds map[string]string
	// Lab adds what a run in the foreground needs; nil: the configuration is for a
	// machine of its own.
	Lab *LabOptions
}

// LabOptions are those of a run in the foreground.
type LabOptions struct {
	Socket     string // path of the socket for an operator's commands
	LogAddress string // where messages go by UDP, as "127.0.0.1:5140"
	PidFile    string
}
