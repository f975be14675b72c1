package hostile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// TestShapesWriteWhatTheySay reads every shape back.
func TestShapesWriteWhatTheySay(t *testing.T) {
	const n = 500
	for _, s := range Shapes() {
		var b bytes.Buffer
		if err := s.Write(&b, n); err != nil {
			t.Fatal(err)
		}
		r, err := capfile.NewReader(&b, capfile.Config{})
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		packets := 0
		for err == nil {
			var block packet.Block
			err = r.Fill(&block)
			packets += len(block.Records)
		}
		if err != io.EOF || packets != n {
			t.Errorf("%s: %d packets, want %d: %v", s.Name, packets, n, err)
		}
		if s.Threats == "" || s.Doc == "" {
			t.Errorf("%s: without threats or meaning", s.Name)
		}
	}
}

// TestCasesAreDeterministic makes every case twice.
func TestCasesAreDeterministic(t *testing.T) {
	for _, class := range Classes() {
		for _, c := range class.Cases {
			if c.Heavy {
				continue
			}
			a, first := c.Make()
			b, second := c.Make()
			if !bytes.Equal(a, b) || first != second {
				t.Errorf("%s differs from itself", c.Name)
			}
			sum := int64(0)
			for _, n := range first.By {
				sum += n
			}
			if sum != first.Packets {
				t.Errorf("%s: dispositions of %d packets add up to %d", c.Name, first.Packets, sum)
			}
		}
	}
}

// tuples reads source, destination and ports of a shape's UDP packets.
func tuples(t *testing.T, shape string, n int) [][]byte {
	t.Helper()
	s, err := ShapeNamed(shape)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.Write(&b, n); err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for data := b.Bytes()[24:]; len(data) > 0; data = data[16+binary.LittleEndian.Uint32(data[8:]):] {
		out = append(out, data[16+atIP+12:16+atL4+4])
	}
	return out
}

// TestCollisionsCollide computes each shape's hash with an implementation of its
// own, and that all tuples differ.
func TestCollisionsCollide(t *testing.T) {
	words := func(k []byte) (src, dst uint32, sport, dport uint16) {
		return binary.BigEndian.Uint32(k), binary.BigEndian.Uint32(k[4:]), binary.BigEndian.Uint16(k[8:]), binary.BigEndian.Uint16(k[10:])
	}
	for shape, hash := range map[string]func(k []byte) uint64{
		"equal_xor": func(k []byte) uint64 { s, d, a, b := words(k); return uint64(s^d)<<16 | uint64(a^b) },
		"equal_sum": func(k []byte) uint64 { s, d, a, b := words(k); return uint64(s+d)<<16 | uint64(a+b) },
		"equal_crc": func(k []byte) uint64 { return uint64(crc32.ChecksumIEEE(k)) },
		"equal_fnv": func(k []byte) uint64 {
			h := uint32(2166136261)
			for _, c := range k {
				h ^= uint32(c)
				h *= 16777619
			}
			return uint64(h & 0xffff)
		},
		"one_pair": func(k []byte) uint64 { return binary.BigEndian.Uint64(k) },
	} {
		const n = 3000
		different, hashes := map[string]bool{}, map[uint64]bool{}
		for _, k := range tuples(t, shape, n) {
			different[string(k)], hashes[hash(k)] = true, true
		}
		if len(different) != n || len(hashes) != 1 {
			t.Errorf("%s: %d tuples with %d hashes, want %d with one", shape, len(different), len(hashes), n)
		}
	}
}
