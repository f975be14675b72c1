package defrag

import (
	"math"
	"slices"

	"pcapmill/ingest/packet"
)

// key is what the fragments of a datagram have in common.
type key struct {
	src, dst     packet.Addr
	id           uint32
	vlan, tunnel uint32
	protocol     uint8 // IPv4 only
	version      uint8
	depth        uint8
}

// What a fragment and a datagram are charged for besides their bytes, as measured: a
// fragment also for its View among those of a block, where all may go at once.
const (
	pieceCost    = 320 + 200
	datagramCost = 384

	fewPieces = 16
)

// Table holds the datagrams that are not whole yet.
type Table struct {
	cfg     Config
	frames  bool // pieces keep their whole frames
	open    map[key]*Datagram
	queues  [2]queue // IPv4 and IPv6, each in the order of their deadlines
	bytes   int64
	number  uint64
	fresh   []*Datagram // with fragments that lie in the reader's memory
	unused  []*Datagram `snapshot:"-"`
	unusedP []*Piece    `snapshot:"-"`
}

// New returns an empty Table.
func New(cfg Config) *Table { return &Table{cfg: cfg, open: make(map[key]*Datagram)} }

// Len returns the number of datagrams held.
func (t *Table) Len() int { return len(t.open) }

// Bytes returns the memory that they are charged for.
func (t *Table) Bytes() int64 { return t.bytes }

// Due returns the instant of packet time after which Expired has something to
// return, math.MaxInt64 where nothing is held.
func (t *Table) Due() packet.Nanos {
	if d := t.soonest(); d != nil {
		return d.Deadline
	}
	return math.MaxInt64
}

// Packets counts the packets held. Fragments of inner layers are none.
func (t *Table) Packets() (sum packet.Tally) {
	for _, d := range t.open {
		for _, p := range d.Pieces {
			if p.View.Depth == 0 {
				sum.Add(p.View.CapLen, p.View.WireLen)
			}
		}
	}
	return sum
}

// Trim gives up the memory that no datagram uses.
func (t *Table) Trim() { t.unused, t.unusedP = nil, nil }

// KeepFrames says whether what follows a fragment's data in its frame is kept too.
func (t *Table) KeepFrames(all bool) { t.frames = all }

// Add takes the fragment v, whose bytes lie in b and whose origin b.Invite gave, and returns the datagram that
// it completes, which is then no longer held. Any other fragment is held until
// Expired, Excess or Oldest returns its datagram; one with a fault is not taken.
func (t *Table) Add(b *packet.Block, v *packet.View, origin packet.Origin, count *Stats) (*Datagram, packet.Fault) {
	frame := b.Data[v.Offset : v.Offset+v.CapLen : v.Offset+v.CapLen]
	place := packet.FragmentOf(frame, v)
	switch fault := place.Fault(v); fault {
	case packet.FaultNone:
	case packet.FaultTooLong:
		count.Oversized++
		return nil, fault
	default:
		count.Malformed++
		return nil, fault
	}
	if !t.frames {
		frame = frame[:min(len(frame), int(place.Data)+int(place.To-place.From))]
	}
	d := t.datagram(v, &place)
	p := t.piece()
	*p = Piece{View: *v, Origin: origin, Frame: frame, place: place}
	d.add(p, count)
	if d.whole() {
		t.remove(d)
		d.head = d.segments[0].piece
		count.Joined++
		return d, packet.FaultNone
	}
	if n := len(d.Pieces); n == 1 || d.Pieces[n-2].owned {
		t.fresh = append(t.fresh, d)
	}
	t.charge(d, pieceCost+int64(len(frame)))
	return nil, packet.FaultNone
}

// datagram returns the datagram that a fragment belongs to.
func (t *Table) datagram(v *packet.View, place *packet.Fragment) *Datagram {
	k := key{src: v.Src, dst: v.Dst, id: place.ID, vlan: v.VLANKey, tunnel: v.TunnelID, version: v.Version, depth: v.Depth}
	wait, q := t.cfg.IPv6, &t.queues[1]
	if v.Version == 4 {
		k.protocol = place.Protocol
		wait, q = t.cfg.IPv4, &t.queues[0]
	}
	d := t.open[k]
	if d != nil {
		return d
	}
	if n := len(t.unused); n > 0 {
		d, t.unused = t.unused[n-1], t.unused[:n-1]
	} else {
		d = new(Datagram)
	}
	t.number++
	*d = Datagram{key: k, number: t.number, Deadline: v.Clock + int64(wait), Pieces: d.Pieces[:0], segments: d.segments[:0]}
	t.open[k] = d
	q.push(d)
	t.charge(d, datagramCost)
	return d
}

