package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"pcapmill/cmd/capture/event"
	"pcapmill/ingest/segment"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// Audit is what a look at a folder of segments found.
type Audit struct {
	Sessions int64
	Segments int64 // that are there
	Deleted  int64 // that the ledger says were deleted
	Lost     int64 // numbers without a usable segment
	Packets  int64 // counted in the segments
	Bytes    int64 // hashed
	Torn     int64 // bytes of a last record that is unfinished: a capture is writing, or was killed
	Findings []string
	Dropped  int // findings beyond mostFindings
}

// mostFindings are kept; more are only counted.
const mostFindings = 1000

// IsFolder reports whether a folder has a ledger that begins as a capture's does, or is damaged.
func IsFolder(dir string) bool {
	var first ledger.Record
	_, err := ledger.Scan(filepath.Join(dir, event.LedgerName), ledger.Position{}, func(r ledger.Record) error {
		first = r
		return errFirst
	})
	var s event.Session
	if errors.Is(err, errFirst) {
		return first.Event == event.SessionEvent && first.Decode(&s) == nil && s.ID != ""
	}
	return err != nil && !errors.Is(err, fs.ErrNotExist)
}

var errFirst = errors.New("the first record")

// Check looks whether a folder of segments is as its ledger says: the chain of records and that of
// segments; that each number is a segment or lost, once; of each segment size, hash and what is in it.
// A capture may be writing meanwhile. The error is the context's or the system's; what is wrong is in
// the Audit.
func Check(ctx context.Context, dir string) (*Audit, error) {
	c := &checker{ctx: ctx, dir: dir, audit: &Audit{}, next: 1, segments: map[string]*event.Segment{}, deleted: map[int64]bool{}, lost: map[int64]bool{}}
	path := filepath.Join(dir, event.LedgerName)
	_, err := ledger.Scan(path, ledger.Position{}, c.record)
	var damage *ledger.Damage
	switch {
	case errors.As(err, &damage), errors.Is(err, errBody):
		c.find("%v", err)
		return c.audit, nil
	case err != nil:
		return c.audit, err
	}
	if report, err := ledger.Verify(path); err == nil {
		c.audit.Torn = report.Torn
	}
	for _, s := range c.order {
		if err := c.segment(s); err != nil {
			return c.audit, err
		}
	}
	return c.audit, c.strays()
}

// errBody is a record of another shape than ours.
var errBody = errors.New("a record makes no sense")

// checker is one look.
type checker struct {
	ctx      context.Context
	dir      string
	audit    *Audit
	next     int64 // number that is due
	last     string
	order    []*event.Segment
	segments map[string]*event.Segment // by name
	deleted  map[int64]bool
	lost     map[int64]bool // of which a file may be there that cannot be relied on
}

func (c *checker) find(format string, args ...any) {
	if len(c.audit.Findings) == mostFindings {
		c.audit.Dropped++
		return
	}
	c.audit.Findings = append(c.audit.Findings, text.Escape(fmt.Sprintf(format, args...)))
}

// record takes a record of the ledger.
func (c *checker) record(r ledger.Record) error {
	var err error
	switch r.Event {
	case event.SessionEvent:
		c.audit.Sessions++
	case event.SegmentEvent:
		s := new(event.Segment)
		if err = r.Decode(s); err == nil {
			c.recorded(s)
		}
	case event.LostEvent:
		var l event.Lost
		if err = r.Decode(&l); err == nil {
			c.audit.Lost++
			c.lost[l.Number] = true
			if !c.has(l.Number) { // else its file was gone when a later session began
				c.numbered(l.Number)
			}
		}
	case event.DeleteEvent:
		var d event.Delete
		if err = r.Decode(&d); err == nil {
			c.deleted[d.Number] = true
		}
	}
	if err != nil {
		return fmt.Errorf("%w: record %d, %s: %w", errBody, r.Seq, text.Escape(r.Event), err)
	}
	return c.ctx.Err()
}

