package live

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/capture/event"
	"pcapmill/cmd/job"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/verify"
)

// found returns what verify says of a folder, a line each.
func found(t *testing.T, out string) string {
	t.Helper()
	r, err := verify.Folder(context.Background(), out, verify.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.String())
	}
	return strings.Join(all, "\n")
}

// TestVerifyFindsDamage changes one thing at a time.
func TestVerifyFindsDamage(t *testing.T) {
	s := newSeg(t)
	for _, data := range demo(t, 700) {
		s.add(data)
	}
	s.end()
	o := s.options()
	analysed(t, o)
	out := o.Job.Out
	part := filepath.Join(out, livefolder.PartName{Table: "flows", Date: "2026-11-29", Number: 1, Ext: "parquet"}.String())
	ledgerFile := filepath.Join(out, livefolder.LedgerName)
	for name, c := range map[string]struct {
		file   string
		change func([]byte) []byte
		want   string
	}{
		"a part's byte": {part, func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, "sha256"},
		"a record's sums": {ledgerFile, func(b []byte) []byte {
			return bytes.Replace(b, []byte(`"packets_read":700`), []byte(`"packets_read":701`), 1)
		}, "ledger"},
		"records that went":   {ledgerFile, func(b []byte) []byte { return b[:bytes.LastIndexByte(b[:len(b)-1], '\n')+1] }, "ledger"},
		"a manifest of other": {filepath.Join(out, manifest.Name), func(b []byte) []byte { return bytes.Replace(b, []byte(`"segments": 3`), []byte(`"segments": 2`), 1) }, "manifest"},
	} {
		whole, err := os.ReadFile(c.file)
		if err != nil {
			t.Fatal(name, err)
		}
		if changed := c.change(bytes.Clone(whole)); bytes.Equal(changed, whole) {
			t.Errorf("%s: nothing was changed", name)
		} else if err := os.WriteFile(c.file, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := found(t, out); !strings.Contains(got, c.want) {
			t.Errorf("%s: found %q", name, got)
		}
		if err := os.WriteFile(c.file, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := found(t, out); got != "" {
		t.Errorf("as it was: %s", got)
	}
	stray := strings.Replace(part, "0000000001", "0000000009", 1)
	if err := os.WriteFile(stray, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := found(t, out); !strings.Contains(got, "stray") {
		t.Errorf("a part without a commit, of a session that has ended: %q", got)
	}
}

// TestVerifySaysWhatIsTorn: bytes behind the last whole record of the ledger are none of it, which is said.
func TestVerifySaysWhatIsTorn(t *testing.T) {
	s := newSeg(t)
	s.add(demo(t, 5000)[0])
	s.end()
	o := s.options()
	analysed(t, o)
	ledgerFile := filepath.Join(o.Job.Out, livefolder.LedgerName)
	whole, err := os.ReadFile(ledgerFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ tail, want string }{
		{"", ""},
		{"x", "1 byte of a record of the ledger that is unfinished"},
		{`{"seq":`, "7 bytes of a record of the ledger that is unfinished"},
	} {
		if err := os.WriteFile(ledgerFile, append(bytes.Clone(whole), c.tail...), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := verify.Folder(context.Background(), o.Job.Out, verify.DefaultConfig())
		if got := strings.Join(r.Unchecked, "\n"); err != nil || !r.OK() || got != c.want {
			t.Errorf("%q: %v, %v, not checked %q", c.tail, err, r.Findings, got)
		}
	}
}

// TestPartsWithoutCommit are no rows yet, are no finding while a session is open, and are cleared away.
func TestPartsWithoutCommit(t *testing.T) {
	s := newSeg(t)
	s.add(demo(t, 5000)[0])
	o := s.options()
	analysed(t, o)
	flows := filepath.Join(o.Job.Out, "flows")
	rows := rowsOf(t, flows)
	stray := filepath.Join(o.Job.Out, livefolder.PartName{Table: "flows", Date: "2026-11-30", Number: 2, Ext: "parquet"}.String())
	if err := os.MkdirAll(filepath.Dir(stray), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stray, []byte("not whole"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := rowsOf(t, flows); got != rows {
		t.Error("rows without a commit are read")
	}
	verified(t, o.Job.Out)
	analysed(t, o)
	if _, err := os.Stat(stray); err == nil {
		t.Error("a part without a commit stayed")
	}
}

// TestRunLeavesLiveTablesAlone, forced or not.
func TestRunLeavesLiveTablesAlone(t *testing.T) {
	s := newSeg(t)
	s.add(demo(t, 5000)[0])
	s.end()
	o := s.options()
	analysed(t, o)
	j := o.Job
	j.Args, j.Force = s.paths(), true
	if _, err := job.Run(context.Background(), j, job.IO{}); err == nil || !strings.Contains(err.Error(), publish.ErrLive.Error()) {
		t.Error(err)
	}
	verified(t, o.Job.Out)
}

// TestGapsByHand: what gaps explain of the kernel's drops is not counted twice.
func TestGapsByHand(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	s := &event.Segment{Number: 4, OpenedNs: 10, ClosedNs: 20, KernelDrops: n(7), InterfaceDrops: n(2)}
	before := []gap{gapOf(&event.Gap{StartNs: 11, EndNs: n(12), Drops: n(5), Why: event.RingFull}), gapOf(&event.Gap{StartNs: 13, Why: event.InterfaceDown})}
	rows := gapsOf(s, before)
	if len(rows) != 2 || rows[0].drops != 2 || rows[0].why != whyDrops || rows[1].drops != 2 || rows[1].why != whyFace {
		t.Errorf("%+v", rows)
	}
	if before[1].ends || before[1].counted {
		t.Error("what is unknown became a number")
	}
	before[0].drops = 7
	s.InterfaceDrops = nil
	for _, why := range []event.Why{event.RingFull, event.DiskTrouble} {
		before[0].why = string(why)
		if rows := gapsOf(s, before); len(rows) != 0 {
			t.Errorf("%s: %+v", why, rows)
		}
	}
}
