package job_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/job"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/manifest/manifesttest"
	"pcapmill/outputs/verify"
)

// troubled is a packet of the capture of errors.
type troubled struct {
	face    int
	at      packet.Nanos
	wire    int // 0: as long as frame
	frame   []byte
	want    string // its rows in the errors table
	unknown bool   // it is in unknown.pcapng
}

const second = packet.Nanos(1e9)

// troubledFaces are the interfaces of the capture: one has a link type that nobody knows,
// one a time resolution that cannot be used.
func troubledFaces() []capfile.InterfaceConfig {
	faces := []capfile.InterfaceConfig{
		capfile.DefaultInterface(packet.LinkEthernet), capfile.DefaultInterface(packet.LinkRaw),
		capfile.DefaultInterface(147), capfile.DefaultInterface(189),
	}
	faces[0].Name, faces[0].SnapLen = "uplink0", 1600
	faces[1].Name, faces[1].SnapLen = "tun0", 0
	faces[2].FCSBytes = 4
	return faces
}

// troubledPackets have every outcome that is an error, with the rows that they come to.
func troubledPackets() []troubled {
	a, b := netip.MustParseAddrPort("192.0.2.1:4000"), netip.MustParseAddrPort("198.51.100.2:5000")
	six, seven := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	good := func(port uint16) []byte {
		return traffic.UDP(netip.AddrPortFrom(a.Addr(), port), b, []byte("hello"))
	}
	with := func(frame []byte, at int, v ...byte) []byte {
		frame = bytes.Clone(frame)
		copy(frame[at:], v)
		return frame
	}
	piece := func(id uint16, from, size int, more bool) []byte {
		return traffic.IP(a.Addr(), b.Addr(), packet.ProtoUDP, make([]byte, size), traffic.Ident(id), traffic.Fragmented(traffic.Fragment{Offset: from, More: more, ID: uint32(id)}))
	}
	piece6 := func(from, size int, fill byte) []byte {
		return traffic.IP(six, seven, packet.ProtoUDP, bytes.Repeat([]byte{fill}, size), traffic.Fragmented(traffic.Fragment{Offset: from, More: true, ID: 77}))
	}
	dns := func(message string) []byte {
		return traffic.UDP(a, netip.MustParseAddrPort("192.0.2.53:53"), []byte(message))
	}
	inner := good(9)[14:]
	gre := traffic.IP(a.Addr(), b.Addr(), 47, append([]byte{0, 0, 8, 0}, with(inner, 0, 0x44)...))
	badUDP := with(make([]byte, 24), 4, 0, 7)
	list := []troubled{
		{frame: good(1), unknown: true},
		{frame: good(1)[:10], want: "l2 malformed_l2 short_header 0"},
		{frame: traffic.ARP(1, traffic.MAC{2}, a.Addr(), traffic.MAC{}, b.Addr()), unknown: true},
		{face: 1, frame: with(good(2)[14:], 0, 0x75), want: "l3 malformed_l3 ip_version 0"},
		{frame: piece(1, 16, 16, true), want: "fragment fragment_unresolved fragments_expired 14"},
		{frame: with(good(3), 38, 0, 7), want: "l4 malformed_l4 udp_length 34"},
		{at: second, frame: good(4)[:30], wire: 300, want: "l3 malformed_l3 cut_header 14"},
		{frame: piece(2, 8, 4, true), want: "fragment malformed_l3 fragment_length 14"},
		{frame: piece6(8, 16, 1), want: "fragment fragment_unresolved fragments_overlap 14"},
		{frame: piece6(16, 16, 2), want: "fragment fragment_unresolved fragments_overlap 14"},
		{frame: gre, want: "l3 malformed_l3 header_length 38 depth 1", unknown: true},
		{face: 2, frame: []byte("some frame"), want: "l2 unsupported_link unknown_type 0"},
		{face: 3, frame: []byte("a URB of USB"), unknown: true},
		{frame: dns("\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x01\x00"), want: "dns in_flow cut_message 54"},
		{frame: dns("\x00\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01")},
		{frame: with(traffic.IP(a.Addr(), b.Addr(), packet.ProtoUDP, badUDP[:16], traffic.Fragmented(traffic.Fragment{More: true, ID: 5}), traffic.Ident(5)), 0), want: "l4 malformed_l4 udp_length 34"},
		{at: 31 * second, frame: good(6), unknown: true},
		{frame: with(good(7), 16, 0, 10), want: "l3 malformed_l3 total_length 14"},
		{at: 70 * second, frame: good(8), unknown: true},
		{frame: piece(9, 24, 8, false), want: "fragment fragment_unresolved fragments_unfinished 14"},
	}
	at := packet.Nanos(1_700_000_000) * second
	for i := range list {
		p := &list[i]
		if p.at += at; i > 0 {
			p.at = max(p.at, list[i-1].at)
		}
		if p.wire == 0 {
			p.wire = len(p.frame)
		}
	}
	return list
}

