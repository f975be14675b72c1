package traffic

import "pcapmill/ingest/packet"

// spawnIPv6 starts an IPv6 conversation: the mix of spawnMixed, three in ten with
// extension headers, and one in ten a series of datagrams of 3,000 bytes that
// are fragmented to 1,280. The fragments come on top of Options.Packets.
func spawnIPv6(e *engine, c *conversation) {
	switch kind := e.rng.float(); {
	case kind < 0.1:
		e.endpoints(c, true, 50000)
		c.mtu, c.think = 1280, 1e9
		startPairs(c, packet.ProtoUDP, 2*e.rng.within(1, 3), large)
	case kind < 0.3:
		e.lookup(c, true)
	case kind < 0.35:
		e.pinged(c, true)
		c.think = 1e9
		startPairs(c, packet.ProtoICMPv6, 2*e.rng.within(1, 4), echo)
	case kind < 0.45:
		e.quic(c, true)
	default:
		e.exchange(c, true)
	}
	if e.rng.chance(0.3) {
		c.extensions = extensionSets[e.rng.below(len(extensionSets))]
	}
}

// large is 3,000 pseudo-random bytes.
func large(e *engine, c *conversation, _ *step) []byte {
	return e.pool[c.base%poolSize:][:3000]
}

// padN is a six-byte padding option, the whole body of a minimal options header.
var padN = []byte{1, 4, 0, 0, 0, 0}

// extensionSets are the chains of extension headers in the ipv6 profile.
var extensionSets = [][]Extension{
	{{Type: 0, Data: padN}},
	{{Type: 60, Data: padN}},
	{{Type: 0, Data: padN}, {Type: 60, Data: padN}},
	{{Type: 43, Data: []byte{0, 0, 0, 0, 0, 0}}}, // routing, no segments left
	{{Type: 0, Data: padN}, {Type: 43, Data: []byte{0, 0, 0, 0, 0, 0}}, {Type: 60, Data: padN}},
}

// tagSet is what an Ethernet frame carries before IP.
type tagSet struct {
	vlans []VLAN
	mpls  []uint32
	pppoe uint16
}

// tagSets are the link layers of the vlan profile, equally likely.
var tagSets = []tagSet{
	{vlans: []VLAN{{TCI: 100}}},
	{vlans: []VLAN{{TCI: 3<<13 | 200}}},
	{vlans: []VLAN{{TCI: 1000}, {TCI: 100}}},
	{vlans: []VLAN{{TPID: 0x9100, TCI: 1001}, {TCI: 101}}},
	{vlans: []VLAN{{TPID: etherVLAN, TCI: 1002}, {TCI: 102}, {TCI: 7}}},
	{mpls: []uint32{16000}},
	{mpls: []uint32{16001, 24, 299}},
	{vlans: []VLAN{{TCI: 300}}, mpls: []uint32{17000, 18000}},
	{pppoe: 0x1234},
	{vlans: []VLAN{{TCI: 35}}, pppoe: 77},
}

// spawnTagged starts a conversation of the mixed profile behind link tags.
func spawnTagged(e *engine, c *conversation) {
	spawnMixed(e, c)
	c.tags = &tagSets[e.rng.below(len(tagSets))]
	for _, tag := range c.tags.vlans {
		c.flow.VLANs = append(c.flow.VLANs, tag.TCI&0xfff)
	}
}
