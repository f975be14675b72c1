package tls

import (
	"bytes"
	"testing"
)

// hostile are extensions of about a size, each made to cost more than it should.
var hostile = map[string]func(size int) builder{
	"empty extensions":     func(size int) builder { return bytes.Repeat([]byte{0xab, 0xcd, 0, 0}, size/4) },
	"one extension again":  func(size int) builder { return bytes.Repeat(builder{}.ext(0, sni("a")), size/10) },
	"GREASE":               func(size int) builder { return bytes.Repeat([]byte{0x1a, 0x1a, 0, 0}, size/4) },
	"empty protocol names": func(size int) builder { return builder{}.ext(16, builder{}.vec16(make([]byte, size))) },
	"protocol names": func(size int) builder {
		return builder{}.ext(16, builder{}.vec16(bytes.Repeat([]byte{1, 'x'}, size/2)))
	},
	"empty server names":   func(size int) builder { return builder{}.ext(0, builder{}.vec16(make([]byte, size/3*3))) },
	"groups":               func(size int) builder { return builder{}.ext(10, builder{}.vec16(make([]byte, size&^1))) },
	"signature algorithms": func(size int) builder { return builder{}.ext(13, builder{}.vec16(bytes.Repeat([]byte{0xff}, size&^1))) },
	"empty key shares":     func(size int) builder { return builder{}.ext(51, builder{}.vec16(make([]byte, size&^3))) },
	"pre-shared keys":      func(size int) builder { return builder{}.ext(41, builder{}.vec16(make([]byte, size/6*6))) },
	"extensions that descend": func(size int) builder {
		var b builder
		for typ := uint16(size / 4); typ > 100; typ-- {
			b = b.ext(typ, nil)
		}
		return b
	},
}

// TestHostileHellos holds that what a hello makes of its bytes grows with them alone, and
// that nothing is allocated once the memory is there.
func TestHostileHellos(t *testing.T) {
	for name, build := range hostile {
		for _, size := range []int{1000, 16000, 65000} {
			body := clientHello(0x0303, nil, build(size))
			var h ClientHello
			var text []byte
			_ = h.Parse(body)
			for list, length := range map[string]int{"extensions": 4 * len(h.Extensions), "ALPN": len(h.ALPN), "groups": 2 * len(h.Groups), "algorithms": 2 * len(h.SignatureAlgorithms), "key shares": 4 * len(h.KeyShareGroups)} {
				if length > len(body) {
					t.Errorf("%s: a list of %s of more than %d bytes", name, list, len(body))
				}
			}
			text = ja4Raw(&h, h.AppendJA3Text(text[:0]), OverTCP)
			if most := 6*len(body) + 200; len(text) > most {
				t.Errorf("%s: %d characters of %d bytes, want at most %d", name, len(text), len(body), most)
			}
			if n := testing.AllocsPerRun(3, func() {
				_ = h.Parse(body)
				text = h.AppendJA4(h.AppendJA3(text[:0]), OverTCP)
			}); n > 1 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	}
}

// TestHostileRecords holds that records of a byte, or none, cost no memory.
func TestHostileRecords(t *testing.T) {
	hello := message(1, clientHello(0x0303, nil, bytes.Repeat([]byte{0xab, 0xcd, 0, 0}, 8000)))
	for name, stream := range map[string]builder{
		"records of a byte": records(1, hello),
		"empty records":     bytes.Repeat([]byte{22, 3, 3, 0, 0}, 50000),
		"empty messages":    records(16384, bytes.Repeat([]byte{0, 0, 0, 0}, 50000)),
		"a hello's header":  records(16384, append(builder{1, 0, 0xff, 0xff}, 1)),
	} {
		_, d, err := read(stream)
		if err != nil || d.Kept() > 2*len(hello) {
			t.Errorf("%s: %d bytes kept, %v", name, d.Kept(), err)
		}
	}
}
