package ipc

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestTextsInOnePlace: keys of a schema's metadata that are all the same bytes are no more than these.
func TestTextsInOnePlace(t *testing.T) {
	for pairs, want := range map[int]error{0: nil, 1: nil, 1000: ErrFormat} {
		const key = 10_000
		put16, put32 := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32
		data := put32(nil, 16)
		for _, x := range []uint16{10, 8, 0, 0, 4, 0} { // where the schema's fields are
			data = put16(data, x)
		}
		data = put32(put32(put32(data, 12), 4), uint32(pairs)) // the schema, and its list of pairs
		end := len(data) + 4*pairs + 8
		for range pairs {
			data = put32(data, uint32(end-len(data)))
		}
		for _, x := range []uint16{6, 8, 4, 0} { // where a pair's are
			data = put16(data, x)
		}
		data = put32(put32(put32(data, 8), 4), key)
		schema, into := rootOf(slices.Concat(data, []byte(strings.Repeat("k", key)))), map[string]string{}
		if readMetadata(schema, into); !errors.Is(schema.err, want) || want == nil && len(into) != pairs {
			t.Errorf("%d pairs: %d keys, %v", pairs, len(into), schema.err)
		}
	}
}
