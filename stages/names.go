package stages

import (
	"cmp"
	"slices"
	"strings"

	"pcapmill/features/flow"
	"pcapmill/features/prefetch"
	"pcapmill/features/record"
	"pcapmill/ingest/packet"
)

// What DNS calls an address is told to a client in one flow and used in another, often
// of another shard. The shards report names as they read them; the reports travel with
// chunks, and the sequencer looks an ended flow's responder up as of the flow's first
// packet.

// nameReport is a name that a client was told.
type nameReport struct {
	epoch   int32
	clock   packet.Nanos
	place   int64 // placeOf the packet layer that told it
	ordinal int64
	time    packet.Nanos
	record.Name
}

// How much of the history of names is kept. Both bounds are places in the input: they
// do not depend on when reports arrive.
const (
	namesKept  = 1 << 17 // of all clients, the latest
	namesAhead = 1 << 14 // of a shard that are not sent, and of all that are not entered, once more of either can be
	namesTried = 64      // of one client and address, the latest

	namesTogether = 1 << 10 // allocated at a time
	textTogether  = 1 << 12 // bytes of names
	nameMemory    = 400     // a report with the longest name, and its place in the table
)

// names is the history of what clients were told.
type names struct {
	queues  [][]nameReport // per shard, in their order
	waiting int            // in all queues
	ring    [][]told       // in stretches of namesTogether: grown as one, it would be copied each time
	next    int64          // number of the next one; the ring has the latest namesKept
	latest  nameTable
	text    strings.Builder `snapshot:"-"` // of the latest names
	told    []nameReport    `snapshot:"-"` // memory of advance
	spare   []*flow.App     `snapshot:"-"` // memory of settle
	lent    int             // of it
}

// told is a name with the one that was told before it of the same address.
type told struct {
	nameReport
	older int64 // number; -1: none
}

func newNames(shards int) names {
	return names{queues: make([][]nameReport, shards), latest: newNameTable()}
}

// add takes a shard's reports.
func (n *names) add(shard int, reports []nameReport) {
	n.waiting += len(reports)
	if len(n.queues[shard]) == 0 {
		n.queues[shard] = reports
		return
	}
	n.queues[shard] = append(n.queues[shard], reports...)
}

// relieve enters the reports of what lies before all rows to come, where many wait:
// they would be entered with the next row, which may not come for long.
func (n *names) relieve(upTo order) {
	if n.waiting >= namesAhead {
		n.advance(upTo)
	}
}

// settle returns what a flow says, with the name of its responder where one is known.
// Every shard has handled all packets before the row's place in the table. What it adds
// to a flow that says nothing is good until returned.
func (n *names) settle(r *flow.Row, at order, app *flow.App) *flow.App {
	n.advance(at)
	name := n.find(r)
	if name == "" {
		return app
	}
	if app == nil {
		app = n.lend()
	}
	app.SetString(flow.DNSName, name)
	return app
}

// lend returns an empty App.
func (n *names) lend() *flow.App {
	if n.lent == len(n.spare) {
		n.spare = append(n.spare, new(flow.App))
	}
	app := n.spare[n.lent]
	app.Reset()
	n.lent++
	return app
}

// returned takes back what was lent.
func (n *names) returned() { n.lent = 0 }

// find returns the latest name that the initiator was told of the responder before the
// connection's first packet, and that was valid then.
func (n *names) find(r *flow.Row) string {
	slot := n.slot(n.latest.hash(r.Epoch, &r.Key.Src, &r.Key.Dst), r.Epoch, &r.Key.Src, &r.Key.Dst)
	if slot == nil {
		return ""
	}
	at := n.number(slot)
	for range namesTried {
		if at < 0 || at < n.next-namesKept {
			return ""
		}
		t := n.at(at)
		if t.before(r) && t.valid(r.ConnStart) {
			return t.Name.Name
		}
		at = t.older
	}
	return ""
}

