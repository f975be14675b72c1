package livefolder_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
)

// longCommit is one as a busy segment gives it, of 3 KiB.
func longCommit(number int64) *livefolder.Commit {
	hash, when := strings.Repeat("ab01cd23", 8), int64(1772442041083903790)
	c := commit(number, false)
	c.SHA256, c.ClockNs, c.At = hash, when, ledger.Position{Offset: number * 700, Seq: number, Head: hash}
	*c.Input = manifest.Input{
		Path: fmt.Sprintf("/var/lib/pcapmill/segments/segment-%010d.pcapng", number), SHA256: hash, Bytes: 16 << 20, Format: "pcapng",
		Outcome: manifest.Complete, Packets: 34123, FirstNs: &when, LastNs: &when, Covered: &manifest.Covered{FromNs: when, ToNs: when},
		Interfaces: []manifest.Interface{{Name: "eth0", LinkType: 1, LinkTypeName: "ethernet", Snaplen: 262144, Packets: 34123}},
		Notes:      []string{"comments: 2"},
	}
	for _, table := range []string{"flows", "tls", "x509", "quic", "http", "ssh", "dhcp", "dns", "slots", "hosts", "pairs"} {
		name := livefolder.PartName{Table: table, Date: "2026-03-02", Number: number, Ext: "parquet"}
		c.Tables = append(c.Tables, livefolder.Part{Name: table, Path: name.String(), Rows: 1507, Bytes: 630368, SHA256: hash})
	}
	c.Accounting = manifest.Accounting{PacketsRead: 34123, CapturedBytes: 15625778, WireBytes: 15625778, StreamBytes: 16776992}
	c.Accounting.Add("in_flow", 34066, 15570308, 15570308)
	for _, kind := range []string{"headers", "records", "packets", "options", "padding", "skipped", "lost", "trailing"} {
		c.Accounting.StreamBy = append(c.Accounting.StreamBy, manifest.Count{Outcome: kind, N: 1091936})
	}
	return &c
}

// longLedger is the path of a ledger of so many commits. They are written at once: Append syncs each.
func longLedger(tb testing.TB, commits int64) string {
	tb.Helper()
	var out bytes.Buffer
	prev := ""
	seq := int64(0)
	write := func(event string, body any) {
		raw, err := json.Marshal(body)
		if err != nil {
			tb.Fatal(err)
		}
		seq++
		line, err := json.Marshal(ledger.Record{Seq: seq, TimeNs: 1796003153252836130 + seq, Event: event, Body: raw, Prev: prev})
		if err != nil {
			tb.Fatal(err)
		}
		out.Write(append(line, '\n'))
		sum := sha256.Sum256(line)
		prev = hex.EncodeToString(sum[:])
	}
	write(livefolder.SessionEvent, livefolder.Session{PlanID: "p"})
	for n := range commits {
		write(livefolder.CommitEvent, longCommit(n+1))
	}
	path := filepath.Join(tb.TempDir(), livefolder.LedgerName)
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// BenchmarkOpen is what an analysis does with a ledger before it begins.
func BenchmarkOpen(b *testing.B) {
	path := longLedger(b, 5000)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		f, err := livefolder.OpenVisit(filepath.Dir(path), &livefolder.Visitor{
			Brief: true, Commit: func(*livefolder.Commit, *ledger.Record) error { n++; return nil },
		})
		if err != nil || n != 5000 {
			b.Fatal(n, err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
