package capture_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/capture/replay"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/publish/faultfs"
)

// copyFolder copies a folder as it is at one moment, the ledger first, so that it is never
// ahead of the files. Files that are renamed meanwhile make it begin anew.
func copyFolder(t testing.TB, from, to string) {
	for range 100 {
		must(t, os.RemoveAll(to))
		must(t, os.MkdirAll(to, 0o700))
		if copyFiles(from, to) == nil {
			return
		}
	}
	t.Fatal("the folder cannot be copied")
}

func copyFiles(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	names := []string{event.LedgerName}
	for _, e := range entries {
		if e.Name() != event.LedgerName {
			names = append(names, e.Name())
		}
	}
	for _, name := range names {
		in, err := os.Open(filepath.Join(from, name))
		if err != nil {
			return err
		}
		data, err := io.ReadAll(in)
		in.Close()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// TestKilledAtEveryCall keeps the folder as it is before each call of the file system, as if
// the process were killed there, and has the next session go on in it: what is published is
// whole, the frames are those of the beginning without a hole, nothing is left over.
func TestKilledAtEveryCall(t *testing.T) {
	for _, zstd := range []bool{false, true} {
		t.Run(fmt.Sprint("zstd ", zstd), func(t *testing.T) {
			w := newWorld(t, noon)
			w.cfg.Rotate, w.cfg.BufferBytes, w.cfg.Buffers, w.cfg.Zstd = capture.Rotate{Packets: 100}, 4096, 2, zstd
			base := t.TempDir()
			var copies []string
			f, err := capture.Open(w.cfg)
			must(t, err)
			f.Wrap(func(fsys publish.FS) publish.FS {
				return faultfs.New(fsys, func(c faultfs.Call) error {
					to := filepath.Join(base, fmt.Sprintf("%03d-%s", len(copies), strings.ReplaceAll(c.Op, " ", "-")))
					copyFolder(t, w.dir, to)
					copies = append(copies, to)
					return nil
				})
			})
			const n = 350
			_, err = f.Run(context.Background(), w.source(replay.Numbered(n, 60, packet.Nanos(noon), time.Millisecond)))
			must(t, err)
			must(t, f.Close())
			if len(copies) < 20 {
				t.Fatalf("%d copies", len(copies))
			}
			for _, dir := range copies {
				goOn(t, w, dir, n)
			}
		})
	}
}

// goOn runs a session in a folder that another left when it was killed.
func goOn(t *testing.T, killed *world, dir string, n int) {
	t.Helper()
	w := newWorld(t, killed.clock.Now().Wall+int64(time.Minute))
	w.cfg = killed.cfg
	w.cfg.Clock, w.cfg.Segments, w.dir = w.clock, dir, dir
	report := w.run(w.source(nil))
	got := w.numbers()
	for i, k := range got {
		if k != i {
			t.Fatalf("%s: frame %d where %d was due", dir, k, i)
		}
	}
	if len(got) > n {
		t.Errorf("%s: %d frames of %d", dir, len(got), n)
	}
	number, lost := int64(0), map[int64]bool{}
	for _, l := range each[event.Lost](w, event.LostEvent) {
		lost[l.Number] = true
	}
	for _, s := range w.segments() {
		for number++; lost[number]; number++ {
		}
		if s.Number != number {
			t.Errorf("%s: segment %d where %d was due", dir, s.Number, number)
		}
		w.contents(s)
	}
	if len(lost) > 1 || int64(len(lost)) != report.Lost {
		t.Errorf("%s: lost %v, %+v", dir, lost, report)
	}
	gaps := w.gaps()
	if len(gaps) != 1 || gaps[0].Why != event.Killed || gaps[0].EndNs == nil || gaps[0].Drops != nil {
		t.Errorf("%s: gaps %+v", dir, gaps)
	}
	for _, name := range w.files() {
		if strings.HasPrefix(name, ".") {
			t.Errorf("%s: %s is left over", dir, name)
		}
	}
}

// TestKilledLosesASecond: within a long segment of few packets, what came up to a second before
// is found again.
func TestKilledLosesASecond(t *testing.T) {
	w := newWorld(t, noon)
	src := w.source(replay.Numbered(600, 60, packet.Nanos(noon), 100*time.Millisecond))
	src.Most = 1
	to := filepath.Join(t.TempDir(), "killed")
	at := 0
	src.Before = func(given int) {
		if at != 0 || given < 100 {
			return
		}
		time.Sleep(time.Millisecond) // the disk is another goroutine, and fake time is fast
		info, err := os.Stat(filepath.Join(w.dir, event.TemporaryName(1, false)))
		if err == nil && info.Size() > int64(given-13)*92 {
			copyFolder(t, w.dir, to)
			at = given
		}
	}
	w.run(src)
	killed := *w
	if at == 0 {
		t.Fatal("what is captured does not come to the disk")
	}
	goOn(t, &killed, to, 600)
	killed.dir = to
	if n := len(killed.numbers()); n < at-15 || n > at {
		t.Errorf("%d of %d frames", n, at)
	}
}

// leave leaves a folder as a killed session does that has written one segment and has data in
// the temporary file of the second.
func leave(t *testing.T, data func(whole []byte) []byte) *world {
	w := newWorld(t, noon)
	w.cfg.Rotate = capture.Rotate{Packets: 50}
	w.run(w.source(replay.Numbered(100, 60, packet.Nanos(noon), time.Millisecond)))
	path := filepath.Join(w.dir, event.LedgerName)
	log, err := os.ReadFile(path)
	must(t, err)
	lines := strings.SplitAfter(string(log), "\n")
	must(t, os.WriteFile(path, []byte(lines[0]+lines[1]), 0o600)) // session, segment 1
	second := filepath.Join(w.dir, event.SegmentName(2, false))
	whole, err := os.ReadFile(second)
	must(t, err)
	must(t, os.Remove(second))
	must(t, os.WriteFile(filepath.Join(w.dir, event.TemporaryName(2, false)), data(whole), 0o600))
	w.clock.Advance(time.Hour)
	return w
}

// TestSalvage of one temporary file in many states.
func TestSalvage(t *testing.T) {
	for _, test := range []struct {
		name    string
		data    func([]byte) []byte
		packets int64 // -1: lost
		gap     bool
	}{
		{"whole", func(b []byte) []byte { return b }, 50, false},
		{"cut in the last statistics", func(b []byte) []byte { return b[:len(b)-1] }, 50, true},
		{"cut in a packet", func(b []byte) []byte { return b[:len(b)/2] }, -2, true},
		{"zeros at the end", func(b []byte) []byte { return append(b[:len(b)/2], make([]byte, 9000)...) }, -2, true},
		{"nothing", func(b []byte) []byte { return nil }, -1, true},
		{"heads alone", func(b []byte) []byte { return b[:250] }, -1, true},
		{"garbage", func([]byte) []byte { return []byte(strings.Repeat("garbage!", 100)) }, -1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := leave(t, test.data)
			w.run(w.source(nil))
			lost := each[event.Lost](w, event.LostEvent)
			all := w.segments()
			if test.packets == -1 {
				if len(lost) != 1 || lost[0].Number != 2 || len(all) != 2 || all[1].Number != 3 {
					t.Errorf("lost %+v, segments %+v", lost, all)
				}
			} else if s := all[1]; len(lost) != 0 || s.Number != 2 || s.Reason != event.Recovered || test.packets > 0 && s.Packets != test.packets ||
				(s.KernelPackets == nil) != test.gap || s.OpenedNs < noon || s.PrevSHA256 != all[0].SHA256 {
				t.Errorf("lost %+v, segment %+v", lost, s)
			} else if c := w.contents(s); s.Packets == 0 || *s.WatermarkNs != int64(c.Watermark) {
				t.Errorf("%+v %+v", s, c)
			}
			gaps := w.gaps()
			if len(gaps) != 1 || gaps[0].Why != event.Killed || *gaps[0].EndNs != noon+int64(time.Hour+99*time.Millisecond) {
				t.Errorf("%+v", gaps)
			}
			if test.packets != -1 && gaps[0].StartNs != *all[1].WatermarkNs {
				t.Errorf("gap from %d, segment up to %d", gaps[0].StartNs, *all[1].WatermarkNs)
			}
			again := len(w.records())
			w.run(w.source(nil)) // finds nothing to do
			if more := w.records()[again:]; len(more) != 4 || more[0].Event != event.GapEvent || more[1].Event != event.SessionEvent {
				t.Errorf("%+v", more)
			}
		})
	}
}

// TestSharedFolderKeepsItsMode: a folder that holds what no capture wrote, such as /tmp, is not taken
// from others; one of our own is.
func TestSharedFolderKeepsItsMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no such modes here")
	}
	for name, test := range map[string]struct {
		foreign string
		want    os.FileMode
		said    bool
	}{
		"empty":  {"", 0o700, false},
		"file":   {"notes.txt", 0o755, true},
		"folder": {"others/", 0o755, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, noon)
			must(t, os.Mkdir(w.dir, 0o755))
			must(t, os.Chmod(w.dir, 0o755))
			switch path := filepath.Join(w.dir, test.foreign); {
			case strings.HasSuffix(test.foreign, "/"):
				must(t, os.Mkdir(path, 0o755))
			case test.foreign != "":
				must(t, os.WriteFile(path, []byte("mine"), 0o600))
			}
			for range 2 { // the second one finds a ledger
				w.run(w.source(nil))
				info, err := os.Stat(w.dir)
				must(t, err)
				if info.Mode().Perm() != test.want {
					t.Errorf("%v", info.Mode())
				}
			}
			if said := strings.Contains(w.said.String(), test.foreign+": it is left alone"); test.foreign != "" && said != test.said {
				t.Errorf("%s", w.said.String())
			}
		})
	}
}