// has reports whether a number was that of a segment.
func (c *checker) has(n int64) bool {
	return c.segments[event.SegmentName(n, false)] != nil || c.segments[event.SegmentName(n, true)] != nil
}

// numbered asks that numbers rise by one.
func (c *checker) numbered(n int64) {
	if n != c.next {
		c.find("%s: number %d where %d was due", event.LedgerName, n, c.next)
	}
	c.next = n + 1
}

func (c *checker) recorded(s *event.Segment) {
	c.numbered(s.Number)
	if s.PrevSHA256 != c.last {
		c.find("%s: segment %d is chained to another segment than the one before it", event.LedgerName, s.Number)
	}
	c.last = s.SHA256
	number, _, temporary, ok := event.ParseName(s.Name)
	if !ok || temporary || number != s.Number {
		c.find("%s: segment %d has the name %q", event.LedgerName, s.Number, s.Name)
		return
	}
	c.segments[s.Name] = s
	c.order = append(c.order, s)
}

// segment compares a file with its record.
func (c *checker) segment(s *event.Segment) error {
	path := filepath.Join(c.dir, s.Name)
	info, err := os.Lstat(path)
	switch {
	case c.deleted[s.Number]:
		c.audit.Deleted++
		if err == nil {
			c.find("%s: deleted, as the ledger says, and still there", s.Name)
		}
		return nil
	case errors.Is(err, fs.ErrNotExist):
		c.find("%s: missing", s.Name)
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		c.find("%s: no regular file", s.Name)
		return nil
	case info.Size() != s.Bytes:
		c.find("%s: %d bytes, recorded are %d", s.Name, info.Size(), s.Bytes)
		return nil
	}
	c.audit.Segments++
	sum, n, err := manifest.HashFile(c.ctx, path)
	if err != nil {
		return err
	}
	c.audit.Bytes += n
	if sum != s.SHA256 {
		c.find("%s: SHA-256 %s, recorded is %s", s.Name, sum, s.SHA256)
		return nil
	}
	return c.inside(path, s)
}

// inside compares what is in a file with its record's counts.
func (c *checker) inside(path string, s *event.Segment) error {
	open := func() (io.ReadCloser, error) { return os.Open(path) }
	var contents segment.Contents
	var err error
	if isZstd(s.Name) {
		contents, err = segment.WalkZstd(open)
	} else {
		var file io.ReadCloser
		if file, err = open(); err != nil {
			return err
		}
		contents, err = segment.Walk(file)
		err = errors.Join(err, file.Close())
	}
	t := &contents.Tally
	switch {
	case err != nil:
		c.find("%s: %v", s.Name, err)
	case t.Packets != s.Packets || t.CapturedBytes != s.CapturedBytes || t.WireBytes != s.WireBytes:
		c.find("%s: %d packets, %d bytes captured of %d, recorded are %d, %d of %d", s.Name, t.Packets, t.CapturedBytes, t.WireBytes, s.Packets, s.CapturedBytes, s.WireBytes)
	case t.Packets > 0 && (s.FirstNs == nil || s.LastNs == nil || *s.FirstNs != int64(t.First) || *s.LastNs != int64(t.Last)):
		c.find("%s: its packets are of another time than is recorded", s.Name)
	}
	c.audit.Packets += t.Packets
	return c.ctx.Err()
}

// strays finds files of the names of segments that no record is of. What is above the last record a
// capture may be about to record.
func (c *checker) strays() error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	running := publish.Held(c.dir)
	for _, e := range entries {
		number, _, temporary, ok := event.ParseName(e.Name())
		if !ok || c.segments[e.Name()] != nil || c.lost[number] || running && number >= c.next {
			continue
		}
		if temporary {
			c.find("%s: unfinished: the next capture salvages it", e.Name())
			continue
		}
		c.find("%s: the ledger has no record of it", e.Name())
	}
	slices.Sort(c.audit.Findings)
	return nil
}
