package capfile_test

import (
	"bytes"
	"errors"
	"runtime/metrics"
	"testing"
	"testing/iotest"

	"pcapmill/ingest/capfile"
)

// fuzzConfig has small limits, so that short inputs reach them.
var fuzzConfig = capfile.Config{MaxPacket: 2000, MaxBlock: 8192, MaxInterfaces: 20, TotalInterfaces: 50}

// heapAllocated returns the bytes allocated since the program started, without
// stopping it.
func heapAllocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// checkFile reads any bytes and checks what must hold: readAll checks that
// records lie in the data and that every Fill gets somewhere; here, that memory
// is bounded by the input, that errors are ours and within the file, and that
// the way in which the bytes arrive changes nothing.
func checkFile(t *testing.T, file []byte) {
	before := heapAllocated()
	got := readAll(t, bytes.NewReader(file), fuzzConfig, 4096)
	// Records, test packets and interfaces take some tens of bytes for each
	// twelve of input.
	if n := heapAllocated() - before; n > 100*uint64(len(file))+4<<20 {
		t.Errorf("%d bytes allocated for %d", n, len(file))
	}
	checkError(t, got.err, int64(len(file)))
	for _, other := range []result{
		readAll(t, iotest.OneByteReader(bytes.NewReader(file)), fuzzConfig, 4096),
		readAll(t, iotest.DataErrReader(&uneven{r: bytes.NewReader(file)}), fuzzConfig, 1),
		readAll(t, bytes.NewReader(file), fuzzConfig, 1<<16),
	} {
		if err := same(got, other); err != nil {
			t.Error(err)
		}
	}
}

func checkError(t *testing.T, err error, size int64) {
	t.Helper()
	var format *capfile.FormatError
	var damage *capfile.DamageError
	var limit *capfile.LimitError
	offset := int64(0)
	switch {
	case err == nil:
	case errors.As(err, &format):
		offset = format.Offset
	case errors.As(err, &damage):
		offset = damage.Offset
	case errors.As(err, &limit):
		offset = limit.Offset
	default:
		t.Errorf("foreign error %v", err)
	}
	if offset < 0 || offset > size {
		t.Errorf("offset %d in %d bytes", offset, size)
	}
}

func FuzzPcap(f *testing.F) {
	for _, file := range samples(f) {
		if !bytes.HasPrefix(file, []byte{0x0a, 0x0d}) {
			f.Add(file)
		}
	}
	f.Add(join(pcapHeaderVersion(little, micros, 2, 2, 99, 1), u32s(little, 0, 0, 5, 2), []byte("ab")))
	f.Add(join(pcapHeader(big, nanos, 1, 1), u32s(big, 0, 0, 1<<31, 1)))
	f.Fuzz(checkFile)
}

func FuzzPcapng(f *testing.F) {
	for _, file := range samples(f) {
		if bytes.HasPrefix(file, []byte{0x0a, 0x0d}) {
			f.Add(file)
		}
	}
	f.Add(join(sectionHeader(little), interfaceBlock(little, 1, 0, opt(little, 9, "\xff")), enhanced(little, 0, 1, 1, "x")))
	f.Add(join(sectionHeader(big), block(big, 5, make([]byte, 5000)), interfaceBlock(big, 1, 0), enhanced(big, 0, 1, 1, "x")))
	f.Add(join(sectionHeader(little), u32s(little, 5, 64), make([]byte, 20)))
	f.Add(join(sectionHeader(little), block(little, 4, nameRecord(little, 1, "\x7f\x00\x00\x01a\x00b\x00")), interfaceBlock(little, 1, 0, opt(little, 1, "c")),
		statisticsBlock(little, 0, u64opt(little, 4, 9)), enhanced(little, 0, 1, 1, "x", opt(little, 1, "label"))))
	f.Fuzz(checkFile)
}

// FuzzSalvage salvages any bytes: it ends, however the bytes arrive it gives the
// same, and packets and losses together are the file, no byte twice.
func FuzzSalvage(f *testing.F) {
	for _, file := range samples(f) {
		f.Add(file)
		for _, at := range []int{30, len(file) / 2, len(file) - 20} {
			damaged := bytes.Clone(file)
			damaged[at] ^= 0xff
			f.Add(damaged)
			f.Add(append(bytes.Clone(file[:at]), file[at+5:]...))
		}
	}
	f.Add(join(pcapHeader(little, micros, 99, 1), make([]byte, 500), record(little, 7, 7, 3, "abc"), record(little, 8, 7, 3, "abc")))
	f.Fuzz(func(t *testing.T, file []byte) {
		cfg := fuzzConfig
		cfg.Salvage = true
		before := heapAllocated()
		got := readAll(t, bytes.NewReader(file), cfg, 4096)
		if n := heapAllocated() - before; n > 200*uint64(len(file))+4<<20 {
			t.Errorf("%d bytes allocated for %d", n, len(file))
		}
		checkError(t, got.err, int64(len(file)))
		checkSalvage(t, got, file)
		captured := 0
		for _, p := range got.packets {
			captured += len(p.data)
		}
		if captured > len(file) {
			t.Errorf("%d bytes of packets in %d", captured, len(file))
		}
		for _, other := range []result{
			readAll(t, iotest.OneByteReader(bytes.NewReader(file)), cfg, 4096),
			readAll(t, iotest.DataErrReader(&uneven{r: bytes.NewReader(file)}), cfg, 1),
		} {
			if err := same(got, other); err != nil {
				t.Error(err)
			}
		}
	})
}
