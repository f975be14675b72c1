package packet_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/gopacket/layers"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
)

// ours is Walk's result in the terms of a verdict.
func ours(frame []byte, wire uint32, link packet.LinkType) (verdict, packet.View) {
	var w packet.Walker
	var v packet.View
	out := w.Walk(frame, wire, link, &v)
	if out != packet.InFlow {
		return verdict{Outcome: out}, v
	}
	var tags, labels []uint32
	packet.LinkTags(frame, &v, func(id uint16) { tags = append(tags, uint32(id)) }, func(l uint32) { labels = append(labels, l) })
	return verdict{
		Outcome: out, Version: v.Version, Src: address(v.Src, v.Version), Dst: address(v.Dst, v.Version),
		Protocol: v.Protocol, SrcPort: v.SrcPort, DstPort: v.DstPort, ICMPType: v.ICMPType, Code: v.ICMPCode,
		TTL: v.TTL, TOS: v.TOS, Flags: v.TCPFlags, Window: v.Window, Seq: v.Seq, Ack: v.Ack,
		IPLen: v.IPLen, PayloadLen: v.PayloadLen, PayloadCap: v.PayloadCap,
		L3: int(v.L3), L4: int(v.L4), Payload: int(v.L4) + int(v.L4Len),
		First: v.Quality&packet.FirstFragment != 0, Later: v.Quality&packet.LaterFragment != 0,
		VLANs: fmt.Sprint(tags), Labels: fmt.Sprint(labels),
	}, v
}

func address(a packet.Addr, version uint8) string {
	ip := netip.AddrFrom16(a)
	if version == 4 {
		return ip.Unmap().String()
	}
	return ip.String()
}

// differing names the fields in which two verdicts differ.
func differing(a, b verdict) string {
	var names []string
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if x.Field(i).Interface() != y.Field(i).Interface() {
			names = append(names, x.Type().Field(i).Name)
		}
	}
	return strings.Join(names, " ")
}

// eachPacket calls f for every packet of a capture.
func eachPacket(t testing.TB, path string, f func(n int, frame []byte, wire uint32, link packet.LinkType)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := decompress.Open(file, decompress.DefaultConfig())
	if err != nil {
		return // not a capture that can be read
	}
	defer plain.Close()
	r, err := capfile.NewReader(plain, capfile.DefaultConfig())
	if err != nil {
		return
	}
	b := &packet.Block{}
	for n := 0; err == nil; {
		b.Reset()
		err = r.Fill(b)
		for _, rec := range b.Records {
			n++
			frame := b.Data[rec.Offset : rec.Offset+rec.CapLen : rec.Offset+rec.CapLen]
			f(n, frame, rec.WireLen, r.Interfaces()[rec.Interface].Link)
		}
	}
}

// sharedCaptures returns the reference captures, or some of them spread over all
// folders where the long sweep is not asked for.
func sharedCaptures(t testing.TB, sample int) (root string, files []string) {
	t.Helper()
	root = filepath.Join(sharedtest.Dir(t), "captures")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.Contains(path, "cap") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(files)
	if sharedtest.Accept() || len(files) <= sample {
		return root, files
	}
	var some []string
	for i := range sample {
		some = append(some, files[i*len(files)/sample])
	}
	return root, some
}

// disagreement is one frame on which the walk and gopacket differ.
type disagreement struct {
	frame     []byte
	wire      uint32
	view      packet.View
	got, want verdict
	oracle    *oracle
	fields    string // that differ
}

// compareFrame returns nil where both agree.
func compareFrame(frame []byte, wire uint32, link packet.LinkType) *disagreement {
	d := &disagreement{frame: frame, wire: wire, oracle: ask(frame, link)}
	d.want = d.oracle.verdict(max(wire, uint32(len(frame))))
	d.got, d.view = ours(frame, wire, link)
	if d.fields = differing(d.got, d.want); d.fields == "" {
		return nil
	}
	return d
}

func (d *disagreement) failed(texts ...string) bool {
	for _, text := range texts {
		if d.oracle.err != nil && strings.Contains(d.oracle.err.Error(), text) {
			return true
		}
	}
	return false
}

// beyondGopacket reports whether the last header that gopacket decoded is
// followed by one that only the walk knows.
func (d *disagreement) beyondGopacket() bool {
	switch l := d.oracle.last().(type) {
	case *layers.LLC:
		return bytes.HasPrefix(l.Contents, []byte{6, 6, 3}) || bytes.HasPrefix(l.Contents, []byte{0xfe, 0xfe, 3})
	case *layers.Ethernet:
		return slices.Contains(etherBeyond, l.EthernetType)
	case *layers.Dot1Q:
		return slices.Contains(etherBeyond, l.Type) || l.Type <= 1500
	case *layers.SNAP:
		return slices.Contains(etherBeyond, l.Type)
	}
	return false
}

