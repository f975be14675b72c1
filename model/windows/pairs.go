package windows

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
)

// Columns of pairs behind the frame's.
const (
	srcColumn = frameColumns + iota
	dstColumn
	portColumn
	protocolColumn
	flowsColumn
	pairColumns
)

var pairNames = append(frameNames[:frameColumns:frameColumns], "src_ip", "dst_ip", "dst_port", "protocol", "flows")

// pairs reads a pairs table, a window at a time.
type pairs struct {
	options *Options
	next    func() (*batch.Batch, error, bool)
	stop    func()
	path    string // of the file that is read
	b       *batch.Batch
	at      int // row that comes next
	last    place
	any     bool // whether a window came

	addresses []netip.Addr
	of        map[netip.Addr]uint32 // places of addresses
	all       []pair
	sides     [2]side
	words     map[uint32]string // of services
	entries   []entry
}

// pair is a row. Addresses are places.
type pair struct {
	src, dst uint32
	service  uint32 // protocol << 16 | port; see portless
	flows    uint32 // 1 at least
}

// mostWords bounds the services that are remembered from window to window.
const mostWords = 1 << 16

// errEnough ends the reading early.
var errEnough = errors.New("enough")

// openPairs begins to read a table. It must be closed.
func openPairs(ctx context.Context, in *input, o *Options) *pairs {
	p := &pairs{options: o, of: map[netip.Addr]uint32{}, words: map[uint32]string{}}
	p.next, p.stop = iter.Pull2(func(yield func(*batch.Batch, error) bool) {
		plan := func(s *column.Schema) error { return inFile(in.pairs, acceptPairs(s)) }
		err := in.eachPairs(plan, func(part *tables.Part) error {
			return part.Read(ctx, pairNames, func(b *batch.Batch) error {
				p.path = part.Path()
				if !yield(b, nil) {
					return errEnough
				}
				return nil
			})
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	})
	return p
}

// eachPairs opens the files of the table, one after the other.
func (in *input) eachPairs(plan func(*column.Schema) error, each func(*tables.Part) error) error {
	if in.paired != nil {
		return tables.EachFile(in.paired, plan, each)
	}
	return in.view.EachPart(in.pairs, plan, each)
}

func (p *pairs) close() { p.stop() }

func acceptPairs(s *column.Schema) error {
	return needed(s, pairsTable, addressColumn("src_ip"), addressColumn("dst_ip"),
		wanted{"dst_port", []column.Type{column.Int32}}, wanted{"protocol", []column.Type{column.Int32}}, wanted{"flows", []column.Type{column.Int64}})
}

// load reads the pairs of a window, which lies behind those that were read before. full
// says that there are too many, and none are kept.
func (p *pairs) load(w place) (full bool, err error) {
	p.reset()
	for {
		if p.b == nil || p.at == p.b.Rows {
			b, err, ok := p.next()
			if err != nil {
				return false, err
			}
			if p.b, p.at = b, 0; !ok {
				p.b = nil
				break
			}
			continue
		}
		f, err := frameAt(p.b, p.at)
		if err != nil {
			return false, inFile(p.path, err)
		}
		if f.part == 0 && w.before(f.place) {
			break
		}
		if err := p.take(f, w, &full); err != nil {
			return false, inFile(p.path, err)
		}
		p.at++
	}
	if full {
		p.reset()
	}
	p.sort()
	return full, nil
}

func (p *pairs) reset() {
	clear(p.of)
	if len(p.words) > mostWords {
		clear(p.words)
	}
	p.addresses, p.all = p.addresses[:0], p.all[:0]
}

// take takes the next row in where it is of a window.
func (p *pairs) take(f frame, w place, full *bool) error {
	if f.part > 0 {
		return nil // of a window that is left out
	}
	if p.any && f.place.before(p.last) {
		return fmt.Errorf("%w: windows are not in order, at window_start_ns %d", ErrTable, f.start)
	}
	p.last, p.any = f.place, true
	if f.place != w || *full {
		return nil
	}
	if *full = len(p.all) >= p.options.Pairs; *full {
		return nil
	}
	return p.add()
}

// add adds the next row to those of the window.
func (p *pairs) add() error {
	src, err := addressAt(&p.b.Vectors[srcColumn], p.at, "src_ip")
	if err != nil {
		return err
	}
	dst, err := addressAt(&p.b.Vectors[dstColumn], p.at, "dst_ip")
	if err != nil {
		return err
	}
	service, err := serviceAt(p.b, p.at)
	if err != nil {
		return err
	}
	flows := &p.b.Vectors[flowsColumn]
	if flows.Null(p.at) || flows.Int64[p.at] < 0 || flows.Int64[p.at] > mostCount {
		return fmt.Errorf("%w: flows of %s to %s", ErrTable, src, dst)
	}
	n := uint32(max(1, min(flows.Int64[p.at], mostFlows)))
	p.all = append(p.all, pair{p.place(src), p.place(dst), service, n})
	return nil
}

// place returns that of an address, which it gets where it has none.
func (p *pairs) place(a netip.Addr) uint32 {
	at, ok := p.of[a]
	if !ok {
		at = uint32(len(p.addresses))
		p.of[a], p.addresses = at, append(p.addresses, a)
	}
	return at
}
