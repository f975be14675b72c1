package packet_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// TestLinkFrames decodes an IP packet behind each link type and form.
func TestLinkFrames(t *testing.T) {
	for n, l := range linkFrames() {
		for _, version := range []int{4, 6} {
			if l.only != 0 && l.only != version {
				continue
			}
			t.Run(fmt.Sprintf("%s/IPv%d", l.name, version), func(t *testing.T) {
				frame := l.frame(inner(n, version))
				block, v, out := walkInBlock(frame, l.link)
				if out != packet.InFlow {
					t.Fatal(out)
				}
				if want := len(l.head(version)); int(v.L3) != want || int(v.SrcPort) != 20000+n || int(v.Version) != version || v.Quality != 0 || v.PayloadLen != 5 {
					t.Errorf("%+v, want IP at %d", v, want)
				}
				dst, src, ok := block.MACs(&v)
				if l.name == "ISL" {
					return // its own destination is that of all its frames
				}
				if ok != l.macs || ok != (v.Link&packet.LinkHasMAC != 0) || ok && (!bytes.Equal(dst[:], dstMAC) || !bytes.Equal(src[:], srcMAC)) {
					t.Errorf("addresses %x, %x, %v", dst, src, ok)
				}
				if got := tagText(frame, &v); got != l.tags && (l.tags != "" || got != "[] []") {
					t.Errorf("tags %s, want %s", got, l.tags)
				}
			})
		}
	}
}

// walkInBlock walks a frame that stands in a block.
func walkInBlock(frame []byte, link packet.LinkType) (*packet.Block, packet.View, packet.Outcome) {
	b := &packet.Block{FirstOrdinal: 40, Interfaces: []packet.Interface{{Link: 147}, {Link: link}}}
	b.Data = append(b.Data, "before"...)
	b.Records = []packet.Record{{}, {Offset: 6, CapLen: uint32(len(frame)), WireLen: uint32(len(frame)), Interface: 1}}
	b.Data = append(append(b.Data, frame...), "behind"...)
	v := packet.View{Ordinal: 41, Offset: 6}
	var w packet.Walker
	out := w.Walk(b.Data[6:6+len(frame)], uint32(len(frame)), link, &v)
	return b, v, out
}

// tagText writes the VLAN identifiers and labels of a frame.
func tagText(frame []byte, v *packet.View) string {
	vlans, labels := []uint16{}, []uint32{}
	packet.LinkTags(frame, v, func(id uint16) { vlans = append(vlans, id) }, func(l uint32) { labels = append(labels, l) })
	return fmt.Sprint(vlans, labels)
}

// beyondTshark are the frames in which tshark 4.0 finds no IP packet.
var beyondTshark = []string{"pppd in", "pppd out", "Cisco HDLC with direction", "MPLS", "frame relay with direction", "multilink frame relay", "classical IP SNAP", "SLIP", "IPNET", "NFLOG big-endian", "InfiniBand", "InfiniBand raw", "netANALYZER", "netANALYZER transparent", "Broadcom tag", "Broadcom tag before", "DSA untagged", "DSA tagged", "EDSA", "Realtek 4", "Realtek 8", "Juniper without link", "Juniper PPPoE over ATM", "Juniper GGSN", "Juniper services", "Juniper monitor", "Juniper MFR link", "Juniper MFR, AS", "Juniper ES"}

// beyondTcpdump are the frames in which tcpdump 4.99 finds no IP packet, and
// beyondTcpdump6 those in which it looks for IPv4 only.
var (
	beyondTcpdump  = []string{"PPP with direction", "Cisco HDLC with direction", "MPLS", "frame relay with direction", "NFLOG big-endian", "InfiniBand", "802.11 QoS, HT control", "cooked frame relay", "cooked PPP", "ISL", "VN-Tag", "HSR", "802.1ah", "CMD", "FabricPath", "TRILL", "Realtek 4", "Realtek 8", "ERF Ethernet", "ERF Ethernet, extension", "ERF HDLC", "ERF HDLC, hash", "ERF HDLC, channels", "ERF HDLC, channels, color", "ERF IP"}
	beyondTcpdump6 = []string{"classical IP alone", "InfiniBand raw", "Juniper ES"}
)

// TestLinkFramesAgainstTshark lets tshark decode the same frames: those that it
// can decode must lead it to the same packet and addresses.
func TestLinkFramesAgainstTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil || testing.Short() {
		t.Skip("no tshark")
	}
	var b bytes.Buffer
	w, err := capfile.NewPcapngWriter(&b, capfile.PcapngConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	frames := linkFrames()
	var of []int
	for n, l := range frames {
		for _, version := range []int{4, 6} {
			if l.only != 0 && l.only != version {
				continue
			}
			id, err := w.AddInterface(capfile.DefaultInterface(l.link))
			if err != nil {
				t.Fatal(err)
			}
			frame := l.frame(inner(n, version))
			if err := w.WritePacket(id, int64(len(names)), uint32(len(frame)), frame); err != nil {
				t.Fatal(err)
			}
			names, of = append(names, fmt.Sprintf("%s/IPv%d", l.name, version)), append(of, n)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "links.pcapng")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(tshark, "-n", "-r", path, "-T", "fields", "-e", "udp.srcport", "-E", "occurrence=l").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if len(lines) != len(names) {
		t.Fatalf("%d lines for %d frames", len(lines), len(names))
	}
	for i, line := range lines {
		found := line == strconv.Itoa(20000+of[i])
		if found == slices.Contains(beyondTshark, frames[of[i]].name) {
			t.Errorf("%s: tshark says %q", names[i], line)
		}
	}
}

// TestLinkFramesAgainstTcpdump does the same with tcpdump.
func TestLinkFramesAgainstTcpdump(t *testing.T) {
	tcpdump, err := exec.LookPath("tcpdump")
	if err != nil || testing.Short() {
		t.Skip("no tcpdump")
	}
	dir := t.TempDir()
	for n, l := range linkFrames() {
		for _, version := range []int{4, 6} {
			if l.only != 0 && l.only != version {
				continue
			}
			var b bytes.Buffer
			w, err := capfile.NewPcapWriter(&b, capfile.PcapConfig{Link: l.link, SnapLen: 65535})
			if err != nil {
				t.Fatal(err)
			}
			frame := l.frame(inner(n, version))
			if err := errors.Join(w.WritePacket(1, uint32(len(frame)), frame), w.Flush()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "one.pcap")
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			text, err := exec.Command(tcpdump, "-n", "-K", "-r", path).CombinedOutput()
			found := err == nil && strings.Contains(string(text), fmt.Sprintf(".%d > ", 20000+n))
			if found == (slices.Contains(beyondTcpdump, l.name) || version == 6 && slices.Contains(beyondTcpdump6, l.name)) {
				t.Errorf("%s/IPv%d: tcpdump says %q, %v", l.name, version, text, err)
			}
		}
	}
}
