package manifest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/sinktest"
)

var update = flag.Bool("update", false, "rewrite testdata")

func at(n int64) *int64 { return &n }

// sample has every key of the document.
func sample() *manifest.Manifest {
	sum := strings.Repeat("ab", 32)
	m := &manifest.Manifest{
		RunID: strings.Repeat("01", 32), PlanID: strings.Repeat("23", 32),
		Tool: manifest.Tool{Name: "pcapmill", Version: "v0.1.0", Revision: "4f88a52", Modified: true, GoVersion: "go1.26.0",
			Flags: []string{"CGO_ENABLED=0"}, Modules: []manifest.Module{{Path: "example.org/m", Version: "v1.2.3", Sum: "h1:x="}}},
		Options: map[string]string{"idle_tcp": "5m0s", "features": "volume,time", "html": "<&>"},
		Limits:  map[string]int64{"flows": 1000000},
		Inputs: []manifest.Input{{
			SHA256: sum, Bytes: 1234, Format: "pcapng", Outcome: manifest.Partial, Reason: "truncated", Offset: 1200, Packets: 10,
			FirstNs: at(1795240800123456789), LastNs: at(1795240801000000000), Backward: 1,
			Interfaces: []manifest.Interface{{Index: 1, Section: 1, Name: "eth0", LinkType: 1, LinkTypeName: "ethernet", Snaplen: 65535,
				Tick: "1/1000000", Packets: 10, Received: at(12), Dropped: at(2), Unsupported: true}},
			Accounting: &manifest.Accounting{}, Notes: []string{"2 unknown blocks"},
		}, {Path: "empty.pcap", Outcome: manifest.Rejected, Reason: "empty"}},
		Accounting: manifest.Accounting{PacketsRead: 10, CapturedBytes: 900, WireBytes: 1000},
		Tables: []manifest.Table{{Name: "flows", Rows: 3, SchemaSHA256: sum,
			Parts: []manifest.Part{{Path: "flows/part-00000.parquet", Rows: 3, Bytes: 77, SHA256: sum}}}, {Name: "dns", SchemaSHA256: sum}},
		Files:        []manifest.File{{Path: "errors.pcapng", Bytes: 5, SHA256: sum}},
		Captures:     []manifest.Capture{{Path: "errors.pcapng", Packets: 2, CapturedBytes: 70, WireBytes: 90, Interfaces: 1, LimitBytes: 4096, LeftOutPackets: 1, LeftOutBytes: 30, UnwritablePackets: 1}},
		Errors:       []manifest.ErrorCount{{Layer: "l3", Outcome: "malformed_l3", Reason: "ip_version", N: 2}, {Layer: "l4", Outcome: "malformed_l4", Reason: "udp_length", Inner: true, N: 1}},
		SelfChecks:   []manifest.SelfCheck{manifest.NewSelfCheck("rows", 3, 3)},
		NotProcessed: []manifest.NotProcessed{{What: "block type 0x0000000a", Reason: "holds keys", Count: 1}},
		Notes:        []string{"a note"},
	}
	m.Inputs[0].SetPath("a\x1b\xff.pcap")
	m.Accounting.Add("in_flow", 9, 850, 940)
	m.Accounting.Add("filtered", 0, 0, 0)
	m.Accounting.Add("non_ip", 1, 50, 60)
	return m
}

func encode(t testing.TB, m *manifest.Manifest) []byte {
	t.Helper()
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGolden(t *testing.T) {
	got := encode(t, sample())
	const file = "testdata/manifest.json"
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("manifest.json changed; if a reader could notice, raise SchemaVersion, then -update:\n%s", got)
	}
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	data := encode(t, want)
	got, err := manifest.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	again := encode(t, got)
	if !bytes.Equal(again, data) {
		t.Error("a manifest that is read and written again differs")
	}
	if raw, err := got.Inputs[0].RawPath(); err != nil || raw != "a\x1b\xff.pcap" {
		t.Errorf("path came back as %q, %v", raw, err)
	}
	if got.Accounting.Packets[1].Outcome != "filtered" {
		t.Errorf("outcomes lost their order: %v", got.Accounting.Packets)
	}
	if !reflect.DeepEqual(want, sample()) {
		t.Error("Encode changed its receiver")
	}
}

// TestEveryFlippedBit changes each bit of a manifest in turn.
func TestEveryFlippedBit(t *testing.T) {
	data := encode(t, sample())
	for i := range data {
		for bit := range 8 {
			data[i] ^= 1 << bit
			if m, err := manifest.Decode(data); err == nil {
				t.Fatalf("byte %d, bit %d flipped: accepted as %+v", i, bit, m)
			}
			data[i] ^= 1 << bit
		}
	}
}

