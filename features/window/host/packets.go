package host

import (
	"math"

	"pcapmill/features/prefetch"
	"pcapmill/ingest/packet"
)

// Directions of a packet as a host sees it.
const (
	out = iota // the host is the source
	in
)

// seen is what a host's packets of one window come to: one cache line, as with many hosts
// the time goes into fetching them.
type seen struct {
	last     packet.Nanos // clock of the latest packet
	gaps     squares      // of the gaps between packets
	bytes    [2]uint64    // on the wire
	packets  [2]uint32    // and what carried
	inSecond uint64       // packets in the latest second
	peak     uint32       // most packets in a second before the latest, at most 1<<32 - 1
	active   uint32       // seconds with a packet
}

// known is what else there is of a host. Few packets touch it.
type known struct {
	addr    packet.Addr
	first   packet.Nanos // clock of the first packet
	carried [2]uint32    // packets by direction, in units of 1<<32
	period  uint32       // place among Seen.periods, from 1; 0: none is known
	version uint8        // 4 or 6
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
	second packet.Nanos // begin of the second that now is in
	hosts  []seen       // from 1 on; the first belongs to nobody. Each packet looks here, so they are in one piece
	known  slabs[known] // of the same hosts
	before int          // hosts of the window before
	table  places
	recent recent
	series series
}

// PacketsMemory is about what Packets take without hosts, in bytes.
const PacketsMemory = recentPairs*16 + 32<<10

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
	p.start, p.end, p.second = p.grid.Start(number), p.grid.End(number), p.grid.Start(number)
	if len(p.hosts) == 1 {
		return
	}
	p.before = len(p.hosts)
	p.hosts, p.known = make([]seen, 1, fewHosts), slabs[known]{}
	p.known.add()
	p.table.clear()
	p.recent.clear()
}

// fewHosts is for how many hosts a window has room from its begin.
const fewHosts = 64

// Empty reports whether nothing was counted since the last Take.
func (p *Packets) Empty() bool { return len(p.hosts) <= 1 }

// packetsAhead is how many packets' hosts are fetched together.
const packetsAhead = 32

// Add counts Views up to the first one that is of another window, or for whose hosts
// there is no more room, and returns how many they were. Then it is time to Take.
func (p *Packets) Add(views []packet.View) int {
	if p.Empty() {
		p.open(views)
	}
	for from := 0; from < len(views); from += packetsAhead {
		some := views[from:min(from+packetsAhead, len(views))]
		if n := p.add(some); n < len(some) {
			return from + n
		}
	}
	return len(views)
}

// add is Add for at most packetsAhead Views.
func (p *Packets) add(views []packet.View) int {
	var hosts [packetsAhead][2]uint32
	p.expect(views, &hosts)
	for i := range views {
		v := &views[i]
		if v.Depth > 0 {
			continue
		}
		clock := max(v.Clock, p.now)
		if clock >= p.end {
			return i
		}
		pair := &hosts[i]
		if pair[out] == 0 && !p.lookUp(pair, v, clock) {
			return i
		}
		p.now = clock
		if clock-p.second >= second {
			p.second = clock - (clock-p.start)%second
		}
		p.count(pair[out], clock, out, v.WireLen)
		p.count(pair[in], clock, in, v.WireLen)
	}
	return len(views)
}

// expect finds the hosts of Views whose pair is a recent one, and asks for what counting
// changes: it is likely not to be in a near cache, and asked for in a row the misses overlap
// instead of adding up.
func (p *Packets) expect(views []packet.View, hosts *[packetsAhead][2]uint32) {
	var strange [2 * packetsAhead]uint32 // hashes of hosts of other pairs
	n := 0
	for i := range views {
		pair, v := &hosts[i], &views[i]
		if *pair = p.recent.find(p, v); pair[out] != 0 {
			prefetch.WriteBoth(&p.hosts[pair[out]], &p.hosts[pair[in]])
			continue
		}
		strange[n], strange[n+1] = p.hash(&v.Src, v.Version), p.hash(&v.Dst, v.Version)
		prefetch.WriteBoth(p.table.place(strange[n]), p.table.place(strange[n+1]))
		n += 2
	}
	for _, hash := range strange[:n] {
		if at := p.table.place(hash); at.hash == hash {
			prefetch.Write(p.known.at(at.number))
			prefetch.Write(&p.hosts[at.number])
		}
	}
}

