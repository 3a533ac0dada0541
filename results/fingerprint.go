package results

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
)

// Fingerprint identifies all runs of the result: that of the variant if there
// is one, else a hash over all.
func (r *Result) Fingerprint() uint64 {
	if len(r.Variants) == 1 {
		return r.Variants[0].Fingerprint
	}
	h := fnv.New64a()
	for _, v := range r.Variants {
		h.Write(binary.LittleEndian.AppendUint64(nil, v.Fingerprint))
	}
	return h.Sum64()
}

// Hex writes a fingerprint with 16 digits.
func Hex(fingerprint uint64) string { return fmt.Sprintf("%016x", fingerprint) }
