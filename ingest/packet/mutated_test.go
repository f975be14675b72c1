package packet_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/packet"
)

// The numbers that decide what the walk reads next.
var (
	steeringBytes = []byte{
		0, 1, 2, 3, 4, 5, 6, 17, 41, 43, 44, 50, 51, 58, 59, 60, 132, 135, 139, 140, // protocols
		0x40, 0x45, 0x46, 0x4f, 0x60, 0x6f, 0xaa, 0xfe, 0x11, 0x20, 0x80, 0xff,
	}
	steeringTypes = []uint16{
		0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x9100, 0x8847, 0x8848, 0x8864, 0x8870, 0x22f3, 0x8899,
		0x88e5, 0x88e7, 0x8903, 0x8909, 0x8926, 0x892f, 0x894f, 0x0021, 0x0057, 0x0281, 0, 1, 8, 20, 28, 40, 48, 1500, 1501, 1536,
	}
)

// mutated returns a copy of one of the frames, changed in up to four places so that
// it leads the walk elsewhere, and its length on the wire.
func mutated(r *rand.Rand, frames [][]byte) (frame []byte, wire uint32) {
	f := slices.Clone(frames[r.IntN(len(frames))])
	for range 1 + r.IntN(4) {
		at := r.IntN(len(f) + 1)
		switch rest := f[at:]; r.IntN(8) {
		case 0:
			f = f[:at]
		case 1:
			f = slices.Delete(f, at, at+r.IntN(min(len(rest), 40)+1))
		case 2: // the same header again, or parts of it
			f = slices.Insert(f, at, f[at:at+r.IntN(min(len(rest), 40)+1)]...)
		case 3: // another frame from here on
			other := frames[r.IntN(len(frames))]
			f = append(f[:at], other[r.IntN(len(other)):]...)
		case 4, 5:
			if len(rest) > 0 {
				rest[0] = steeringBytes[r.IntN(len(steeringBytes))]
			}
		case 6:
			if len(rest) > 1 {
				binary.BigEndian.PutUint16(rest, steeringTypes[r.IntN(len(steeringTypes))])
			}
		default:
			if len(rest) > 0 {
				rest[0] ^= 1 << r.IntN(8)
			}
		}
	}
	wire = uint32(len(f))
	switch r.IntN(4) {
	case 0:
		wire += uint32(r.IntN(100))
	case 1:
		wire = uint32(r.IntN(2*len(f) + 1))
	}
	return slices.Clip(f), wire
}

// TestMutatedAgainstGopacket compares the walk with gopacket on frames near those
// of each kind. They are the same frames in every run: FuzzWalkAgainstGopacket
// looks for others, but what it finds is most often wrong with gopacket and has
// come with no change of ours.
func TestMutatedAgainstGopacket(t *testing.T) {
	rounds := 200_000
	if sharedtest.Accept() {
		rounds = 20_000_000
	}
	r := rand.New(rand.NewPCG(1, 2))
	frames := gopacketSeeds()
	agree, inFlow := 0, 0
	for range rounds {
		frame, wire := mutated(r, frames)
		d := compareFrame(frame, wire, packet.LinkEthernet)
		switch {
		case d == nil:
			agree++
		case d.explain() == "":
			t.Fatal(d)
		case d.got.Outcome == packet.InFlow:
			inFlow++
		}
	}
	t.Logf("%d frames: both agree on %d, %d that only the walk decodes fully", rounds, agree, inFlow)
}
