package decompress_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"testing/iotest"

	"pcapmill/ingest/decompress"
)

// FuzzDecompress checks on any bytes that nothing panics or expands beyond the
// limit, that errors are ours, and that neither the size of reads nor the way in
// which the input arrives changes the output.
func FuzzDecompress(f *testing.F) {
	data := text(500)
	for _, seed := range [][]byte{
		data, gzipped(f, data), zstded(f, data), join(gzipped(f, data), gzipped(f, nil), make([]byte, 9)),
		join([]byte("\x53\x2a\x4d\x18\x05\x00\x00\x00hello"), zstded(f, data), zstded(f, nil)), []byte("BZh9"), nil,
	} {
		f.Add(seed)
	}
	for _, damaged := range []map[string][]byte{damagedPieces(f), unsupportedVariants()} {
		for _, name := range slices.Sorted(maps.Keys(damaged)) {
			f.Add(damaged[name])
		}
	}
	cfg := decompress.Config{MaxExpand: 1100, ExpandGrace: 1 << 20, MaxWindow: 1 << 20}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, r, err := read(t, bytes.NewReader(file), cfg, 1<<16)
		if err != nil && !ours(err) {
			t.Errorf("foreign error %v", err)
		}
		if r != nil && (r.InputOffset() > int64(len(file)) || err == nil && r.Format() == decompress.None && !bytes.Equal(got, file)) {
			t.Errorf("input offset %d of %d", r.InputOffset(), len(file))
		}
		again, _, errAgain := read(t, iotest.OneByteReader(bytes.NewReader(file)), cfg, 1<<16)
		if !bytes.Equal(got, again) || (err == nil) != (errAgain == nil) {
			t.Errorf("byte by byte: %d bytes, %v; whole: %d, %v", len(again), errAgain, len(got), err)
		}
	})
}
