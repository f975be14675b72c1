package tls

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// browser is a hello as browsers say it.
func browser() ClientHello {
	return ClientHello{
		Version: 0x0303, CipherSuites: []uint16{0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x9c, 0x9d, 0x2f, 0x35},
		Extensions: []uint16{0x1a1a, 0, 23, 0xff01, 10, 11, 35, 16, 5, 13, 18, 51, 45, 43, 27, 0x4469, 0xfe0d, 0x2a2a},
		Groups:     []uint16{0x3a3a, 4588, 29, 23, 24}, SignatureAlgorithms: []uint16{0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601},
		PointFormats: []byte{0}, SupportedVersions: []uint16{0x4a4a, 0x0304, 0x0303}, ALPN: [][]byte{[]byte("h2"), []byte("http/1.1")},
	}
}

// BenchmarkPrints is of a client that says the same again, and of one that puts its
// extensions into another order each time.
func BenchmarkPrints(b *testing.B) {
	b.Run("same", func(b *testing.B) {
		var p Prints
		h := browser()
		for b.Loop() {
			p.Client(&h, OverTCP)
		}
	})
	b.Run("shuffled", func(b *testing.B) {
		var p Prints
		rng := rand.New(rand.NewPCG(1, 2))
		hellos := make([]ClientHello, 4096)
		for i := range hellos {
			hellos[i] = browser()
			e := slices.Clone(hellos[i].Extensions)
			rng.Shuffle(len(e), func(i, j int) { e[i], e[j] = e[j], e[i] })
			hellos[i].Extensions = e
		}
		for i := 0; b.Loop(); i++ {
			p.Client(&hellos[i%len(hellos)], OverTCP)
		}
	})
}

// BenchmarkParse reads a browser's hello.
func BenchmarkParse(b *testing.B) {
	body := chrome()
	var h ClientHello
	for b.Loop() {
		if err := h.Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}