// etherBeyond are the EtherTypes that lead on to IP in the walk and not in gopacket.
var etherBeyond = []layers.EthernetType{
	0x9100, 0x9200, // VLAN tags
	0x22f3, 0x8870, 0x8899, 0x88e5, 0x88e7, 0x8903, 0x8909, 0x8926, 0x892f, 0x894f, // docs/links.md
}

// isl reports whether the frame begins with a header of Cisco's ISL: to one of two
// groups, and with LLC behind what gopacket takes for a length or an EtherType.
func (d *disagreement) isl() bool {
	f := d.frame
	group := bytes.HasPrefix(f, []byte{1, 0, 0xc, 0, 0}) || bytes.HasPrefix(f, []byte{3, 0, 0xc, 0, 0})
	return group && len(f) >= 17 && bytes.Equal(f[14:17], []byte{0xaa, 0xaa, 3})
}

// pseudowire reports whether the label stack may carry an Ethernet frame, with or
// without a control word: bytes where its EtherType would stand are one that leads
// on to IP, or ARP, or a length with LLC behind it.
func (d *disagreement) pseudowire() bool {
	for _, l := range d.oracle.layers {
		m, ok := l.(*layers.MPLS)
		if !ok || !m.StackBottom {
			continue
		}
		p := m.LayerPayload()
		if etherAt(p, 12) || len(p) > 0 && p[0]>>4 == 0 && etherAt(p, 16) {
			return true
		}
	}
	return false
}

// etherAt reports whether the EtherType at off is one that the walk takes for a
// sign of an Ethernet frame.
func etherAt(p []byte, off int) bool {
	if len(p) < off+2 {
		return false
	}
	switch t := binary.BigEndian.Uint16(p[off:]); t {
	case 0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 0x9100, 0x9200, 0x8847, 0x8848, 0x8864:
		return true
	case 0x22f3, 0x8870, 0x8899, 0x88e5, 0x88e7, 0x8903, 0x8909, 0x8926, 0x892f, 0x894f: // tags that it steps over
		return true
	default:
		return t <= 1500 && len(p) >= off+5 && p[off+2] == p[off+3] && p[off+4] == 3
	}
}

// oddSNAP reports whether gopacket decoded SNAP that is not of EtherTypes.
func (d *disagreement) oddSNAP() bool {
	for i, l := range d.oracle.layers {
		snap, ok := l.(*layers.SNAP)
		if !ok {
			continue
		}
		llc := d.oracle.layers[i-1].LayerContents()
		plain := bytes.Equal(llc, []byte{0xaa, 0xaa, 3})
		known := bytes.Equal(snap.OrganizationalCode, []byte{0, 0, 0}) || bytes.Equal(snap.OrganizationalCode, []byte{0, 0, 0xf8})
		if !plain || !known || snap.Type <= 1500 {
			return true
		}
	}
	return false
}

