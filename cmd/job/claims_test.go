package job_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/manifest/manifesttest"
	"pcapmill/outputs/verify"
)

// ngBlock returns a pcapng block, little-endian.
func ngBlock(kind uint32, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	b = append(b, make([]byte, -len(b)&3)...)
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(b)+12))
	return slices.Concat(binary.LittleEndian.AppendUint32(nil, kind), length, b, length)
}

func ngWords(words ...uint32) []byte {
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func ngOption(code uint16, value string) []byte {
	b := binary.LittleEndian.AppendUint16(nil, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return append(append(b, value...), make([]byte, -len(value)&3)...)
}

// canary stands for a secret: it may be in no output.
const canary = "CANARY-9f1c-secret"

// udp is an Ethernet frame with a UDP datagram without payload.
var udp = []byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00" +
	"\x45\x00\x00\x1c\x00\x01\x00\x00\x40\x11\x00\x00\xc0\x00\x02\x01\xc0\x00\x02\x02\x04\xd2\x00\x35\x00\x08\x00\x00")

// talkative is a capture that says a lot of itself.
func talkative() []byte {
	packet := slices.Concat(udp, make([]byte, -len(udp)&3))
	n := uint32(len(udp))
	return slices.Concat(
		ngBlock(0x0a0d0d0a, ngWords(0x1a2b3c4d, 1, 0xffffffff, 0xffffffff), ngOption(1, "evil \x1b[31mcomment"), ngOption(4, "dumpcap")),
		ngBlock(1, ngWords(1, 0), ngOption(2, "eth0"), ngOption(1, `tap \ufffd 7`), ngOption(11, "\x00udp")),
		ngBlock(10, ngWords(0x544c534b, 18), []byte("CLIENT_RANDOM "+canary)),
		ngBlock(0x0bad, ngWords(4711), []byte(canary)),
		ngBlock(4, ngOption(1, "\xc0\x00\x02\x01host.example\x00=cmd|calc\x00"), ngOption(2, "\x20\x01\x0d\xb8"+strings.Repeat("\x00", 11)+"\x01six\x00"), ngOption(0, "")),
		ngBlock(6, ngWords(0, 400_000, 1, n, n), packet, ngOption(1, "host1,benign")),
		ngBlock(6, ngWords(0, 400_000, 2, n, n), packet),
		ngBlock(10, ngWords(0x544c534b, 18), []byte(canary)),
		ngBlock(5, ngWords(0, 0, 0), ngOption(4, "\x64\x00\x00\x00\x00\x00\x00\x00"), ngOption(5, "\x03\x00\x00\x00\x00\x00\x00\x00"),
			ngOption(6, "\x61\x00\x00\x00\x00\x00\x00\x00"), ngOption(7, "\x02\x00\x00\x00\x00\x00\x00\x00")),
	)
}

func verified(t *testing.T, dir string) {
	t.Helper()
	report, err := verify.Folder(context.Background(), dir, verify.DefaultConfig())
	if err != nil || !report.OK() {
		t.Errorf("verify: %v, %v", err, report.Findings)
	}
}

// TestClaims finds what captures say of themselves in the manifest and in
// names.jsonl, escaped, and their secrets nowhere.
func TestClaims(t *testing.T) {
	for _, format := range job.Formats() {
		o := options(t, map[string][]byte{"a.pcapng": talkative(), "b.pcapng": talkative(), "c.pcap": demo(t)}, "a.pcapng", "c.pcap", "b.pcapng")
		o.Format = format
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil || r.Exit != job.ExitOK || len(r.Checks) != 0 {
			t.Fatalf("%s: exit %d, %v, %v", format, r.Exit, err, r.Checks)
		}
		m := manifesttest.Read(t, o.Out)
		in := m.Inputs[0]
		if s := in.Sections; len(s) != 1 || s[0].Application != "dumpcap" || len(s[0].Comments) != 1 || s[0].Comments[0] != `evil \x1b[31mcomment` {
			t.Errorf("sections %+v", s)
		}
		f := in.Interfaces[0]
		if f.Filter != "udp" || len(f.Comments) != 1 || f.Comments[0] != `tap \\ufffd 7` || f.Delivered != nil ||
			*f.Received != 100 || *f.Dropped != 3 || *f.Accepted != 97 || *f.OSDropped != 2 {
			t.Errorf("interface %+v", f)
		}
		if in.Comments != 1 || in.Names != 3 || in.Outcome != manifest.CompleteWithNotes {
			t.Errorf("input %+v", in)
		}
		names, err := os.ReadFile(filepath.Join(o.Out, job.NamesFile))
		want := `{"address":"192.0.2.1","name":"=cmd|calc","input":0}` + "\n" +
			`{"address":"192.0.2.1","name":"host.example","input":0}` + "\n" + `{"address":"2001:db8::1","name":"six","input":0}` + "\n"
		files := 1
		if format == job.FormatSQLite {
			files++ // the tables
		}
		if err != nil || string(names) != want || len(m.Files) != files {
			t.Errorf("%v, names:\n%s", err, names)
		}
		verified(t, o.Out)
		noCanary(t, o.Out)
	}
}

func noCanary(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(canary)) {
			t.Errorf("%s holds the secret", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestSalvage keeps what is behind damage, says what was lost, and stays partial.
func TestSalvage(t *testing.T) {
	whole := demo(t)
	damaged := bytes.Clone(whole)
	copy(damaged[len(damaged)/2:], bytes.Repeat([]byte{0xff}, 4000))
	run := func(data []byte, salvage bool) (job.Report, *manifest.Manifest) {
		o := options(t, map[string][]byte{"a": data}, "a")
		o.Input.Capfile.Salvage = salvage
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil {
			t.Fatal(err)
		}
		verified(t, o.Out)
		return r, manifesttest.Read(t, o.Out)
	}
	all, _ := run(whole, true)
	first, plain := run(damaged, false)
	most, m := run(damaged, true)
	a, b, c := first.Accounting.Read.Packets, most.Accounting.Read.Packets, all.Accounting.Read.Packets
	if first.Exit != job.ExitPartial || most.Exit != job.ExitPartial || all.Exit != job.ExitOK || a >= b || b >= c || c-b > 50 {
		t.Errorf("%d packets before the damage, %d with salvage, %d in all; exits %d, %d, %d", a, b, c, first.Exit, most.Exit, all.Exit)
	}
	in := m.Inputs[0]
	lost := m.Accounting.StreamBy.Get("lost")
	if in.LostRanges != 1 || len(in.Lost) != 1 || in.Lost[0].Bytes != lost || lost < 4000 || lost > 12_000 || in.Reason != in.Lost[0].Reason {
		t.Errorf("input %+v", in)
	}
	if plain.Accounting.StreamBy.Get("lost") != 0 || plain.Accounting.StreamBy.Get("trailing") == 0 {
		t.Errorf("without salvage %v", plain.Accounting.StreamBy)
	}
	if m.PlanID == plain.PlanID || m.Accounting.StreamBytes != int64(len(whole)) {
		t.Errorf("plan %s, %d bytes", m.PlanID, m.Accounting.StreamBytes)
	}
}

// TestStreamBooks balances for every way in which an input can end.
func TestStreamBooks(t *testing.T) {
	whole := demo(t)
	for name, test := range map[string]struct {
		data    []byte
		packets int64
		stream  int64
		exit    int
	}{
		"complete": {whole, 0, int64(len(whole)), job.ExitOK},
		"cut":      {whole[:len(whole)-7], 0, int64(len(whole) - 7), job.ExitPartial},
		"stopped":  {whole, 10, int64(len(whole)), job.ExitOK},
		"text":     {[]byte("hello, world\n"), 0, 13, job.ExitRejected},
		"empty":    {nil, 0, 0, job.ExitRejected},
	} {
		o := options(t, map[string][]byte{"a": test.data}, "a")
		o.Stages.Packets = test.packets
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil || r.Exit != test.exit {
			t.Errorf("%s: exit %d, %v", name, r.Exit, err)
			continue
		}
		m := manifesttest.Read(t, o.Out)
		a := m.Inputs[0].Accounting
		if a.StreamBytes != test.stream || a.StreamBy.Sum() != test.stream || m.Accounting.StreamBytes != test.stream {
			t.Errorf("%s: %d bytes, by kind %v", name, a.StreamBytes, a.StreamBy)
		}
		verified(t, o.Out)
	}
}

// TestClaimsBounded has more texts, or names of interfaces, in many inputs than the manifest has
// room for.
func TestClaimsBounded(t *testing.T) {
	const most = "\x01" // four bytes each when escaped
	head := ngWords(0x1a2b3c4d, 1, 0xffffffff, 0xffffffff)
	for note, file := range map[string][]byte{
		"texts: 250 more":       ngBlock(0x0a0d0d0a, head, bytes.Repeat(ngOption(1, strings.Repeat(most, 1000)), 250)),
		"interfaces: 1024 more": slices.Concat(ngBlock(0x0a0d0d0a, head), bytes.Repeat(ngBlock(1, ngWords(1, 0), ngOption(2, strings.Repeat(most, 256))), 1024)),
	} {
		claimsBounded(t, note, file)
	}
}

func claimsBounded(t *testing.T, note string, file []byte) {
	t.Helper()
	inputs, names := map[string][]byte{}, []string{}
	for i := range 30 {
		name := string(rune('a'+i%26)) + string(rune('a'+i/26))
		inputs[name], names = file, append(names, name)
	}
	o := options(t, inputs, names...)
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(o.Out, manifest.Name))
	if err != nil || info.Size() > 20<<20 {
		t.Errorf("manifest of %d bytes, %v", info.Size(), err)
	}
	m := manifesttest.Read(t, o.Out)
	if notes := m.Inputs[29].Notes; !slices.Contains(notes, note) {
		t.Errorf("notes %q, without %q", notes, note)
	}
	verified(t, o.Out)
}
