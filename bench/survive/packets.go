package survive

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
)

// PacketDamage is one way in which the packets of a sound file are damaged.
type PacketDamage struct {
	Name string
	Do   func(list []accuracy.Packet) []accuracy.Packet // returns a damaged copy
}

// headers is about where the headers of a packet end, behind which messages begin.
const headers = 54

// PacketDamages returns what happens to packets: on their way, to what captures them, and
// at the hand of who attacks who reads them.
func PacketDamages(file string) []PacketDamage {
	var list []PacketDamage
	add := func(name string, do func([]accuracy.Packet, *rand.Rand) []accuracy.Packet) {
		seed := uint64(100 + len(list))
		list = append(list, PacketDamage{name, func(packets []accuracy.Packet) []accuracy.Packet {
			return do(slices.Clone(packets), random(file, seed))
		}})
	}
	for _, rate := range []float64{0.002, 0.02} {
		add(fmt.Sprint("errors in messages ", rate), func(packets []accuracy.Packet, rng *rand.Rand) []accuracy.Packet {
			return each(packets, func(p *accuracy.Packet) { p.Data = errorsBehind(p.Data, headers, rate, rng) })
		})
	}
	add("errors anywhere", func(packets []accuracy.Packet, rng *rand.Rand) []accuracy.Packet {
		return each(packets, func(p *accuracy.Packet) { p.Data = Errors(p.Data, 0.005, rng) })
	})
	add("lengths in messages", func(packets []accuracy.Packet, rng *rand.Rand) []accuracy.Packet {
		return each(packets, func(p *accuracy.Packet) {
			at := min(len(p.Data), headers-2*rng.IntN(2))
			p.Data = slices.Concat(p.Data[:at], Lengths(p.Data[at:], rng))
		})
	})
	add("cut short", func(packets []accuracy.Packet, rng *rand.Rand) []accuracy.Packet {
		snap := headers + rng.IntN(200)
		return each(packets, func(p *accuracy.Packet) { p.Data = p.Data[:min(len(p.Data), snap)] })
	})
	add("cut anywhere", func(packets []accuracy.Packet, rng *rand.Rand) []accuracy.Packet {
		return each(packets, func(p *accuracy.Packet) { p.Data = p.Data[:rng.IntN(len(p.Data)+1)] })
	})
	add("in another order", func(packets []accuracy.Packet, rng *rand.Rand) []accuracy.Packet {
		rng.Shuffle(len(packets), func(i, j int) { packets[i].Data, packets[j].Data = packets[j].Data, packets[i].Data })
		return each(packets, func(p *accuracy.Packet) { p.Wire = max(p.Wire, uint32(len(p.Data))) })
	})
	add("last first", func(packets []accuracy.Packet, _ *rand.Rand) []accuracy.Packet {
		slices.Reverse(packets)
		return packets
	})
	add("some twice, some never", func(packets []accuracy.Packet, rng *rand.Rand) []accuracy.Packet {
		var out []accuracy.Packet
		for _, p := range packets {
			for range rng.IntN(4) {
				out = append(out, p)
			}
		}
		return out
	})
	add("some twice, with other bytes", func(packets []accuracy.Packet, rng *rand.Rand) []accuracy.Packet {
		var out []accuracy.Packet
		for _, p := range packets {
			if out = append(out, p); rng.IntN(3) == 0 {
				p.Data = errorsBehind(p.Data, headers, 0.05, rng)
				out = append(out, p)
			}
		}
		return out
	})
	add("one instant", func(packets []accuracy.Packet, rng *rand.Rand) []accuracy.Packet {
		first := packet.Nanos(1e18)
		return each(packets, func(p *accuracy.Packet) { p.Time, p.Data = first, errorsBehind(p.Data, headers, 0.001, rng) })
	})
	return list
}

func each(packets []accuracy.Packet, do func(*accuracy.Packet)) []accuracy.Packet {
	for i := range packets {
		do(&packets[i])
	}
	return packets
}

// errorsBehind is Errors from an offset on.
func errorsBehind(data []byte, at int, rate float64, rng *rand.Rand) []byte {
	at = min(at, len(data))
	return slices.Concat(data[:at], Errors(data[at:], rate, rng))
}