// slot returns where what was told last of a client and an address is; nil: nothing was.
func (n *names) slot(hash uint32, epoch int32, client, addr *packet.Addr) *bucket {
	mask := uint32(len(n.latest.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := &n.latest.slots[i]
		if s.id == 0 {
			return nil
		}
		if s.hash != hash {
			continue
		}
		if t := n.at(int64(s.id - 1)); t.epoch == epoch && t.Client == *client && t.Addr == *addr {
			return s
		}
	}
}

// number returns that of the name in a slot, among the latest namesKept.
func (n *names) number(s *bucket) int64 {
	last := n.next - 1
	return last - (last-int64(s.id-1))&(namesKept-1)
}

// fetch asks for what find will look at for rows to come, no more than lookAhead, a step
// for all of them before the next one.
func (n *names) fetch(rows []endedRow) {
	for i := range rows {
		prefetch.Write(&rows[i].row.Key)
	}
	var hashes [lookAhead]uint32
	slots := n.latest.slots
	for i := range rows {
		k := &rows[i].row.Key
		hashes[i] = n.latest.hash(rows[i].at.epoch, &k.Src, &k.Dst)
		prefetch.Write(&slots[hashes[i]&uint32(len(slots)-1)])
	}
	for _, hash := range hashes[:len(rows)] {
		if s := slots[hash&uint32(len(slots)-1)]; s.hash == hash && s.id > 0 {
			prefetch.Write(n.at(int64(s.id - 1)))
		}
	}
}

// at returns the place of a name in the ring.
func (n *names) at(number int64) *told {
	i := number % namesKept
	return &n.ring[i/namesTogether][i%namesTogether]
}

// before reports whether the name was told before a connection's first packet; of two at
// one time that is which was read first.
func (t *nameReport) before(r *flow.Row) bool {
	return t.time < r.ConnStart || t.time == r.ConnStart && t.ordinal < r.StartOrdinal
}

// valid reports whether the name was, at an instant: its seconds are not over (RFC 1035
// §3.2.1 counts them whole).
func (t *nameReport) valid(at packet.Nanos) bool {
	const second = 1e9
	return at-t.time < (int64(t.TTL)+1)*second
}

// advance enters the reports before a place in the table, no more although others may
// have come, in the order of their packets.
func (n *names) advance(to order) {
	if n.waiting == 0 {
		return
	}
	n.told = n.told[:0]
	sources := 0
	for i, q := range n.queues {
		end := 0
		for end < len(q) && q[end].at().less(to) {
			end++
		}
		if end > 0 {
			sources++
			n.told = append(n.told, q[:end]...)
		}
		n.waiting -= end
		if n.queues[i] = q[end:]; end == len(q) {
			n.queues[i] = nil
		}
	}
	if sources > 1 {
		slices.SortStableFunc(n.told, nameReport.compare)
	}
	for i := range n.told {
		n.enter(&n.told[i])
	}
}

func (n *names) enter(r *nameReport) {
	if n.next < namesKept && n.next%namesTogether == 0 {
		n.ring = append(n.ring, make([]told, namesTogether))
	}
	place := uint32(n.next%namesKept) + 1
	if n.next >= namesKept {
		old := n.at(n.next)
		n.latest.remove(bucket{n.latest.hash(old.epoch, &old.Client, &old.Addr), place})
	}
	hash, older := n.latest.hash(r.epoch, &r.Client, &r.Addr), int64(-1)
	if s := n.slot(hash, r.epoch, &r.Client, &r.Addr); s != nil {
		older, s.id = n.number(s), place
	} else {
		n.latest.insert(bucket{hash, place})
	}
	name := n.keep(r.Name.Name)
	at := n.at(n.next)
	*at = told{*r, older}
	at.Name.Name = name
	n.next++
}

// keep returns a name in memory that it shares with those told just before and after, which are
// forgotten with it. One by one they would be half of all objects of a session, of a few bytes
// each, scattered among what lives for a packet.
func (n *names) keep(name string) string {
	if n.next > 0 {
		if last := n.at(n.next - 1).Name.Name; last == name {
			return last // of the same message, mostly
		}
	}
	if n.text.Cap()-n.text.Len() < len(name) {
		n.text = strings.Builder{}
		n.text.Grow(textTogether)
	}
	at := n.text.Len()
	n.text.WriteString(name)
	return n.text.String()[at:]
}

// at is the report's place among rows that end.
func (r *nameReport) at() order { return order{epoch: r.epoch, close: r.clock, rank: r.place} }

// compare orders reports by their packets, of all epochs.
func (r nameReport) compare(s nameReport) int { return cmp.Compare(r.place, s.place) }

// sorted returns reports in the order of their packets, those of one as they are.
func sorted(reports []nameReport) []nameReport {
	if len(reports) == 0 {
		return nil
	}
	type entry struct {
		place int64
		at    int
	}
	entries := make([]entry, len(reports))
	for i := range reports {
		entries[i] = entry{reports[i].place, i}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.at, b.at)) })
	list := make([]nameReport, len(reports))
	for i, e := range entries {
		list[i] = reports[e.at]
	}
	return list
}
