package live

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// day is when the tests' segments were opened: 2026-11-29 23:59 UTC, so that they are of two days.
const day = 1795996740_000_000_000

// seg is a folder of segments in the making.
type seg struct {
	t       testing.TB
	dir     string
	log     *ledger.Log
	number  int64
	session string
	prev    string
}

func newSeg(t testing.TB) *seg {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "segments")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	log, err := ledger.Open(filepath.Join(dir, event.LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	s := &seg{t: t, dir: dir, log: log}
	s.begin()
	return s
}

func (s *seg) record(name string, body any) {
	s.t.Helper()
	if err := s.log.Append(name, body); err != nil {
		s.t.Fatal(err)
	}
}

func (s *seg) begin() {
	s.session = fmt.Sprint("session after ", s.number)
	s.record(event.SessionEvent, event.Session{ID: s.session, StartNs: day})
}

func (s *seg) end() { s.record(event.EndEvent, event.End{Session: s.session, Why: "duration"}) }

// add publishes a capture as the next segment, with what else its record says.
func (s *seg) add(data []byte, says ...func(*event.Segment)) *event.Segment {
	s.t.Helper()
	s.number++
	e := event.Segment{
		Number: s.number, Name: event.SegmentName(s.number, false), Session: s.session, Bytes: int64(len(data)),
		SHA256: hashOf(data), OpenedNs: day + s.number*20*int64(time.Second), ClosedNs: day + (s.number+1)*20*int64(time.Second),
		Reason: event.ByPackets, PrevSHA256: s.prev,
	}
	for _, say := range says {
		say(&e)
	}
	s.prev = e.SHA256
	if err := os.WriteFile(filepath.Join(s.dir, e.Name), data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.record(event.SegmentEvent, &e)
	return &e
}

// path returns where a segment's file is.
func (s *seg) path(number int64) string {
	return filepath.Join(s.dir, event.SegmentName(number, false))
}

// paths are all segments.
func (s *seg) paths() (all []string) {
	for n := range s.number {
		all = append(all, s.path(n+1))
	}
	return all
}

// cut returns the capture of a file in pieces of so many packets.
func cut(t testing.TB, path string, packets int) (pieces [][]byte) {
	t.Helper()
	in, err := input.Open(path, nil, input.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out *bytes.Buffer
	var w *capfile.PcapngWriter
	n, described := 0, 0
	flush := func() {
		if w == nil {
			return
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		pieces, w = append(pieces, out.Bytes()), nil
	}
	var b packet.Block
	for err == nil {
		b.Reset()
		err = in.Fill(&b)
		faces := in.Interfaces()
		for i := range b.Records {
			r := &b.Records[i]
			if n%packets == 0 {
				flush()
				out, described = new(bytes.Buffer), 0
				if w, err = capfile.NewPcapngWriter(out, capfile.PcapngConfig{Application: "pcapmill live test"}); err != nil {
					t.Fatal(err)
				}
			}
			n++
			for ; described <= int(r.Interface); described++ {
				cfg := capfile.DefaultInterface(faces[described].Link)
				cfg.SnapLen, cfg.Name = faces[described].SnapLen, faces[described].Name
				if _, err := w.AddInterface(cfg); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.WritePacket(int(r.Interface), r.Time, r.WireLen, b.Data[r.Offset:][:r.CapLen]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	flush()
	return pieces
}

// options are for a live folder in a folder of its own.
func (s *seg) options() *Options {
	o := DefaultOptions()
	o.Segments, o.Job.Out = s.dir, filepath.Join(s.t.TempDir(), "out")
	o.Job.Stages.Workers = 2
	o.Job.Parquet.RowGroupRows = 1000
	return &o
}

// analysed runs an analysis that must end well.
func analysed(t testing.TB, o *Options) Report {
	t.Helper()
	report, err := Analyse(context.Background(), *o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// offline runs over captures as `run` does, with the same options.
func offline(t testing.TB, o *Options, captures []string) (out string, r job.Report) {
	t.Helper()
	j := o.Job
	j.Args, j.Out = captures, filepath.Join(t.TempDir(), "offline")
	r, err := job.Run(context.Background(), j, job.IO{})
	if err != nil {
		t.Fatal(err)
	}
	return j.Out, r
}

// rowsOf renders the rows of a table, in order; nothing where it is absent.
func rowsOf(t testing.TB, folder string) string {
	t.Helper()
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		return ""
	}
	var out bytes.Buffer
	var w interface{ Write(*batch.Batch) error }
	err := tables.Read(context.Background(), folder, func(s *column.Schema) (names []string, _ error) {
		w = text.NewJSONL(&out, s)
		for i := range s.Columns {
			names = append(names, s.Columns[i].Name)
		}
		return names, nil
	}, func(b *batch.Batch) error { return w.Write(b) })
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := w.(io.Closer); ok {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// sameTables compares the rows of all tables but that of gaps.
func sameTables(t testing.TB, live, offline string) {
	t.Helper()
	entries, err := os.ReadDir(offline)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == livefolder.CheckpointFolder {
			continue
		}
		got, want := rowsOf(t, filepath.Join(live, e.Name())), rowsOf(t, filepath.Join(offline, e.Name()))
		if got != want {
			t.Errorf("%s: %s", e.Name(), firstDifference(got, want))
		}
	}
}

func firstDifference(got, want string) string {
	g, w := bytes.Split([]byte(got), []byte("\n")), bytes.Split([]byte(want), []byte("\n"))
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || !bytes.Equal(g[i], w[i]) {
			at := func(l [][]byte) string {
				if i < len(l) {
					return string(l[i])
				}
				return "nothing"
			}
			return fmt.Sprintf("%d and %d lines; line %d is\n%.600s\nand not\n%.600s", len(g), len(w), i, at(g), at(w))
		}
	}
	return "same"
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// readHistory is what the ledger of a folder says of earlier processes.
func readHistory(path string) (*history, error) {
	h := newHistory()
	_, err := livefolder.Visit(path, ledger.Position{}, h.visitor())
	return h, err
}