func (p *Packets) hash(a *packet.Addr, version uint8) uint32 {
	return uint32(p.key.hashAddr(a, version))
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

// lookUp finds a View's hosts, new ones if there are none; false where there is no room
// for them.
func (p *Packets) lookUp(pair *[2]uint32, v *packet.View, clock packet.Nanos) (room bool) {
	var hash [2]uint32
	pair[out], hash[out] = p.find(&v.Src, v.Version)
	pair[in], hash[in] = p.find(&v.Dst, v.Version)
	fresh := 0
	for _, number := range pair {
		if number == 0 {
			fresh++
		}
	}
	if len(p.hosts)-1+fresh > p.most {
		return false
	}
	if pair[out] == 0 {
		pair[out] = p.insert(&v.Src, v.Version, hash[out], clock)
		if v.Src == v.Dst {
			pair[in] = pair[out]
		}
	}
	if pair[in] == 0 {
		pair[in] = p.insert(&v.Dst, v.Version, hash[in], clock)
	}
	p.recent.put(v, *pair)
	return true
}

// find returns a host's number, 0 if there is none, and its hash.
func (p *Packets) find(a *packet.Addr, version uint8) (number, hash uint32) {
	hash = p.hash(a, version)
	for slot := p.table.at(hash); ; slot = p.table.next(slot) {
		at := p.table.slots[slot]
		if at.number == 0 || at.hash == hash && p.is(at.number, a, version) {
			return at.number, hash
		}
	}
}

// insert adds a host that is not there.
func (p *Packets) insert(a *packet.Addr, version uint8, hash uint32, clock packet.Nanos) uint32 {
	if n := len(p.hosts); n == cap(p.hosts) { // as many as in the window before are likely
		room := max(2*n, p.before+p.before/8)
		p.hosts = append(make([]seen, 0, min(room, p.most+1)), p.hosts...)
	}
	p.hosts = append(p.hosts, seen{last: clock, active: 1})
	number, k := p.known.add()
	k.addr, k.version, k.first = *a, version, clock
	p.table.insert(hash, number)
	return number
}

// is reports whether a host has an address.
func (p *Packets) is(number uint32, a *packet.Addr, version uint8) bool {
	k := p.known.at(number)
	return k.addr == *a && k.version == version
}

// count adds a packet to a host.
func (p *Packets) count(number uint32, clock packet.Nanos, direction int, bytes uint32) {
	h := &p.hosts[number]
	if h.last < p.second {
		p.turn(number, h)
		h.active++
	}
	h.gaps.add(uint64(clock - h.last))
	h.last = clock
	h.inSecond++
	h.bytes[direction] += uint64(bytes)
	if h.packets[direction]++; h.packets[direction] == 0 {
		p.known.at(number).carried[direction]++
	}
}

// turn ends the latest second of a host.
func (p *Packets) turn(number uint32, h *seen) {
	p.series.add(number, uint32((h.last-p.start)/second), h.inSecond)
	h.peak = max(h.peak, uint32(min(h.inSecond, math.MaxUint32)))
	h.inSecond = 0
}

// Seen is a stretch of one window, as its packets have it.
type Seen struct {
	number  int64
	hosts   []seen // from 1 on
	known   slabs[known]
	order   []uint32          // hosts by address and version, once it is finished
	seconds slabs[hostSecond] // in the order of time, for some hosts, until then
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
	for i := uint32(1); int(i) < len(p.hosts); i++ {
		p.turn(i, &p.hosts[i])
	}
	s := &Seen{number: p.number, hosts: p.hosts, known: p.known, seconds: p.series.take()}
	p.begin(p.number)
	return s
}

// finish looks at the series of hosts, brings the hosts into the order of their
// addresses, and counts those whose series should be there and is not.
func (s *Seen) finish(f *periodFinder, order *ranking) (without int64) {
	if f.able() {
		s.periods = make([]period, 0, f.sort(&s.seconds, len(s.hosts), leastActive))
		f.byHost(leastActive, func(host uint32, series []sample) {
			s.periods = append(s.periods, f.find(series))
			s.known.at(host).period = uint32(len(s.periods))
		})
	}
	s.seconds = slabs[hostSecond]{}
	order.expect(len(s.hosts))
	for i := uint32(1); int(i) < len(s.hosts); i++ {
		k := s.known.at(i)
		order.add(&k.addr, k.version, i)
		if s.hosts[i].active >= leastActive && k.period == 0 && f.able() {
			without++
		}
	}
	s.order = order.take(nil)
	return without
}

// memory returns about how many bytes it takes.
func (s *Seen) memory() int64 {
	if s == nil {
		return 0
	}
	const each = 128 + 4 // and its place in order
	return int64(len(s.order)) * each
}
