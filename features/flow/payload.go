package flow

import (
	"math"

	"pcapmill/features/column"
	"pcapmill/ingest/packet"
)

// MaxPayloadBytes bounds Options.PayloadBytes: one byte counts each value.
const MaxPayloadBytes = 255

// payloadSample describes the first payload of one direction.
type payloadSample struct {
	entropy   float32 // bits per byte
	printable float32 // share of bytes 0x20–0x7e, TAB, LF, CR
	seen      bool
}

func (s *payloadSample) observe(b *packet.Block, v *packet.View, o *Options) {
	if s.seen || v.PayloadCap == 0 || o.PayloadBytes == 0 {
		return
	}
	s.seen = true
	p := v.Payload(b)
	s.entropy, s.printable = describe(p[:min(len(p), o.PayloadBytes)])
}

// log2Table holds x·log2(x) for 0 ≤ x ≤ MaxPayloadBytes, printableTable 1 for each
// printable byte. Both loops of describe must be free of branches that depend on
// the payload: on encrypted bytes each would be mispredicted.
var (
	log2Table = func() (t [MaxPayloadBytes + 1]float64) {
		for x := 2; x <= MaxPayloadBytes; x++ {
			t[x] = float64(x) * math.Log2(float64(x))
		}
		return t
	}()
	printableTable = func() (t [256]uint8) {
		for c := range t {
			t[c] = flag(c >= 0x20 && c < 0x7f || c == '\t' || c == '\n' || c == '\r')
		}
		return t
	}()
)

// describe returns Shannon entropy and printable share of p, which has 1 to
// MaxPayloadBytes bytes. With counts c of n bytes the entropy is
// log2(n) − Σ c·log2(c) / n.
func describe(p []byte) (entropy, printable float32) {
	var count [256]uint8
	var printed uint
	for _, c := range p {
		count[c]++
		printed += uint(printableTable[c])
	}
	// Each value must be summed once: its count is cleared on first sight, and
	// 0·log2(0) counts as 0. Two sums halve the chain of dependent additions.
	var even, odd float64
	for i, c := range p {
		n := count[c]
		count[c] = 0
		if i&1 == 0 {
			even += log2Table[n]
		} else {
			odd += log2Table[n]
		}
	}
	n := float64(len(p))
	return float32(max(0, (log2Table[len(p)]-even-odd)/n)), float32(float64(printed) / n)
}

func payloadColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		return []Def{
			double(p+"payload_entropy_bits", attr{unit: column.Bits, when: ifPayload[dir], source: "Shannon 1948"},
				"Shannon entropy per byte over the first bytes (--payload-bytes) of the first captured payload, "+of+".",
				func(dst []float64, rows []*Row) {
					for i, r := range rows {
						dst[i] = float64(r.sides[dir].rare.payload.entropy)
					}
				}),
			double(p+"payload_printable_ratio", attr{unit: column.Ratio, when: ifPayload[dir]},
				"Share of printable ASCII, TAB, CR and LF in the same bytes, "+of+".",
				func(dst []float64, rows []*Row) {
					for i, r := range rows {
						dst[i] = float64(r.sides[dir].rare.payload.printable)
					}
				}),
		}
	})
}
