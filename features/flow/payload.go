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

// describe sums integers, so that any order gives the same: x·log2(x) in units of
// 2⁻⁴⁴ below printedShift, the number of printable bytes above. describe's loop
// must be free of branches that depend on the payload: on encrypted bytes each
// would be mispredicted.
const (
	entropyUnit  = 1 << 44
	printedShift = 56 // 255·log2(255) < 2¹¹ leaves room
	isPrintable  = 1 << 8
)

var (
	// entropyTable holds x·log2(x).
	entropyTable = func() (t [MaxPayloadBytes + 1]uint64) {
		for x := 2; x <= MaxPayloadBytes; x++ {
			t[x] = uint64(math.Round(float64(x) * math.Log2(float64(x)) * entropyUnit))
		}
		return t
	}()
	// noneSeen is where the bytes' counters start: with isPrintable for those.
	noneSeen = func() (t [256]uint16) {
		for c := range t {
			printable := flag(c >= 0x20 && c < 0x7f || c == '\t' || c == '\n' || c == '\r')
			t[c] = uint16(printable) * isPrintable
		}
		return t
	}()
	// oneMore is what a byte adds to the sum, given its counter before.
	oneMore = func() (t [2 * isPrintable]uint64) {
		for n := range MaxPayloadBytes {
			t[n] = entropyTable[n+1] - entropyTable[n]
			t[n+isPrintable] = t[n] + 1<<printedShift
		}
		return t
	}()
)

// describe returns Shannon entropy and printable share of p, which has 1 to
// MaxPayloadBytes bytes. With counts c of n bytes the entropy is
// log2(n) − Σ c·log2(c) / n.
func describe(p []byte) (entropy, printable float32) {
	count := noneSeen
	var sum uint64
	for _, c := range p {
		n := count[c]
		count[c] = n + 1
		sum += oneMore[n%uint16(len(oneMore))]
	}
	n := float64(len(p))
	missing := entropyTable[len(p)] - sum%(1<<printedShift)
	return float32(float64(missing) / (n * entropyUnit)), float32(float64(sum>>printedShift) / n)
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
