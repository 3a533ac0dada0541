package persist

import "unsafe"

// EntryBytes is what a table takes for a key and a client, at most.
const EntryBytes = unsafe.Sizeof(record{}) + unsafe.Sizeof(link{}) + unsafe.Sizeof(claim{}) + unsafe.Sizeof(openConn{})
