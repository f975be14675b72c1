package fingerprint

import "math"

// band is a range of a number that has a name. It begins at from, and ends where the next
// one begins.
type band struct {
	from float64
	name string
}

// Bands of NetDNA's reference. At an edge that it gives to two of them the upper one
// holds; only its highest band of bursts says "> 5", so 5 itself is high.
var (
	burstBands = []band{{0, "steady"}, {1.5, "moderate"}, {3, "high"}, {math.Nextafter(5, 6), "extreme"}}
	// Of bytes. Names of DNS have an alphabet of some 38 characters, so they end in the
	// third band whatever they hold: log2 38 is 5.2.
	entropyBands = []band{{0, "very low"}, {2, "medium"}, {4, "high"}, {6, "very high"}}
)

// BurstBand names the band of a burst score.
func BurstBand(x float64) string { return bandOf(burstBands, x) }

// EntropyBand names the band of an entropy in bits a byte, 0 to 8.
func EntropyBand(x float64) string { return bandOf(entropyBands, x) }

func bandOf(bands []band, x float64) string {
	name := ""
	for _, b := range bands {
		if x >= b.from {
			name = b.name
		}
	}
	return name
}