// TestWhatIsNotOursIsLeftAlone: a file with a segment's name that no capture wrote, others'
// files, links; and a segment that is gone is said to be.
func TestWhatIsNotOursIsLeftAlone(t *testing.T) {
	w := newWorld(t, noon)
	w.cfg.Rotate = capture.Rotate{Packets: 10}
	w.run(w.source(replay.Numbered(30, 60, packet.Nanos(noon), time.Millisecond)))
	foreign := filepath.Join(w.dir, event.SegmentName(7, false))
	must(t, os.WriteFile(foreign, []byte("mine"), 0o600))
	must(t, os.WriteFile(filepath.Join(w.dir, "notes.txt"), []byte("mine"), 0o600))
	must(t, os.Remove(filepath.Join(w.dir, event.SegmentName(2, false))))
	w.run(w.source(replay.Numbered(5, 60, packet.Nanos(w.clock.Now().Wall), time.Millisecond)))
	if b, err := os.ReadFile(foreign); err != nil || string(b) != "mine" {
		t.Errorf("%q %v", b, err)
	}
	lost := fmt.Sprint(each[event.Lost](w, event.LostEvent))
	for _, want := range []string{"{2 its file is gone}", "{4 nothing", "{5 nothing", "{6 nothing", "{7 the file of its name was not"} {
		if !strings.Contains(lost, want) {
			t.Errorf("%q is not in %s", want, lost)
		}
	}
	if all := w.segments(); all[len(all)-1].Number != 8 {
		t.Errorf("%+v", all[len(all)-1])
	}
	records := len(w.records())
	w.run(w.source(nil))
	for _, r := range w.records()[records:] {
		if r.Event == event.LostEvent {
			t.Errorf("said twice: %s", r.Body)
		}
	}
}

