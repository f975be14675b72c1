package window

import "pcapmill/ingest/packet"

// The IP versions, as places in counters.
const (
	ipv4 = iota
	ipv6
	versions
)

// tcpFlags are the flags that are counted: those of the header's fourteenth byte.
const tcpFlags = 8

// ipCounts count packets of one IP version.
type ipCounts struct {
	packets   int64
	bytes     int64 // IP total length
	fragments int64
	tcp       int64 // of these and the following, packets that have the header
	udp       int64
	icmp      int64
	flags     [tcpFlags]int64 // TCP packets by flag
	src, dst  distinct        // addresses
	srcPorts  int64           // TCP ports that are different
	dstPorts  int64
}

// slot is what a row is made of.
type slot struct {
	capture  int32 // -1: the inputs are one sequence
	start    packet.Nanos
	duration int64 // ns
	gap      int64 // ticks that the row stands for beside none of its own; 0: it is a tick
	partial  bool

	total    packet.Tally
	arp      int64
	ip       [versions]ipCounts
	srcPorts int64 // TCP ports that are different, of both versions
	dstPorts int64
	entropy  float64 // of the TCP destination ports, in nats
	entropic bool    // there is one
}

func (s *slot) tcp() int64 { return s.ip[ipv4].tcp + s.ip[ipv6].tcp }

// flagged returns the TCP packets with a flag, of both versions.
func (s *slot) flagged(flag int) int64 { return s.ip[ipv4].flags[flag] + s.ip[ipv6].flags[flag] }

// tick counts the packets of the tick that is open.
type tick struct {
	six   recentIPv6 // first, so that it begins with a cache line
	four  recentIPv4
	total packet.Tally
	arp   int64
	ip    [versions]ipTick
	ports portCounts // TCP packets by destination port
}

// ipTick is of one IP version.
type ipTick struct {
	ipCounts
	control  uint8                // protocol number of its ICMP
	combined [1 << tcpFlags]int64 // TCP packets by their flags together
	src, dst addresses
	srcPorts portSet
	dstPorts portSet
}

func newTick(key [2]uint64) *tick {
	t := new(tick)
	for i := range t.ip {
		t.ip[i].src, t.ip[i].dst = newAddresses(key, i), newAddresses(key, i)
	}
	t.ip[ipv4].control, t.ip[ipv6].control = packet.ProtoICMP, packet.ProtoICMPv6
	return t
}

// packet counts a packet with an IP header. whole says that its transport header, where
// there is one, could be read.
func (t *tick) packet(v *packet.View, whole bool) {
	t.total.Add(v.CapLen, v.WireLen)
	c := t.addresses(v)
	c.packets++
	c.bytes += int64(v.IPLen)
	if v.Quality&(packet.FirstFragment|packet.LaterFragment) != 0 {
		c.fragments++
	}
	if !whole || v.L4Len == 0 {
		return
	}
	switch v.Protocol {
	case packet.ProtoTCP:
		c.tcp++
		c.combined[v.TCPFlags&(1<<tcpFlags-1)]++
		c.srcPorts.add(v.SrcPort)
		c.dstPorts.add(v.DstPort)
		t.ports.add(v.DstPort)
	case packet.ProtoUDP:
		c.udp++
	case c.control:
		c.icmp++
	}
}

// addresses counts the addresses of a packet, and returns what is of its version.
func (t *tick) addresses(v *packet.View) *ipTick {
	if v.Version == 6 {
		if t.six.note(v) {
			t.countAddresses()
		}
		return &t.ip[ipv6]
	}
	if t.four.note(v) {
		t.countAddresses()
	}
	return &t.ip[ipv4]
}

// countAddresses counts those that were gathered.
func (t *tick) countAddresses() {
	t.four.count(&t.ip[ipv4].src, &t.ip[ipv4].dst)
	t.six.count(&t.ip[ipv6].src, &t.ip[ipv6].dst)
}

// close puts what was counted into a slot and forgets it.
func (t *tick) close(s *slot) {
	s.total, s.arp = t.total, t.arp
	a, b := &t.ip[ipv4], &t.ip[ipv6]
	tcp := a.tcp + b.tcp
	if tcp > 0 {
		s.srcPorts, s.dstPorts = countBoth(&a.srcPorts, &b.srcPorts), countBoth(&a.dstPorts, &b.dstPorts)
		s.entropy, s.entropic = t.ports.entropy(&a.dstPorts, &b.dstPorts, tcp)
	}
	t.countAddresses()
	a.close(&s.ip[ipv4])
	b.close(&s.ip[ipv6])
	if s.ip[ipv4].packets > 0 {
		t.four.clear()
	}
	if s.ip[ipv6].packets > 0 {
		t.six.clear()
	}
	t.total, t.arp = packet.Tally{}, 0
}

func (t *ipTick) close(c *ipCounts) {
	*c = t.ipCounts
	c.src, c.dst = t.src.count(), t.dst.count()
	t.ipCounts = ipCounts{}
	t.src.clear()
	t.dst.clear()
	if c.tcp == 0 {
		return
	}
	c.srcPorts, c.dstPorts = t.srcPorts.count(), t.dstPorts.count()
	for flags, n := range t.combined {
		for flag := range c.flags {
			c.flags[flag] += n * int64(flags>>flag&1)
		}
	}
	t.combined, t.srcPorts, t.dstPorts = [1 << tcpFlags]int64{}, portSet{}, portSet{}
}
