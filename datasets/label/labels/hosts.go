package labels

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/outputs/tables"
)

// hostWindows are the windows of one host, by start.
//
// A flow overlaps consecutive ones of them. It is kept as an event where it begins and one
// where it ends, so that flows that last long cost no more than others.
type hostWindows struct {
	windows []hostWindow
	events  []hostEvent
}

// hostWindow is one stretch of time of a host, whichever parts of it there are.
type hostWindow struct{ start, length int64 }

// hostEvent says that from a window on there is one flow more, or less, of a code.
type hostEvent struct {
	at   int32 // index of the window
	code int32
	more more // campaign, and role of the host
	add  int8 // 1 or -1
}

// Windows writes a row for each host and window of the hosts table at one path, from the flows
// at the other one. Rows are ordered by window, then as hosts first come in the table. Errors
// are those of tables.Read and of the Writer, and tables.ErrTable.
func (b *Book) Windows(ctx context.Context, flows, hosts string, w *Writer[Window]) error {
	p := &placing{book: b, numbers: map[hostKey]int32{}}
	if err := b.view.Read(ctx, hosts, columnsOf("hosts", "window_start_ns", "window_ns", "host", "capture_id"), p.window); err != nil {
		return err
	}
	p.order()
	if err := b.view.Read(ctx, flows, addressed("flow_id", "tunnel_depth", "start_ns", "end_ns", "capture_id"), p.flow); err != nil {
		return err
	}
	return p.write(ctx, w)
}

// hostKey is a host, and the one capture that its windows are of; noCapture: of all.
type hostKey struct {
	name    string
	capture int32
}

// noCapture stands for windows of captures that are one sequence.
const noCapture = -1

// longestHost is above any address as text.
const longestHost = 64

// placing finds the windows that flows are in.
type placing struct {
	book    *Book
	names   []hostKey
	numbers map[hostKey]int32 // of hosts
	hosts   []hostWindows
	total   int
	length  int64 // of all windows
	apart   bool  // windows are of one capture each
}

func (p *placing) window(rows *batch.Batch) error {
	starts, lengths, hosts := rows.Vectors[0].Int64, rows.Vectors[1].Int64, &rows.Vectors[2]
	for i := range rows.Rows {
		if p.length == 0 {
			p.length = lengths[i]
		}
		if lengths[i] <= 0 || lengths[i] != p.length || starts[i] > math.MaxInt64-lengths[i] {
			return fmt.Errorf("%w: hosts has a window of %d ns at %d, and others of %d", tables.ErrTable, lengths[i], starts[i], p.length)
		}
		if p.total++; p.total > MaxFlows {
			return fmt.Errorf("%w windows: at most %d can be labelled at once", ErrLimit, MaxFlows)
		}
		key := hostKey{hosts.String(i), noCapture}
		if len(key.name) > longestHost {
			return fmt.Errorf("%w: hosts has a host of %d bytes, which is no address", tables.ErrTable, len(key.name))
		}
		if captures := &rows.Vectors[3]; !captures.Null(i) {
			key.capture, p.apart = captures.Int32[i], true
		}
		n, known := p.numbers[key]
		if !known {
			n = int32(len(p.hosts))
			p.numbers[key], p.names, p.hosts = n, append(p.names, key), append(p.hosts, hostWindows{})
		}
		h := &p.hosts[n]
		h.windows = append(h.windows, hostWindow{starts[i], lengths[i]})
	}
	return nil
}

// order sorts the windows of each host, and drops further parts of one.
func (p *placing) order() {
	for i := range p.hosts {
		h := &p.hosts[i]
		slices.SortFunc(h.windows, func(x, y hostWindow) int {
			return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.length, y.length))
		})
		h.windows = slices.Compact(h.windows)
	}
}

func (p *placing) flow(rows *batch.Batch) error {
	ids, depths := rows.Vectors[2].Int64, rows.Vectors[3].Int32
	starts, ends := rows.Vectors[4].Int64, rows.Vectors[5].Int64
	for i := range rows.Rows {
		if depths[i] != 0 {
			continue
		}
		e := p.book.find(ids[i])
		from, to := hostKey{hostAt(rows, 0, i), noCapture}, hostKey{hostAt(rows, 1, i), noCapture}
		if p.apart {
			from.capture, to.capture = rows.Vectors[6].Int32[i], rows.Vectors[6].Int32[i]
		}
		p.place(from, e, starts[i], ends[i])
		if to != from {
			p.place(to, e.other(), starts[i], ends[i])
		}
	}
	return nil
}

// hostAt is an address as the hosts table has it.
func hostAt(b *batch.Batch, column, row int) string {
	s := b.Vectors[column].String(row)
	if b.Schema.Columns[column].Type != binaryColumn {
		return s
	}
	a, _ := netip.AddrFromSlice([]byte(s))
	return a.String()
}

// other is a flow as its dst sees it.
func (e entry) other() entry {
	e.more = more(e.more.campaign()<<roleBits) | more(e.more.role().other())
	return e
}