func TestOneCaptureAtATime(t *testing.T) {
	w := newWorld(t, noon)
	f, err := capture.Open(w.cfg)
	must(t, err)
	defer f.Close()
	if _, err := capture.Open(w.cfg); err == nil || !strings.Contains(err.Error(), "being written by another process: process ") {
		t.Error(err)
	}
}

// TestDamagedLedgerIsRefused with file, line, offset and what to do.
func TestDamagedLedgerIsRefused(t *testing.T) {
	w := newWorld(t, noon)
	w.run(w.source(nil))
	path := filepath.Join(w.dir, event.LedgerName)
	b, err := os.ReadFile(path)
	must(t, err)
	b[20] ^= 1
	must(t, os.WriteFile(path, b, 0o600))
	_, err = capture.Open(w.cfg)
	if err == nil || !strings.Contains(err.Error(), "ledger.jsonl is damaged: line ") || !strings.Contains(err.Error(), "at offset ") || !strings.Contains(err.Error(), "restore") {
		t.Error(err)
	}
	if now, _ := os.ReadFile(path); string(now) != string(b) {
		t.Error("the ledger was touched")
	}
}

// TestTornLedger: the record of a segment was not whole; the segment is taken in.
func TestTornLedger(t *testing.T) {
	w := newWorld(t, noon)
	w.run(w.source(replay.Numbered(30, 60, packet.Nanos(noon), time.Millisecond)))
	path := filepath.Join(w.dir, event.LedgerName)
	b, err := os.ReadFile(path)
	must(t, err)
	end := strings.LastIndex(strings.TrimSuffix(string(b), "\n"), "\n") + 1
	must(t, os.WriteFile(path, b[:end-30], 0o600))
	w.run(w.source(nil))
	w.wantNumbers(30)
	s := w.segments()[0]
	if s.Reason != event.Recovered || *s.KernelPackets != 30 || !strings.Contains(w.said.String(), "cut off") {
		t.Errorf("%+v\n%s", s, w.said)
	}
	if _, err := ledger.Verify(path); err != nil {
		t.Error(err)
	}
}

// FuzzLedgerOfAnother: a ledger whose chain is sound may say anything.
func FuzzLedgerOfAnother(f *testing.F) {
	f.Add("segment", `{"number":9223372036854775807,"name":"../../etc/passwd"}`)
	f.Add("segment", `{"number":-1}`)
	f.Add("delete", `{"number":3}`)
	f.Add("lost", `{"number":9223372036854775806}`)
	f.Add("session", `{"id":"x","start_ns":-5}`)
	f.Add("session", `7`)
	f.Fuzz(func(t *testing.T, name, body string) {
		dir := t.TempDir()
		log, err := ledger.Open(filepath.Join(dir, event.LedgerName))
		must(t, err)
		if log.Append(name, rawJSON(body)) != nil {
			t.Skip("no JSON")
		}
		log.Close()
		w := newWorld(t, noon)
		w.cfg.Segments, w.dir = dir, dir
		folder, err := capture.Open(w.cfg)
		if err != nil {
			return
		}
		defer folder.Close()
		if _, err := folder.Run(context.Background(), w.source(nil)); err != nil && !strings.Contains(err.Error(), "number") {
			t.Fatal(err)
		}
	})
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }
