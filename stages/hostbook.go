package stages

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/window/host"
	"pcapmill/ingest/packet"
)

// hostBook joins flows and the packets of hosts into the tables hosts and pairs. It
// belongs to the sequencer, which knows the flows in their order.
type hostBook struct {
	*host.Book
	ends   host.Grid // in whose windows all others end
	lane   *hostLane
	tables []*column.Schema `snapshot:"-"`
}

// newHostBook returns nil where nobody wants the tables hosts and pairs.
func newHostBook(cfg *Config) (*hostBook, error) {
	if !cfg.windowsOfFlows() {
		return nil, nil
	}
	grids, err := host.NewGrids(cfg.Window, cfg.Hop)
	if err != nil {
		return nil, err
	}
	b := &hostBook{ends: host.Grid{Length: grids[0].Length / packet.Nanos(len(grids))}}
	key := host.HashKey{rand.Uint64(), rand.Uint64()}
	settings := host.Config{
		Grids: grids, Life: cfg.Timeouts.life(), Memory: bookMemory(cfg.WindowMemory, len(grids)), Single: cfg.Inputs == Independent,
		Heard: cfg.heard(), Key: key,
	}
	settings.Hosts, settings.Pairs = cfg.wantsWindow(host.HostsTable), cfg.wantsWindow(host.PairsTable)
	if settings.Hosts {
		b.tables = append(b.tables, host.HostsSchema())
	}
	if settings.Pairs {
		b.tables = append(b.tables, host.PairsSchema())
	}
	b.Book = host.NewBook(settings)
	if !settings.Hosts { // there is nothing that packets could add
		b.Heard(math.MaxInt32, packet.NoTime)
		return b, nil
	}
	b.lane = newHostLane(cfg, grids, key)
	return b, nil
}

// open opens the tables of a Feed.
func (b *hostBook) open(sinks Sinks) error {
	to := map[string]func(*batch.Batch) error{}
	for _, schema := range b.tables {
		var err error
		if to[schema.Table], err = openWindow(schema, sinks); err != nil {
			return err
		}
	}
	b.Connect(to[host.HostsTable], to[host.PairsTable])
	return nil
}

// windowsOfFlows reports whether one is written that flows are in.
func (c *Config) windowsOfFlows() bool {
	return c.wantsWindow(host.HostsTable) || c.wantsWindow(host.PairsTable)
}

// heard says which messages the tables of windows know of.
func (c *Config) heard() host.Heard {
	var h host.Heard
	protocols, err := record.Select(c.Records)
	if err != nil {
		return h
	}
	for _, p := range protocols {
		h.Any = true
		h.DNS = h.DNS || p.Name == "dns"
		h.Hellos = h.Hellos || p.Name == "tls" || p.Name == "quic"
	}
	return h
}

// openEnded is how long a window waits for the flows that began in it where these can
// last for ever.
const openEnded = 30 * time.Minute

// life returns how long after its first packet a piece of a flow closes at the latest. With
// no active timeout, and under Zeek's rules, one may close later.
func (t *Timeouts) life() packet.Nanos {
	idle := max(t.TCPIdle, t.TCPClosed, t.UDPIdle, t.OtherIdle)
	if t.Zeek || t.Active == 0 {
		return packet.Nanos(openEnded + idle)
	}
	return packet.Nanos(t.Active + idle)
}

// Windows of hosts take a share of a run's memory, and that is divided: hosts whose
// packets are being counted, are on their way, and are put in order; seconds of theirs,
// the same; windows that are not over, whose lists may be half empty. The rest is batches.
const (
	windowPart    = 8 // of the whole
	leastWindows  = 16 << 20
	hostCopies    = 3
	hostBytes     = 128 + 24 + 40 // counts, table, order
	secondBytes   = 12
	windowBatches = 2 * (4 << 20)
)

// WindowShare returns what windows of hosts take of a run's memory; 0 is any.
func WindowShare(memory int64) int64 {
	const ofAny = 1 << 30
	if memory == 0 {
		return ofAny
	}
	return max(leastWindows, memory/windowPart)
}