// place adds a flow to the windows of one of its hosts.
func (p *placing) place(host hostKey, e entry, start, end int64) {
	n, known := p.numbers[host]
	if !known {
		return
	}
	h := &p.hosts[n]
	// Windows of a host are of one length, so that their ends are in the order of their starts.
	first, _ := slices.BinarySearchFunc(h.windows, start, func(w hostWindow, t int64) int {
		if w.start+w.length > t {
			return 1
		}
		return -1
	})
	last, _ := slices.BinarySearchFunc(h.windows, end, func(w hostWindow, t int64) int {
		if w.start > t {
			return 1
		}
		return -1
	})
	if first < last {
		h.events = append(h.events, hostEvent{int32(first), e.code, e.more, 1}, hostEvent{int32(last), e.code, e.more, -1})
	}
}

// tally counts the flows that are open in a window.
type tally struct {
	flows, ambiguous int64
	labels           map[int32]*codeTally
}

// codeTally counts flows of a label by the role of the host, and by campaign.
type codeTally struct {
	flows     int64
	byRoles   [len(roles)]int64
	campaigns map[uint32]int64
}

func (t *tally) take(e hostEvent) {
	n := int64(e.add)
	t.flows += n
	switch {
	case e.code == codeAmbiguous:
		t.ambiguous += n
	case e.code >= 0:
		c := t.labels[e.code]
		if c == nil {
			c = &codeTally{campaigns: map[uint32]int64{}}
			t.labels[e.code] = c
		}
		c.flows += n
		c.byRoles[e.more.role()] += n
		c.campaigns[e.more.campaign()] += n
		if c.flows == 0 {
			delete(t.labels, e.code)
		}
	}
}

// write makes the rows host by host, and writes them window by window.
func (p *placing) write(ctx context.Context, w *Writer[Window]) error {
	type cursor struct {
		open  tally
		event int
	}
	cursors := make([]cursor, len(p.hosts))
	for i := range p.hosts {
		h := &p.hosts[i]
		slices.SortStableFunc(h.events, func(x, y hostEvent) int { return cmp.Compare(x.at, y.at) })
		cursors[i].open.labels = map[int32]*codeTally{}
	}
	for n, at := range p.turns() {
		if n%batchRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		h, c := &p.hosts[at.host], &cursors[at.host]
		for c.event < len(h.events) && h.events[c.event].at <= at.window {
			c.open.take(h.events[c.event])
			c.event++
		}
		row := p.book.windowOf(&c.open)
		row.Start, row.Length, row.Host = h.windows[at.window].start, h.windows[at.window].length, p.names[at.host].name
		row.Capture = p.names[at.host].capture
		if err := w.Add(&row); err != nil {
			return err
		}
	}
	return nil
}

// turn is a host's window.
type turn struct{ host, window int32 }

// turns lists the windows of all hosts, the earlier ones first.
func (p *placing) turns() []turn {
	var all []turn
	for i := range p.hosts {
		for k := range p.hosts[i].windows {
			all = append(all, turn{int32(i), int32(k)})
		}
	}
	slices.SortFunc(all, func(x, y turn) int {
		a, b := p.hosts[x.host].windows[x.window], p.hosts[y.host].windows[y.window]
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.length, b.length), cmp.Compare(x.host, y.host))
	})
	return all
}

// windowOf says what a window with these flows is called.
func (b *Book) windowOf(t *tally) Window {
	row := Window{Flows: t.flows, Ambiguous: t.ambiguous, labels: slices.Collect(maps.Keys(t.labels))}
	slices.SortFunc(row.labels, func(x, y int32) int {
		return cmp.Or(cmp.Compare(t.labels[y].flows, t.labels[x].flows), cmp.Compare(b.words[x], b.words[y]))
	})
	for _, code := range row.labels {
		row.counts = append(row.counts, t.labels[code].flows)
		row.Labelled += t.labels[code].flows
	}
	switch {
	case len(row.labels) > 1 && row.counts[0] == row.counts[1]:
		row.Outcome = label.Ambiguous
	case len(row.labels) > 0:
		row.Outcome, row.Label = label.Labelled, b.words[row.labels[0]]
		row.Role = t.labels[row.labels[0]].role()
		row.Campaign = b.campaignOf(t.labels[row.labels[0]])
	case t.ambiguous > 0:
		row.Outcome = label.Ambiguous
	}
	return row
}

// campaignOf returns the campaign of most flows of a label.
func (b *Book) campaignOf(c *codeTally) string {
	best, most := "", int64(0)
	for number, n := range c.campaigns {
		if name := b.parts[number]; n > most || n == most && n > 0 && name < best {
			best, most = name, n
		}
	}
	return best
}

// role is what the host is in all flows of a label together.
func (c *codeTally) role() Role {
	attacks, suffers := c.byRoles[Attacker] > 0, c.byRoles[Victim] > 0
	switch {
	case c.byRoles[Both] > 0, attacks && suffers:
		return Both
	case attacks:
		return Attacker
	case suffers:
		return Victim
	}
	return NoRole
}