// reasons are the classes of disagreement, the first that applies counting. In
// each of them gopacket is wrong, does less, or the walk has a stated rule.
var reasons = []struct {
	text string
	when func(d *disagreement) bool
}{
	{"gopacket panics: SLL address length above 8, MPLS without payload, PPPoE length, AH below 12 bytes", func(d *disagreement) bool {
		return errors.Is(d.oracle.err, errOraclePanic)
	}},
	{"gopacket gives up at a bad IPv4 option, which hides nothing from the walk", func(d *disagreement) bool {
		return d.failed("ip4 option", "IP option") && d.got.Outcome != packet.MalformedL2
	}},
	{"IPv6 length 0 without a jumbo option is segmentation offload to the walk, an error to gopacket", func(d *disagreement) bool {
		return d.failed("IPv6 length 0")
	}},
	{"gopacket truncates an offloaded IPv4 length to 16 bits and takes the captured for the wire length", func(d *disagreement) bool {
		return d.view.Version == 4 && d.frame[d.view.L3+2]|d.frame[d.view.L3+3] == 0
	}},
	{"gopacket's IPv6 layer does not carry the jumbo length", func(d *disagreement) bool {
		return d.view.Version == 6 && d.frame[d.view.L3+4]|d.frame[d.view.L3+5] == 0
	}},
	{"gopacket knows no routing header but type 0", func(d *disagreement) bool {
		return d.failed("Unknown IPv6 routing header type")
	}},
	{"a transport header cut by the capture or a first fragment's end is an error to gopacket", func(d *disagreement) bool {
		return d.view.Quality&packet.TruncatedL4 != 0 && d.got.Outcome == packet.InFlow
	}},
	{"MPLS over anything but IP is no IP to the walk, an error to gopacket", func(d *disagreement) bool {
		return d.failed("Unable to guess protocol") && (d.got.Outcome == packet.NonIP || d.got.Outcome == packet.MalformedL3)
	}},
	{"gopacket holds LLC to an 802.3 length that is too small for it", func(d *disagreement) bool {
		return d.failed("LLC header too small", "SNAP header too small") && (d.got.Outcome == packet.NonIP || d.got.Outcome == packet.MalformedL2)
	}},
	{"BSD address families above 255 are EtherTypes or no IP to the walk, an error to gopacket", func(d *disagreement) bool {
		return d.failed("Invalid loopback protocol")
	}},
	{"an ICMP message of four to seven bytes is an error to gopacket", func(d *disagreement) bool {
		return d.failed("ICMP layer less then 8 bytes") && d.got.Outcome == packet.InFlow && d.view.L4Len >= 4
	}},
	{"gopacket gives up at bad options in IPv6 extension headers, which hide nothing from the walk", func(d *disagreement) bool {
		return d.failed("IPv6 header TLV option", "IPv6 header option", "Jumbo", "jumbo", "Invalid IPv6 source routing")
	}},
	{"an authentication header that cannot be stepped over is protocol 51 to the walk, an error to gopacket", func(d *disagreement) bool {
		return d.failed("AH packet") && (d.got.Outcome != packet.InFlow || d.got.Protocol == 51)
	}},
	{"PPP with an undefined protocol is no IP to the walk, an error to gopacket", func(d *disagreement) bool {
		return d.failed("PPP has invalid type") && d.got.Outcome == packet.NonIP
	}},
	{"the walk does not look at the PPPoE code", func(d *disagreement) bool {
		l, ok := d.oracle.last().(*layers.PPPoE)
		return ok && l.Code != layers.PPPoECodeSession && d.want.Outcome == packet.NonIP
	}},
	{"the walk goes by the IP length, gopacket also by the PPPoE length", func(d *disagreement) bool {
		l := d.oracle.pppoe()
		return l != nil && d.oracle.at(l.LayerContents())+6+int(l.Length) < len(d.frame)
	}},
	{"gopacket stops at mobility, HIP and shim6 headers", func(d *disagreement) bool {
		return d.want.Version == 6 && (d.want.Protocol == 135 || d.want.Protocol == 139 || d.want.Protocol == 140)
	}},
	{"gopacket has no limit of IPv6 extension headers", func(d *disagreement) bool {
		return d.got.Outcome == packet.MalformedL3 && d.oracle.extensions() > 32
	}},
	{"gopacket knows neither IP over LLC without SNAP nor some of the headers that may stand between Ethernet and IP", func(d *disagreement) bool {
		return d.want.Outcome == packet.NonIP && d.oracle.err == nil && d.got.Outcome != packet.NonIP && d.beyondGopacket()
	}},
	{"gopacket takes LLC group and response bits, control fields and SNAP organisations of any value for SNAP with an EtherType", func(d *disagreement) bool {
		return d.got.Outcome == packet.NonIP && d.oddSNAP()
	}},
	{"gopacket takes EtherTypes 1501 to 1535, which are undefined, for lengths", func(d *disagreement) bool {
		t := binary.BigEndian.Uint16(d.frame[12:])
		return d.got.Outcome == packet.NonIP && t > 1500 && t < 1536
	}},
	{"the walk goes by the IP length, gopacket also by the 802.3 length", func(d *disagreement) bool {
		t := int(binary.BigEndian.Uint16(d.frame[12:]))
		return t <= 1500 && t+14 < len(d.frame)
	}},
	{"gopacket knows no inter-switch link header", func(d *disagreement) bool { return d.isl() }},
	{"gopacket knows no Ethernet behind MPLS labels", func(d *disagreement) bool { return d.pseudowire() }},
	{"gopacket has no limit of tags", func(d *disagreement) bool {
		vlans, labels := d.oracle.tags()
		return d.got.Outcome == packet.MalformedL2 && (len(strings.Fields(vlans)) > 16 || len(strings.Fields(labels)) > 16)
	}},
}

// explain returns why the frame may differ, or nothing.
func (d *disagreement) explain() string {
	for _, r := range reasons {
		if r.when(d) {
			return r.text
		}
	}
	return ""
}

func (d *disagreement) String() string {
	return fmt.Sprintf("%s differ (gopacket: %v)\n got %+v\nwant %+v\n% x", d.fields, d.oracle.err, d.got, d.want, d.frame[:min(len(d.frame), 160)])
}

// TestAgainstGopacket compares every packet with gopacket's decoders.
func TestAgainstGopacket(t *testing.T) {
	root, files := sharedCaptures(t, 80)
	counts := map[string]int{}
	for _, path := range files {
		name, _ := filepath.Rel(root, path)
		eachPacket(t, path, func(n int, frame []byte, wire uint32, link packet.LinkType) {
			if _, ok := oracleLinks[link]; !ok {
				return
			}
			d := compareFrame(frame, wire, link)
			if d == nil {
				counts["agree"]++
				return
			}
			reason := d.explain()
			if reason == "" {
				t.Errorf("%s packet %d: %v", name, n, d)
			}
			counts[reason]++
		})
	}
	for reason, n := range counts {
		t.Logf("%8d %s", n, reason)
	}
}
