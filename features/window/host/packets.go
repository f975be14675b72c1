package host

import (
	"slices"

	"pcapmill/ingest/packet"
)

// Directions of a packet as a host sees it.
const (
	out = iota // the host is the source
	in
)

// seen is what a host's packets of one window come to: two cache lines, as with many
// hosts the time goes into fetching them.
type seen struct {
	addr     packet.Addr
	last     packet.Nanos // clock of the latest packet
	gaps     squares      // of the gaps between packets
	second   uint32       // of the latest packet, counted from the window's start
	active   uint32       // seconds with a packet
	inSecond uint64       // packets in the latest second
	version  uint8        // 4 or 6
	_        [7]byte

	packets [2]uint64
	bytes   [2]uint64 // on the wire
	first   packet.Nanos
	peak    uint64 // most packets in a second before the latest
	period  uint32 // place among Window.periods, from 1; 0: none is known
	_       [12]byte
}

// Packets counts the packets of the hosts of one window at a time. It belongs to one
// goroutine, which gives it every View of the run in order.
//
// A packet is of the window that the packet clock is in when its turn comes, and its gap
// is what the clock went on by since the host's packet before: windows close in order,
// and no packet is of one that has closed.
type Packets struct {
	grid   Grid
	key    HashKey
	most   int // hosts of one Window
	number int64
	start  packet.Nanos
	end    packet.Nanos // Views at or after it are of another window
	now    packet.Nanos
	hosts  slabs[seen] // from 1 on; the first belongs to nobody
	table  places
	recent [recentPairs][2]uint32 // hosts of address pairs, by the pair's hash
	series series
}

// recentPairs is how many address pairs are found at once. A flow's packets come in
// quick succession, and their hosts are found without looking up either.
const recentPairs = 1 << 13

// NewPackets returns what counts no more than most hosts, at least two, in one Window.
// seconds is how many pairs of a host and a second it remembers for periods.
func NewPackets(grid Grid, key HashKey, most, seconds int) *Packets {
	p := &Packets{grid: grid, key: key, most: most, series: series{most: seconds}}
	p.Forget()
	return p
}

// Forget forgets the packet clock, as an epoch has ended.
func (p *Packets) Forget() {
	p.now = packet.NoTime
	p.begin(0)
}

// begin opens a window.
func (p *Packets) begin(number int64) {
	p.number = number
	p.start, p.end = p.grid.Start(number), p.grid.End(number)
	if p.hosts.len() == 1 {
		return
	}
	p.hosts = slabs[seen]{}
	p.hosts.add(seen{})
	p.table.clear()
	p.recent = [recentPairs][2]uint32{}
}

// Empty reports whether nothing was counted since the last Take.
func (p *Packets) Empty() bool { return p.hosts.len() <= 1 }

// Add counts Views up to the first one that is of another window, or for whose hosts
// there is no more room, and returns how many they were. Then it is time to Take.
func (p *Packets) Add(views []packet.View) int {
	if p.Empty() {
		p.open(views)
	}
	for i := range views {
		v := &views[i]
		if v.Depth > 0 {
			continue
		}
		clock := max(v.Clock, p.now)
		if clock >= p.end {
			return i
		}
		pair := &p.recent[v.Hash%recentPairs]
		if !p.known(pair, v) && !p.lookUp(pair, v) {
			return i
		}
		p.now = clock
		at := uint32((clock - p.start) / second)
		p.count(pair[0], clock, at, out, v.WireLen)
		p.count(pair[1], clock, at, in, v.WireLen)
	}
	return len(views)
}

// open begins the window of the first View that counts.
func (p *Packets) open(views []packet.View) {
	for i := range views {
		if v := &views[i]; v.Depth == 0 {
			p.now = max(p.now, v.Clock)
			p.begin(p.grid.Of(p.now))
			return
		}
	}
}

// known reports whether a pair's hosts are those of a View, its source first.
func (p *Packets) known(pair *[2]uint32, v *packet.View) bool {
	a, b := p.hosts.at(pair[0]), p.hosts.at(pair[1])
	if a.version != v.Version {
		return false
	}
	if a.addr == v.Src && b.addr == v.Dst {
		return true
	}
	if a.addr == v.Dst && b.addr == v.Src {
		pair[0], pair[1] = pair[1], pair[0]
		return true
	}
	return false
}

