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

// log2Table holds x·log2(x) for 0 ≤ x ≤ MaxPayloadBytes.
var log2Table = func() (t [MaxPayloadBytes + 1]float64) {
	for x := 2; x <= MaxPayloadBytes; x++ {
		t[x] = float64(x) * math.Log2(float64(x))
	}
	return t
}()

// describe returns Shannon entropy and printable share of p, which has 1 to
// MaxPayloadBytes bytes. With counts c of n bytes the entropy is
// log2(n) − Σ c·log2(c) / n.
func describe(p []byte) (entropy, printable float32) {
	var count [256]uint8
	var text int
	for _, c := range p {
		count[c]++
		if c-0x20 < 0x5f || c == '\t' || c == '\n' || c == '\r' {
			text++
		}
	}
	var sum float64
	for _, c := range p { // each value once: its count is cleared on first sight
		sum += log2Table[count[c]]
		count[c] = 0
	}
	n := float64(len(p))
	return float32(max(0, (log2Table[len(p)]-sum)/n)), float32(float64(text) / n)
}

func payloadColumns() []Def {
	return perSide(func(p, of string, dir int) []Def {
		null := "no payload captured in this direction, or --payload-bytes 0"
		get := func(f func(*payloadSample) float32) func(*Row) (float64, bool) {
			return func(r *Row) (float64, bool) {
				s := &r.sides[dir].payload
				return float64(f(s)), s.seen
			}
		}
		return []Def{
			optDouble(p+"payload_entropy_bits", attr{unit: column.Bits, null: null, source: "Shannon 1948"},
				"Shannon entropy per byte over the first bytes (--payload-bytes) of the first captured payload, "+of+".", get(func(s *payloadSample) float32 { return s.entropy })),
			optDouble(p+"payload_printable_ratio", attr{unit: column.Ratio, null: null},
				"Share of printable ASCII, TAB, CR and LF in the same bytes, "+of+".", get(func(s *payloadSample) float32 { return s.printable })),
		}
	})
}
