package hostile

import (
	"encoding/binary"
	"hash/crc32"
	"net/netip"

	"pcapmill/bench/traffic"
)

// collisionShapes are flows whose keys meet in a hash table that is built in a
// common way: each packet is a flow.
func collisionShapes() []Shape {
	return []Shape{
		{"one_pair", "T22", "one address pair, all ports: one partition", frames(func(i int, b []byte) []byte {
			return tuple(b, 0x0a000001, 0x0a000002, uint16(i>>16), uint16(i))
		})},
		{"one_partition", "T22", "address pairs that fall into one of the 256 partitions", func(w *shapeWriter, n int) error {
			pairs := partitionMates(min(n, 2000))
			return frames(func(i int, b []byte) []byte {
				return tuple(b, pairs[i%len(pairs)], 0x0a000001, uint16(i/len(pairs)), 53)
			})(w, n)
		}},
		{"equal_xor", "T22", "the exclusive or of addresses and of ports is constant", frames(func(i int, b []byte) []byte {
			src := 0x0b000000 + uint32(i)
			return tuple(b, src, src^0x00ff00ff, uint16(i>>8), uint16(i>>8)^0x5555)
		})},
		{"equal_sum", "T22", "the sum of addresses and of ports is constant", frames(func(i int, b []byte) []byte {
			return tuple(b, 0x0b000000+uint32(i), 0x50000000-uint32(i), uint16(i>>8), 0-uint16(i>>8))
		})},
		{"equal_fnv", "T22", "the low 16 bits of FNV-1a over the tuple are constant", func(w *shapeWriter, n int) error {
			solve, next := fnvSolver(), uint32(0)
			return frames(func(_ int, b []byte) []byte {
				for {
					next++
					if last, ok := solve(0x0b000000+next, 0x0a000001, 1000); ok {
						return tuple(b, 0x0b000000+next, 0x0a000001, 1000, last)
					}
				}
			})(w, n)
		}},
		{"equal_crc", "T22", "CRC-32 over the tuple is constant", frames(func(i int, b []byte) []byte {
			// The register after eight bytes, added to the next four, is all that the
			// CRC depends on: let it be a constant.
			src, dst := 0x0b000000+uint32(i), uint32(0x0a000001)
			register := ^crc32.ChecksumIEEE(join(u32(src), u32(dst)))
			ports := binary.LittleEndian.AppendUint32(nil, register^0xdeadbeef)
			return tuple(b, src, dst, binary.BigEndian.Uint16(ports), binary.BigEndian.Uint16(ports[2:]))
		})},
	}
}

// tuple appends a UDP datagram without payload.
func tuple(b []byte, src, dst uint32, sport, dport uint16) []byte {
	p := traffic.NewUDP(port(addr4(src), sport), port(addr4(dst), dport), nil)
	return p.Append(b)
}

func addr4(v uint32) netip.Addr {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], v)
	return netip.AddrFrom4(a)
}

// partitionMates returns n addresses whose pair with 10.0.0.1 is of one
// partition. About one in 256 is.
func partitionMates(n int) []uint32 {
	var mates []uint32
	frame := tuple(nil, 0x0b000000, 0x0a000001, 1, 53)
	for a := uint32(0x0b000000); len(mates) < n; a++ {
		binary.BigEndian.PutUint32(frame[atIP+12:], a)
		if partitionOf(frame) == 0 {
			mates = append(mates, a)
		}
	}
	return mates
}

// FNV-1a of 32 bits.
const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

func fnv(h uint32, b ...byte) uint32 {
	for _, c := range b {
		h = (h ^ uint32(c)) * fnvPrime
	}
	return h
}

// fnvSolver returns a function that finds the destination port with which the
// low 16 bits of a tuple's hash are zero, for most tuples. Only the low 16 bits
// of the state decide, so a table of all port bytes, walked backward, suffices.
func fnvSolver() func(src, dst uint32, sport uint16) (uint16, bool) {
	table := make([]uint16, 1<<16)
	known := make([]bool, 1<<16)
	for state := range uint32(1 << 16) {
		for first := range 256 {
			h := fnv(state, byte(first))
			last := h & 0xff // the product is zero in its low 16 bits where the factor is
			if (h^last)&0xffff != 0 {
				continue
			}
			table[state], known[state] = uint16(first)<<8|uint16(last), true
			break
		}
	}
	return func(src, dst uint32, sport uint16) (uint16, bool) {
		h := fnv(fnvOffset, join(u32(src), u32(dst), u16(sport))...) & 0xffff
		return table[h], known[h]
	}
}
