package stages

import (
	"cmp"
	"slices"

	"pcapmill/features/flow"
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
	nameMemory    = 400     // a report with the longest name, and its place in the map
)

// names is the history of what clients were told.
type names struct {
	queues  [][]nameReport // per shard, in their order
	waiting int            // in all queues
	ring    [][]told       // in stretches of namesTogether: grown as one, it would be copied each time
	next    int64          // number of the next one; the ring has the latest namesKept
	latest  map[nameKey]int64
	told    []nameReport // memory of advance
}

// told is a name with the one that was told before it of the same address.
type told struct {
	nameReport
	older int64 // number; -1: none
}

type nameKey struct {
	epoch        int32
	client, addr packet.Addr
}

func newNames(shards int) names {
	return names{queues: make([][]nameReport, shards), latest: make(map[nameKey]int64)}
}

// add takes a shard's reports.
func (n *names) add(shard int, reports []nameReport) {
	if len(reports) > 0 {
		n.queues[shard] = append(n.queues[shard], reports...)
		n.waiting += len(reports)
	}
}

// relieve enters the reports of what lies before all rows to come, where many wait:
// they would be entered with the next row, which may not come for long.
func (n *names) relieve(upTo order) {
	if n.waiting >= namesAhead {
		n.advance(upTo)
	}
}

// settle returns what a flow says, with the name of its responder where one is known.
// Every shard has handled all packets before the row's place in the table.
func (n *names) settle(r *flow.Row, at order, app *flow.App) *flow.App {
	n.advance(at)
	if len(n.latest) == 0 {
		return app
	}
	name := n.find(r)
	if name == "" {
		return app
	}
	if app == nil {
		app = new(flow.App)
	}
	app.Set(flow.DNSName, []byte(name))
	return app
}

// find returns the latest name that the initiator was told of the responder before the
// connection's first packet, and that was valid then.
func (n *names) find(r *flow.Row) string {
	at, known := n.latest[nameKey{r.Epoch, r.Key.Src, r.Key.Dst}]
	for range namesTried {
		if !known || at < 0 || at < n.next-namesKept {
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
	for i, q := range n.queues {
		end := 0
		for end < len(q) && q[end].at().less(to) {
			end++
		}
		n.told = append(n.told, q[:end]...)
		n.waiting -= end
		if n.queues[i] = q[end:]; end == len(q) {
			n.queues[i] = nil
		}
	}
	slices.SortStableFunc(n.told, nameReport.compare)
	for i := range n.told {
		n.enter(&n.told[i])
	}
}

func (n *names) enter(r *nameReport) {
	if n.next < namesKept && n.next%namesTogether == 0 {
		n.ring = append(n.ring, make([]told, namesTogether))
	}
	if n.next >= namesKept {
		if old := n.at(n.next); n.latest[old.key()] == n.next-namesKept {
			delete(n.latest, old.key())
		}
	}
	older, known := n.latest[r.key()]
	if !known {
		older = -1
	}
	*n.at(n.next) = told{*r, older}
	n.latest[r.key()] = n.next
	n.next++
}

// at is the report's place among rows that end.
func (r *nameReport) at() order { return order{epoch: r.epoch, close: r.clock, rank: r.place} }

// compare orders reports by their packets, of all epochs.
func (r nameReport) compare(s nameReport) int { return cmp.Compare(r.place, s.place) }

func (r *nameReport) key() nameKey { return nameKey{r.epoch, r.Client, r.Addr} }