// windowLimits returns how many hosts a window may have, and how many seconds of theirs
// are remembered. Windows that overlap share the memory, by the number of their grids.
func windowLimits(memory int64, grids int) (hosts, seconds int) {
	rest := (memory - windowBatches) / int64(grids)
	return int(rest * 3 / 8 / (hostCopies * hostBytes)), int(rest / 4 / (hostCopies * secondBytes))
}

// bookMemory returns what the windows of a grid that are not over may take.
func bookMemory(memory int64, grids int) int64 { return (memory - windowBatches) / int64(grids) / 4 }

// gridMemory is what each further grid takes beside its windows: what finds hosts, and the
// hosts that packets are ahead of the flows, which wait for their turn: as many as two for
// each row on its way. With one grid, these are among the copies of its hosts.
const gridMemory = host.PacketsMemory + 2*rowsAway*(hostBytes+secondBytes)

// moreGrids returns how many grids windows have beyond one.
func (c *Config) moreGrids() int64 {
	grids, err := host.NewGrids(c.Window, c.Hop)
	if err != nil {
		return 0
	}
	return int64(len(grids) - 1)
}

// await waits until all that comes before a place among the flows is there, taking in
// what shards send: they may have to wait for room otherwise, and hold the lane up.
func (b *hostBook) await(ctx context.Context, s *sequencer, at order) error {
	if b.lane == nil {
		return nil
	}
	b.lane.heard(b.Book)
	for b.Waits(at.epoch, at.close) {
		done := false
		select {
		case c := <-s.wires.chunks:
			s.queue(c)
		case stretch := <-s.wires.stretches:
			b.Arrive(stretch)
		case <-s.wires.wake:
		case <-s.wires.counted:
			done = true
		case <-ctx.Done():
			return ctx.Err()
		}
		if b.lane.heard(b.Book); done && b.Waits(at.epoch, at.close) {
			return errLaneBehind
		}
	}
	return nil
}

// rest waits until the lane is done with the Feed.
func (b *hostBook) rest(ctx context.Context, w *wires) error {
	for done := b.lane == nil; !done; {
		select {
		case stretch := <-w.stretches:
			b.Arrive(stretch)
		case <-w.counted:
			done = true
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if b.lane != nil {
		b.lane.heard(b.Book)
	}
	return nil
}

// errLaneBehind is a defect: the packets of hosts are counted up to the packet clock,
// before which all rows close that can be merged.
var errLaneBehind = fmt.Errorf("%w: the packets of hosts end before the flows", ErrPanic)

// advance does what comes before a place among the flows.
func (b *hostBook) advance(ctx context.Context, s *sequencer, at order) error {
	if b.Idle(at.epoch, at.close) {
		return nil
	}
	if err := b.await(ctx, s, at); err != nil {
		return err
	}
	return b.Advance(at.epoch, at.close)
}

// due reports whether there is something to do before a place among the flows that can
// be done.
func (b *hostBook) due(at order) bool { return b.Due(at.epoch, at.close) }

// add counts rows that have come to their turn.
func (b *hostBook) add(ctx context.Context, s *sequencer, rows []*flow.Row, apps []*flow.App, at []order) error {
	for i, r := range rows {
		if i%host.LookAhead == 0 {
			b.Expect(rows[i:])
		}
		if r.Key.Depth > 0 {
			continue
		}
		if err := b.advance(ctx, s, at[i]); err != nil {
			return err
		}
		var app *flow.App
		if apps != nil {
			app = apps[i]
		}
		if err := b.Add(r, app); err != nil {
			return err
		}
	}
	return nil
}

// written returns what was written.
func (b *hostBook) written() []WindowTable {
	var list []WindowTable
	for _, schema := range b.tables {
		rows, sums := b.Written(schema.Table)
		list = append(list, WindowTable{Schema: schema, Rows: rows, Sums: sums, Hop: time.Duration(b.ends.Length)})
	}
	return list
}