// writeTroubled writes packets, with all interfaces, into a capture.
func writeTroubled(t *testing.T, list []troubled) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := capfile.NewPcapngWriter(&b, capfile.PcapngConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for _, face := range troubledFaces() {
		if _, err := w.AddInterface(face); err != nil {
			t.Fatal(err)
		}
	}
	for i := range list {
		if err := w.WritePacket(list[i].face, list[i].at, uint32(list[i].wire), list[i].frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// troubledRun runs over the capture in files that begin at the given packets.
func troubledRun(t *testing.T, list []troubled, workers int, cuts ...int) (string, job.Report) {
	t.Helper()
	files, names := map[string][]byte{}, []string(nil)
	for i, from := range append([]int{0}, cuts...) {
		to := len(list)
		if i < len(cuts) {
			to = cuts[i]
		}
		name := fmt.Sprintf("part%02d", i)
		files[name], names = writeTroubled(t, list[from:to]), append(names, name)
	}
	o := options(t, files, names...)
	o.Format, o.Stages.Workers, o.Stages.SaveErrors, o.Stages.Unknown = job.FormatJSONL, workers, true, true
	r, err := job.Run(context.Background(), o, job.IO{})
	if err != nil || r.Exit != job.ExitOK {
		t.Fatalf("exit %d, %v, %+v", r.Exit, err, r.Checks)
	}
	return o.Out, r
}

// errorRow is a row of the errors table.
type errorRow struct {
	Index     int    `json:"packet_index"`
	TimeNs    int64  `json:"time_ns"`
	Depth     int    `json:"tunnel_depth"`
	Layer     string `json:"layer"`
	Outcome   string `json:"outcome"`
	Reason    string `json:"reason"`
	Offset    *int   `json:"offset"`
	Captured  int    `json:"captured_bytes"`
	Wire      int    `json:"wire_bytes"`
	Interface *int   `json:"interface"`
}

func (r *errorRow) String() string {
	s := fmt.Sprintf("%s %s %s", r.Layer, r.Outcome, r.Reason)
	if r.Offset != nil {
		s += fmt.Sprintf(" %d", *r.Offset)
	}
	if r.Depth > 0 {
		s += fmt.Sprintf(" depth %d", r.Depth)
	}
	return s
}

func errorRows(t *testing.T, out string) []errorRow {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, "errors", "part-00000.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []errorRow
	for dec := json.NewDecoder(bytes.NewReader(data)); ; {
		var r errorRow
		if err := dec.Decode(&r); err == io.EOF {
			return rows
		} else if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
}

// TestErrors: each packet without a flow, each layer in a tunnel and each message that is
// wrong has its row, which says what is; the capture files have the packets and their
// interfaces.
func TestErrors(t *testing.T) {
	list := troubledPackets()
	out, report := troubledRun(t, list, 1)
	got := map[int][]string{}
	for _, r := range errorRows(t, out) {
		p := &list[r.Index-1]
		got[r.Index] = append(got[r.Index], r.String())
		if r.TimeNs != p.at || r.Captured != len(p.frame) || r.Wire != p.wire || r.Interface == nil || *r.Interface != p.face {
			t.Errorf("packet %d: %+v", r.Index, r)
		}
	}
	for i := range list {
		if rows := strings.Join(got[i+1], "; "); rows != list[i].want {
			t.Errorf("packet %d: rows %q, want %q", i+1, rows, list[i].want)
		}
	}
	checkSaved(t, out, "errors.pcapng", list, func(p *troubled) bool { return p.want != "" })
	checkSaved(t, out, "unknown.pcapng", list, func(p *troubled) bool { return p.unknown })
	m := manifesttest.Read(t, out)
	if len(m.Files) != 2 || len(m.Captures) != 2 || len(report.Captures) != 2 || m.Captures[1].LimitBytes != 64<<20 {
		t.Errorf("files %+v, captures %+v", m.Files, m.Captures)
	}
	var rows int64
	for _, c := range m.Errors {
		rows += c.N
	}
	at := slices.IndexFunc(m.Tables, func(t manifest.Table) bool { return t.Name == "errors" })
	if table := m.Tables[at]; table.Rows != rows || rows == 0 {
		t.Errorf("%d errors in the manifest, table %+v", rows, table)
	}
	if v, err := verify.Folder(context.Background(), out, verify.DefaultConfig()); err != nil || !v.OK() {
		t.Errorf("verify: %v, %v", v.Findings, err)
	}
}

// TestSavedFromAnyInterface: an interface that claims a frame check sequence of 37 bytes does
// not end the run where a packet of it is to be saved.
func TestSavedFromAnyInterface(t *testing.T) {
	file := slices.Concat(
		ngBlock(0x0a0d0d0a, ngWords(0x1a2b3c4d, 1, 0xffffffff, 0xffffffff)),
		ngBlock(1, ngWords(1, 0), ngOption(13, "\x25")),
		ngBlock(6, ngWords(0, 0, 0, 4, 4), []byte("cut!")),
	)
	o := options(t, map[string][]byte{"a": file}, "a")
	o.Stages.SaveErrors = true
	r, err := job.Run(context.Background(), o, job.IO{})
	if err != nil || r.Exit != job.ExitOK {
		t.Fatalf("exit %d, %v", r.Exit, err)
	}
	if m := manifesttest.Read(t, o.Out); len(m.Captures) != 1 || m.Captures[0].Packets != 1 {
		t.Errorf("captures %+v", m.Captures)
	}
}

// checkSaved compares a capture file with the packets that belong there.
func checkSaved(t *testing.T, out, name string, list []troubled, in func(*troubled) bool) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, name))
	if err != nil {
		t.Fatal(err)
	}
	r, err := capfile.NewReader(bytes.NewReader(data), capfile.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	var b packet.Block
	for err == nil {
		b.Reset()
		err = r.Fill(&b)
		for i := range b.Records {
			rec, f := &b.Records[i], r.Interfaces()[b.Records[i].Interface]
			got = append(got, fmt.Sprintf("%d %d %s %d %s %d %x", rec.Time, rec.WireLen, f.Link, f.SnapLen, f.Name, f.FCSBytes, b.Data[rec.Offset:][:rec.CapLen]))
		}
	}
	faces := troubledFaces()
	for i := range list {
		if p := &list[i]; in(p) {
			f := faces[p.face]
			want = append(want, fmt.Sprintf("%d %d %s %d %s %d %x", p.at, p.wire, f.Link, f.SnapLen, f.Name, f.FCSBytes, p.frame))
		}
	}
	slices.Sort(got) // fragments come where their datagram was given up
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: has\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestErrorsDoNotDependOnWorkersAndFiles: any number of shards, and the capture cut into
// two files anywhere or into one a packet, give the same rows and the same files.
func TestErrorsDoNotDependOnWorkersAndFiles(t *testing.T) {
	list := troubledPackets()
	digest := func(workers int, cuts ...int) string {
		out, _ := troubledRun(t, list, workers, cuts...)
		var s strings.Builder
		for _, r := range errorRows(t, out) {
			fmt.Fprintf(&s, "%d %s %d %d\n", r.TimeNs, r.String(), r.Captured, r.Wire)
		}
		for _, name := range []string{"errors.pcapng", "unknown.pcapng"} {
			data, err := os.ReadFile(filepath.Join(out, name))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&s, "%x\n", data)
		}
		return s.String()
	}
	want := digest(1)
	var each []int
	for at := 1; at < len(list); at++ {
		each = append(each, at)
		if got := digest(1+at%3, at); got != want {
			t.Errorf("cut at packet %d, %d workers:\n%s\nwant\n%s", at, 1+at%3, got, want)
		}
	}
	for _, workers := range []int{1, 2, 5} {
		if digest(workers) != want || digest(workers, each...) != want {
			t.Errorf("%d workers: other bytes", workers)
		}
	}
}

// TestUnknownIsLimited holds unknown.pcapng to its size, with every packet that is not
// there counted.
func TestUnknownIsLimited(t *testing.T) {
	var list []troubled
	tunnel := &traffic.Tunnel{Kind: packet.TunnelVXLAN, ID: 7, Src: netip.MustParseAddr("203.0.113.1"), Dst: netip.MustParseAddr("203.0.113.2")}
	for i := range 20000 {
		frame := traffic.UDP(netip.MustParseAddrPort("192.0.2.1:4000"), netip.AddrPortFrom(netip.MustParseAddr("198.51.100.2"), uint16(5000+i%2000)), make([]byte, 50+i%7))
		if i%3 == 0 {
			frame = tunnel.Wrap(frame)
		}
		list = append(list, troubled{at: packet.Nanos(i) * second / 100, frame: frame, wire: len(frame)})
	}
	o := options(t, map[string][]byte{"a": writeTroubled(t, list)}, "a")
	o.Stages.Unknown, o.UnknownLimit = true, 1<<16
	var first []byte
	for _, workers := range []int{1, 3} {
		o.Stages.Workers, o.Out = workers, o.Out+"x"
		r, err := job.Run(context.Background(), o, job.IO{})
		if err != nil || r.Exit != job.ExitOK {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(o.Out, "unknown.pcapng"))
		if err != nil {
			t.Fatal(err)
		}
		c := r.Captures[0]
		if len(data) > 1<<16 || len(data) < 1<<16-300 || c.Packets == 0 || c.Packets+c.LeftOutPackets != int64(len(list)) || c.CapturedBytes+c.LeftOutBytes != r.Accounting.Read.CapturedBytes {
			t.Errorf("%d workers: %d bytes, %+v", workers, len(data), c)
		}
		if first == nil {
			first = data
		} else if !bytes.Equal(first, data) {
			t.Errorf("%d workers: other bytes", workers)
		}
	}
}

// TestNoCaptureFilesUnlessAskedFor: by default the folder has tables alone, and the
// errors table is there without a row.
func TestNoCaptureFilesUnlessAskedFor(t *testing.T) {
	o := options(t, map[string][]byte{"a": writeTroubled(t, troubledPackets()[:1])}, "a")
	if _, err := job.Run(context.Background(), o, job.IO{}); err != nil {
		t.Fatal(err)
	}
	m := manifesttest.Read(t, o.Out)
	if len(m.Files) != 0 || len(m.Captures) != 0 || len(m.Errors) != 0 {
		t.Errorf("files %v, captures %v, errors %v", m.Files, m.Captures, m.Errors)
	}
	if i := slices.IndexFunc(m.Tables, func(t manifest.Table) bool { return t.Name == "errors" }); i < 0 || m.Tables[i].Rows != 0 || len(m.Tables[i].Parts) != 1 {
		t.Errorf("tables %+v", m.Tables)
	}
}