func (t *Table) charge(d *Datagram, n int64) {
	d.bytes += n
	t.bytes += n
}

// Expired returns the next datagram whose time is up, nil where there is none. It
// is no longer held. statsOf says where what became of it is counted.
func (t *Table) Expired(clock packet.Nanos, statsOf func(*Datagram) *Stats) *Datagram {
	d := t.soonest()
	if d == nil || clock <= d.Deadline {
		return nil
	}
	statsOf(d).Expired++
	return t.remove(d)
}

// Excess returns the oldest datagram while the table holds more than it may, else
// nil. It is no longer held. statsOf: see Expired.
func (t *Table) Excess(statsOf func(*Datagram) *Stats) *Datagram {
	if len(t.open) <= t.cfg.Datagrams && t.bytes <= t.cfg.Bytes {
		return nil
	}
	d := t.oldest()
	statsOf(d).Evicted++
	return t.remove(d)
}

// Oldest returns the oldest datagram, nil where none is held. It is no longer
// held. statsOf: see Expired.
func (t *Table) Oldest(statsOf func(*Datagram) *Stats) *Datagram {
	d := t.oldest()
	if d == nil {
		return nil
	}
	statsOf(d).Unfinished++
	return t.remove(d)
}

// soonest returns the datagram whose time is up first.
func (t *Table) soonest() *Datagram {
	a, b := t.queues[0].first, t.queues[1].first
	if a == nil || b != nil && (b.Deadline < a.Deadline || b.Deadline == a.Deadline && b.number < a.number) {
		return b
	}
	return a
}

func (t *Table) oldest() *Datagram {
	a, b := t.queues[0].first, t.queues[1].first
	if a == nil || b != nil && b.number < a.number {
		return b
	}
	return a
}

func (t *Table) remove(d *Datagram) *Datagram {
	delete(t.open, d.key)
	t.queues[boolInt(d.key.version == 6)].remove(d)
	t.bytes -= d.bytes
	d.bytes = 0
	return d
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Keep copies the fragments that lie in a Block's memory: it must be called
// before the Block is given away.
func (t *Table) Keep() {
	for i, d := range t.fresh {
		for j := len(d.Pieces) - 1; j >= 0 && !d.Pieces[j].owned; j-- {
			p := d.Pieces[j]
			p.Frame, p.owned = slices.Clone(p.Frame), true
		}
		t.fresh[i] = nil
	}
	t.fresh = t.fresh[:0]
}

// Release takes back a datagram that Add, Expired, Excess or Oldest returned. It
// must not be used afterwards.
func (t *Table) Release(d *Datagram) {
	for i, p := range d.Pieces {
		*p = Piece{}
		t.unusedP = append(t.unusedP, p)
		d.Pieces[i] = nil
	}
	clear(d.segments)
	pieces, segments := d.Pieces[:0], d.segments[:0]
	if cap(pieces)+cap(segments) > fewPieces { // memory that the next datagram is not charged for
		pieces, segments = nil, nil
	}
	*d = Datagram{Pieces: pieces, segments: segments}
	t.unused = append(t.unused, d)
}

func (t *Table) piece() *Piece {
	if n := len(t.unusedP); n > 0 {
		p := t.unusedP[n-1]
		t.unusedP = t.unusedP[:n-1]
		return p
	}
	return new(Piece)
}

// queue holds datagrams in the order in which they were begun.
type queue struct{ first, last *Datagram }

func (q *queue) push(d *Datagram) {
	d.prev = q.last
	if q.last != nil {
		q.last.next = d
	} else {
		q.first = d
	}
	q.last = d
}

func (q *queue) remove(d *Datagram) {
	if d.prev != nil {
		d.prev.next = d.next
	} else {
		q.first = d.next
	}
	if d.next != nil {
		d.next.prev = d.prev
	} else {
		q.last = d.prev
	}
	d.prev, d.next = nil, nil
}
