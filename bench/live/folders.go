package live

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
)

// Recorded is what a ledger of segments says.
type Recorded struct {
	Sessions int
	Segments []event.Segment // in the order of their records
	Gaps     []event.Gap
	Lost     []event.Lost
	Ended    int // sessions that ended in order
}

// ReadSegments reads the ledger of a folder of segments. One that is not there has no records.
func ReadSegments(dir string) (r Recorded, err error) {
	_, err = ledger.Scan(filepath.Join(dir, event.LedgerName), ledger.Position{}, r.take)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	return r, err
}

func (r *Recorded) take(record ledger.Record) error {
	switch record.Event {
	case event.SessionEvent:
		r.Sessions++
	case event.EndEvent:
		r.Ended++
	case event.SegmentEvent:
		return decode(record, &r.Segments)
	case event.GapEvent:
		return decode(record, &r.Gaps)
	case event.LostEvent:
		return decode(record, &r.Lost)
	}
	return nil
}

func decode[T any](record ledger.Record, to *[]T) error {
	var v T
	if err := record.Decode(&v); err != nil {
		return err
	}
	*to = append(*to, v)
	return nil
}

// Counted are sums over segments.
type Counted struct {
	Packets, Kernel, Drops int64
	Unknown                int // segments whose kernel's counts are not known
}

// Counted adds the segments up.
func (r *Recorded) Counted() (c Counted) {
	for _, s := range r.Segments {
		c.Packets += s.Packets
		if s.KernelPackets == nil || s.KernelDrops == nil {
			c.Unknown++
			continue
		}
		c.Kernel += *s.KernelPackets
		c.Drops += *s.KernelDrops
	}
	return c
}

// Told adds up what gaps of a cause say of lost packets.
func (r *Recorded) Told(why event.Why) (drops int64) {
	for _, g := range r.Gaps {
		if g.Why == why && g.Drops != nil {
			drops += *g.Drops
		}
	}
	return drops
}

// Paths are the segments' files in a folder.
func (r *Recorded) Paths(dir string) (paths []string) {
	for _, s := range r.Segments {
		paths = append(paths, filepath.Join(dir, s.Name))
	}
	return paths
}

// Whole reports, as an error, what of a folder of segments is not as its ledger says: each
// number has one segment or is lost, each segment its file with its hash.
func (r *Recorded) Whole(dir string) error {
	numbers := map[int64]int{}
	for _, s := range r.Segments {
		numbers[s.Number]++
		if err := hashed(filepath.Join(dir, s.Name), s.Bytes, s.SHA256); err != nil {
			return err
		}
	}
	for _, l := range r.Lost {
		numbers[l.Number]++
	}
	for n := int64(1); n <= int64(len(numbers)); n++ {
		if numbers[n] != 1 {
			return fmt.Errorf("segment %d is %d times in the ledger, which names %d", n, numbers[n], len(numbers))
		}
	}
	return nil
}

// WholeTables is the same of a folder of tables, by the commits of its ledger. It returns
// how many segments were committed.
func WholeTables(out string) (commits int, err error) {
	type key struct {
		number int64
		atEnd  bool
	}
	seen := map[key]bool{}
	commit := func(c *livefolder.Commit, _ *ledger.Record) error {
		k := key{c.Number, c.AtEnd}
		if seen[k] {
			return fmt.Errorf("segment %d is committed twice", c.Number)
		}
		seen[k] = true
		if !c.AtEnd {
			commits++
		}
		for _, part := range c.Tables {
			if err := hashed(filepath.Join(out, filepath.FromSlash(part.Path)), part.Bytes, part.SHA256); err != nil {
				return err
			}
		}
		return nil
	}
	_, err = livefolder.Visit(filepath.Join(out, event.LedgerName), ledger.Position{}, &livefolder.Visitor{Commit: commit})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return commits, err
}

// hashed compares a file with what a ledger says of it.
func hashed(path string, size int64, sum string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err == nil && (n != size || hex.EncodeToString(h.Sum(nil)) != sum) {
		err = fmt.Errorf("%s: %d bytes, which are not the %d that the ledger has", path, n, size)
	}
	return err
}