// lookUp finds a View's hosts in the table; false where there is no room for both.
func (p *Packets) lookUp(pair *[2]uint32, v *packet.View) bool {
	if p.hosts.len()-1+2 > p.most {
		return false
	}
	*pair = [2]uint32{p.find(&v.Src, v.Version), p.find(&v.Dst, v.Version)}
	return true
}

// find returns a host's number, a new one if there is none.
func (p *Packets) find(a *packet.Addr, version uint8) uint32 {
	hash := uint32(p.key.hashAddr(a, version))
	for slot := p.table.at(hash); ; slot = p.table.next(slot) {
		at := p.table.slots[slot]
		if at.number == 0 {
			break
		}
		if h := p.hosts.at(at.number); at.hash == hash && h.addr == *a && h.version == version {
			return at.number
		}
	}
	number := p.hosts.add(seen{addr: *a, version: version})
	p.table.insert(hash, number)
	return number
}

// count adds a packet to a host.
func (p *Packets) count(number uint32, clock packet.Nanos, at uint32, direction int, bytes uint32) {
	h := p.hosts.at(number)
	switch {
	case h.active == 0:
		h.first, h.last, h.second, h.active = clock, clock, at, 1
	case h.second != at:
		p.series.add(number, h.second, h.inSecond)
		h.peak = max(h.peak, h.inSecond)
		h.second, h.inSecond = at, 0
		h.active++
	}
	h.gaps.add(uint64(clock - h.last))
	h.last = clock
	h.inSecond++
	h.packets[direction]++
	h.bytes[direction] += uint64(bytes)
}

// Seen is a stretch of one window, as its packets have it.
type Seen struct {
	number  int64
	came    slabs[seen]       // from 1 on, until it is finished
	hosts   []seen            // then: by address and version
	seconds slabs[hostSecond] // in the order of time, for some hosts
	periods []period          // of hosts
}

// Place returns the place, among flows by their close instant, before which lies what was
// counted so far and behind which all else will.
func (p *Packets) Place() packet.Nanos { return p.now + 1 }

// Over reports whether the window is over when a packet comes at an instant of the packet
// clock, and what is its end.
func (p *Packets) Over(clock packet.Nanos) (end packet.Nanos, over bool) {
	return p.end, clock >= p.end
}

// Take closes what was counted. A window that is taken before its end goes on with the
// next Add.
func (p *Packets) Take() *Seen {
	for i := uint32(1); int(i) < p.hosts.len(); i++ {
		h := p.hosts.at(i)
		p.series.add(i, h.second, h.inSecond)
		h.peak = max(h.peak, h.inSecond)
	}
	s := &Seen{number: p.number, came: p.hosts, seconds: p.series.take()}
	p.begin(p.number)
	return s
}

// finish looks at the series of hosts, brings the hosts into the order of their
// addresses, and counts those whose series should be there and is not.
func (s *Seen) finish(f *periodFinder) (without int64) {
	if f.able() {
		f.byHost(&s.seconds, s.came.len(), leastActive, func(host uint32, series []hostSecond) {
			s.periods = append(s.periods, f.find(series))
			s.came.at(host).period = uint32(len(s.periods))
		})
	}
	order := make([]ranked, s.came.len()-1)
	for i := range order {
		h := s.came.at(uint32(i + 1))
		order[i] = rankOf(&h.addr, h.version, i+1)
		if h.active >= leastActive && h.period == 0 && f.able() {
			without++
		}
	}
	slices.SortFunc(order, ranked.compare)
	s.hosts = make([]seen, len(order))
	for i := range order {
		s.hosts[i] = *s.came.at(uint32(order[i].number))
	}
	s.came, s.seconds = slabs[seen]{}, slabs[hostSecond]{}
	return without
}

// memory returns about how many bytes it takes.
func (s *Seen) memory() int64 {
	if s == nil {
		return 0
	}
	const each = 128 + 4 // and its place among the periods
	return int64(len(s.hosts)) * each
}