func TestCutAndExtended(t *testing.T) {
	data := encode(t, sample())
	for n := range data {
		if _, err := manifest.Decode(data[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were accepted", n, len(data))
		}
	}
	if _, err := manifest.Decode(append(data, '\n')); !errors.Is(err, manifest.ErrDamaged) {
		t.Errorf("one more line feed: %v", err)
	}
}

func TestErrorKinds(t *testing.T) {
	good := string(encode(t, sample()))
	for _, c := range []struct {
		name, in string
		want     error
	}{
		{"empty", "", manifest.ErrFormat},
		{"text", "hello", manifest.ErrFormat},
		{"other JSON", `{"name":"package","version":"1.0.0"}`, manifest.ErrFormat},
		{"list", `[]`, manifest.ErrFormat},
		{"newer", strings.Replace(good, `"schema_version": 2`, `"schema_version": 3`, 1), manifest.ErrVersion},
		{"edited", strings.Replace(good, `"packets_read": 10`, `"packets_read": 11`, 1), manifest.ErrDamaged},
		{"deep", strings.Repeat("[", 100000), manifest.ErrTooLarge},
		{"deep objects", strings.Repeat(`{"a":`, 100000), manifest.ErrTooLarge},
	} {
		if _, err := manifest.Decode([]byte(c.in)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestReadAny: of another version the outline is read, whatever else is in it.
func TestReadAny(t *testing.T) {
	whole := sample()
	whole.Files = append(whole.Files, manifest.File{Path: "tables.sqlite", SHA256: strings.Repeat("ab", 32)})
	whole.Tables = append(whole.Tables, manifest.Table{Name: "hosts", SchemaSHA256: strings.Repeat("ab", 32), File: "tables.sqlite"})
	good := encode(t, whole)
	want := whole.Outline()
	for version, change := range map[int][2]string{
		1:                      {`"schema_version": 2`, `"schema_version": 1`},
		manifest.SchemaVersion: {`"schema_version": 2`, `"schema_version": 2`},
		3:                      {`"schema_version": 2,`, `"schema_version": 3, "new": {"tables": [1]},`},
	} {
		want.SchemaVersion = version
		m, got, err := manifest.ReadAny(bytes.NewReader(rehashed(bytes.Replace(good, []byte(change[0]), []byte(change[1]), 1))))
		if err != nil || !reflect.DeepEqual(got, want) || (m != nil) != (version == manifest.SchemaVersion) {
			t.Errorf("version %d: %+v, whole: %v, %v; want %+v", version, got, m != nil, err, want)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestReadIsLimited(t *testing.T) {
	if _, err := manifest.ReadAll(zeros{}, 1<<16); !errors.Is(err, manifest.ErrTooLarge) {
		t.Errorf("an endless file: %v", err)
	}
}

// TestContentRefused: a document with the right hash but with content that a
// reader must not rely on.
func TestContentRefused(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	part := func(path string) func(*manifest.Manifest) {
		return func(m *manifest.Manifest) { m.Tables[0].Parts[0].Path = path }
	}
	live := func(change func(l *manifest.Live)) func(*manifest.Manifest) {
		return func(m *manifest.Manifest) {
			m.Live = &manifest.Live{Ledger: "ledger.jsonl", Records: 1, Head: sum}
			change(m.Live)
		}
	}
	good := sample()
	live(func(*manifest.Live) {})(good)
	good.Kind = strings.Repeat("labels", 5)
	if _, err := manifest.Decode(encode(t, good)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*manifest.Manifest){
		"path up":           part("flows/../../x"),
		"path to elsewhere": part("hosts/part-00000.parquet"),
		"absolute path":     part("/etc/passwd"),
		"backslash path":    part(`flows/..\..\x`),
		"drive":             part("flows/C:x"),
		"folder itself":     part("flows/"),
		"part twice": func(m *manifest.Manifest) {
			m.Tables[0].Parts = append(m.Tables[0].Parts, m.Tables[0].Parts[0])
		},
		"file not listed":       func(m *manifest.Manifest) { m.Tables[1].File = "tables.sqlite" },
		"file above":            func(m *manifest.Manifest) { m.Tables[1].File = "../errors.pcapng" },
		"file and parts":        func(m *manifest.Manifest) { m.Tables[0].File = m.Files[0].Path },
		"table twice":           func(m *manifest.Manifest) { m.Tables[1].Name = "flows" },
		"table up":              func(m *manifest.Manifest) { m.Tables[1].Name = ".." },
		"table is file":         func(m *manifest.Manifest) { m.Tables[1].Name = "manifest.json" },
		"file up":               func(m *manifest.Manifest) { m.Files[0].Path = "../x" },
		"file manifest":         func(m *manifest.Manifest) { m.Files[0].Path = "manifest.json" },
		"file hash":             func(m *manifest.Manifest) { m.Files[0].SHA256 = sum[1:] },
		"upper hash":            func(m *manifest.Manifest) { m.PlanID = strings.ToUpper(sum) },
		"run id":                func(m *manifest.Manifest) { m.RunID = "x" },
		"outcome":               func(m *manifest.Manifest) { m.Inputs[0].Outcome = "fine" },
		"negative rows":         func(m *manifest.Manifest) { m.Tables[0].Rows = -1 },
		"negative bytes":        func(m *manifest.Manifest) { m.Tables[0].Parts[0].Bytes = -1 },
		"negative count":        func(m *manifest.Manifest) { m.Accounting.Packets[0].N = -1 },
		"input count":           func(m *manifest.Manifest) { m.Inputs[0].Packets = -1 },
		"capture's packets":     func(m *manifest.Manifest) { m.Captures[0].Packets = -1 },
		"capture's bytes":       func(m *manifest.Manifest) { m.Captures[0].CapturedBytes = -1 },
		"capture's wire bytes":  func(m *manifest.Manifest) { m.Captures[0].WireBytes = -1 },
		"capture's limit":       func(m *manifest.Manifest) { m.Captures[0].LimitBytes = -1 },
		"packets left out":      func(m *manifest.Manifest) { m.Captures[0].LeftOutPackets = -1 },
		"bytes left out":        func(m *manifest.Manifest) { m.Captures[0].LeftOutBytes = -1 },
		"unwritable packets":    func(m *manifest.Manifest) { m.Captures[0].UnwritablePackets = -1 },
		"negative errors":       func(m *manifest.Manifest) { m.Errors[0].N = -1 },
		"negative packets read": func(m *manifest.Manifest) { m.Accounting.PacketsRead = -1 },
		"negative stream bytes": func(m *manifest.Manifest) { m.Accounting.StreamBytes = -1 },
		"kind":                  func(m *manifest.Manifest) { m.Kind = "Labels" },
		"long kind":             func(m *manifest.Manifest) { m.Kind = strings.Repeat("labels", 5) + "s" },
		"source":                func(m *manifest.Manifest) { m.Sources = []manifest.Source{{Role: "tables", SHA256: sum[1:]}} },
		"ledger up":             live(func(l *manifest.Live) { l.Ledger = "../ledger.jsonl" }),
		"ledger in a folder":    live(func(l *manifest.Live) { l.Ledger = "flows/ledger.jsonl" }),
		"ledger of no records":  live(func(l *manifest.Live) { l.Records = 0 }),
		"ledger's head":         live(func(l *manifest.Live) { l.Head = "" }),
		"negative segments":     live(func(l *manifest.Live) { l.Segments = -1 }),
		"negative through":      live(func(l *manifest.Live) { l.Through = -1 }),
		"negative sessions":     live(func(l *manifest.Live) { l.Sessions = -1 }),
		"path hex":              func(m *manifest.Manifest) { m.Inputs[0].PathHex = "zz" },
		"many tables": func(m *manifest.Manifest) {
			for i := range 1000 {
				m.Tables = append(m.Tables, manifest.Table{Name: fmt.Sprint("t", i), SchemaSHA256: sum})
			}
		},
		"many captures": func(m *manifest.Manifest) { m.Captures = make([]manifest.Capture, 1001) },
		"many outcomes": func(m *manifest.Manifest) {
			for i := range 1000 {
				m.Accounting.Packets = append(m.Accounting.Packets, manifest.Count{Outcome: fmt.Sprint("o", i)})
			}
		},
	} {
		m := sample()
		change(m)
		if _, err := manifest.Decode(encode(t, m)); !errors.Is(err, manifest.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCountsRefused: counts are an object of whole numbers, each outcome once.
func TestCountsRefused(t *testing.T) {
	for _, text := range []string{`[]`, `7`, `{"in_flow": "1"}`, `{"in_flow": 1.5}`, `{"in_flow": 1, "in_flow": 2}`} {
		var c manifest.Counts
		if err := json.Unmarshal([]byte(text), &c); err == nil {
			t.Errorf("%s is taken for %v", text, c)
		}
	}
	c := manifest.Counts{{Outcome: "was there", N: 9}}
	if err := json.Unmarshal([]byte(`{"b": 1, "a": -2}`), &c); err != nil || !reflect.DeepEqual(c, manifest.Counts{{Outcome: "b", N: 1}, {Outcome: "a", N: -2}}) {
		t.Errorf("%v, %v", c, err)
	}
}

// TestCovers: what capture says goes before the packets' own times, of which both must be known.
func TestCovers(t *testing.T) {
	for name, c := range map[string]struct {
		in          manifest.Input
		first, last int64
		known       bool
	}{
		"nothing":      {manifest.Input{}, 0, 0, false},
		"first alone":  {manifest.Input{FirstNs: at(5)}, 0, 0, false},
		"last alone":   {manifest.Input{LastNs: at(5)}, 0, 0, false},
		"packets":      {manifest.Input{FirstNs: at(5), LastNs: at(8)}, 5, 8, true},
		"capture":      {manifest.Input{Covered: &manifest.Covered{FromNs: 1, ToNs: 9}}, 1, 9, true},
		"both of them": {manifest.Input{FirstNs: at(5), LastNs: at(8), Covered: &manifest.Covered{FromNs: 1, ToNs: 9}}, 1, 9, true},
	} {
		if first, last, known := c.in.Covers(); first != c.first || last != c.last || known != c.known {
			t.Errorf("%s: %d to %d, %v", name, first, last, known)
		}
	}
}

func TestEncodeRefusesLoss(t *testing.T) {
	m := sample()
	m.Notes = []string{"\xff"}
	if _, err := m.Encode(); err == nil {
		t.Error("a string that JSON cannot hold was changed silently")
	}
	m.Notes = []string{"\ufffd"}
	if _, err := m.Encode(); err != nil {
		t.Errorf("a replacement character of the input's own: %v", err)
	}
	m.Notes = []string{`\ufffd`, `\\ufffd`, `a\\\ufffd\ufffd`}
	data, err := m.Encode()
	if err != nil {
		t.Fatalf("text that looks like one: %v", err)
	}
	if back, err := manifest.Decode(data); err != nil || !reflect.DeepEqual(back.Notes, m.Notes) {
		t.Errorf("%q comes back as %q, %v", m.Notes, back.Notes, err)
	}
	m.Notes = []string{`\ufffd`, "\\\xff"}
	if _, err := m.Encode(); err == nil {
		t.Error("behind such text a string that JSON cannot hold was changed silently")
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct{ raw, shown, hex string }{
		{"captures/a b.pcap", "captures/a b.pcap", ""},
		{`C:\caps\new.pcap`, `C:\caps\new.pcap`, ""},
		{"東京.pcap", "東京.pcap", ""},
		{"-", "-", ""},
		{"a\nb", `a\nb`, "610a62"},
		{`a\nb`, `a\nb`, ""},
		{"\x1b\\", `\x1b\\`, "1b5c"},
		{"\xff", `\xff`, "ff"},
	} {
		shown, hex := manifest.EncodePath(c.raw)
		if shown != c.shown || hex != c.hex {
			t.Errorf("EncodePath(%q) = %q, %q, want %q, %q", c.raw, shown, hex, c.shown, c.hex)
		}
	}
}

func TestPathsAreLossless(t *testing.T) {
	const alphabet = "ab\\nx1{}\x1b\n\xff\xe6\x9d\xb1\x00"
	r := rand.New(rand.NewPCG(1, 2))
	names := sinktest.HostileStrings()
	for range 2000 {
		b := make([]byte, r.IntN(20))
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		names = append(names, string(b))
	}
	for _, name := range names {
		shown, hex := manifest.EncodePath(name)
		if back, err := manifest.DecodePath(shown, hex); err != nil || back != name || !utf8.ValidString(shown) || strings.ContainsAny(shown, "\x1b\n\x00") {
			t.Errorf("%q is stored as %q, %q and comes back as %q, %v", name, shown, hex, back, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, sample()))
	f.Add([]byte(`{"schema_version":2,` + "\n" + `  "manifest_sha256": "","x":[[{}]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := manifest.Decode(data)
		if err != nil {
			return
		}
		if _, err := m.Encode(); err != nil {
			t.Errorf("what was accepted cannot be written: %v", err)
		}
	})
}
