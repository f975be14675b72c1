package tls

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// TestPrintsAreThoseOfTheHello: remembered or not, whatever hellos came before. They
// differ in one place at a time.
func TestPrintsAreThoseOfTheHello(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	base := ClientHello{
		Version: 0x0303, CipherSuites: []uint16{0x1301, 0x0a0a, 0xc02b}, Extensions: []uint16{0, 16, 0x1a1a, 43, 13},
		Groups: []uint16{29, 23}, SignatureAlgorithms: []uint16{0x0403}, PointFormats: []byte{0}, SupportedVersions: []uint16{0x0304}, ALPN: [][]byte{[]byte("h2")},
	}
	var prints Prints
	for range 3000 {
		h := base
		switch list := []*[]uint16{&h.CipherSuites, &h.Extensions, &h.Groups, &h.SignatureAlgorithms, &h.SupportedVersions}[rng.IntN(5)]; rng.IntN(6) {
		case 0:
			*list = append(slices.Clone(*list), uint16(rng.IntN(3))*0x1010+0x0a0a)
		case 1:
			*list = append(slices.Clone(*list), uint16(rng.IntN(3)))
		case 2:
			*list = (*list)[1:]
		case 3:
			h.Version, h.PointFormats = 0x0301+uint16(rng.IntN(3)), make([]byte, rng.IntN(3))
		case 4:
			h.ALPN = [][]byte{[]byte([]string{"h3", "http/1.1", "", "\xff"}[rng.IntN(4)])}
		case 5: // in another order, perhaps with some again
			e := slices.Clone(h.Extensions)
			h.Extensions = append(e, e[:rng.IntN(3)]...)
			rng.Shuffle(len(h.Extensions), func(i, j int) { h.Extensions[i], h.Extensions[j] = h.Extensions[j], h.Extensions[i] })
		}
		over := []byte{OverTCP, OverQUIC}[rng.IntN(2)]
		ja3, ja4 := prints.Client(&h, over)
		if want, want4 := h.AppendJA3(nil), h.AppendJA4(nil, over); string(ja3) != string(want) || string(ja4) != string(want4) {
			t.Fatalf("%+v: %s %s, want %s %s", h, ja3, ja4, want, want4)
		}
		s := ServerHello{Version: h.Version, CipherSuite: uint16(rng.IntN(3)), Extensions: h.Extensions}
		if got, want := prints.Server(&s), s.AppendJA3S(nil); string(got) != string(want) {
			t.Fatalf("%+v: %s, want %s", s, got, want)
		}
	}
}

// TestDecimals has all numbers that there are.
func TestDecimals(t *testing.T) {
	for v := range 1 << 16 {
		if got, want := string(appendDecimal([]byte{'x'}, uint16(v))), "x"+strconv.Itoa(v); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	if got := string(appendDecimals([]byte{'x'}, []uint16{0x0a0a})); got != "x" {
		t.Error(got)
	}
}
