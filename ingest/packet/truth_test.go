package packet_test

import (
	"bufio"
	"compress/gzip"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/packet"
)

// tuple is one direction of a TCP or UDP conversation.
type tuple struct {
	protocol uint8
	src, dst netip.AddrPort
}

// totals is what the packets of a tuple sum up to.
type totals struct {
	packets, wire, ip, payload uint64
	flags                      uint16
}

// tupleRow is a row of the table of tuples, which tshark made.
type tupleRow struct {
	key  tuple
	want totals
}

// tupleRows reads both directions of the rows that the walk can be held to: the
// outermost IP header and no fragments.
func tupleRows(t *testing.T, shared string) map[string][]tupleRow {
	f, err := os.Open(filepath.Join(shared, "truth", "tuples.tsv.gz"))
	if err != nil {
		t.Skipf("no table of tuples: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]tupleRow{}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		c := strings.Split(lines.Text(), "\t")
		if c[0] == "capture" || c[24] != "0" && c[24] != "" || c[25] != "1" {
			continue
		}
		a, b := endpoint(t, c[2], c[3]), endpoint(t, c[4], c[5])
		protocol := uint8(packet.ProtoTCP)
		if c[1] == "udp" {
			protocol = packet.ProtoUDP
		}
		for i, key := range []tuple{{protocol, a, b}, {protocol, b, a}} {
			n := func(column int) uint64 { return number(t, c[column+i]) }
			flags := uint16(n(16)) & 0x1ff // without the reserved bits
			rows[c[0]] = append(rows[c[0]], tupleRow{key, totals{n(6), n(8), n(10), n(12), flags}})
			if a == b {
				break // there is one direction only
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func endpoint(t *testing.T, address, port string) netip.AddrPort {
	a, err := netip.ParseAddr(address)
	if err != nil {
		t.Fatal(err)
	}
	return netip.AddrPortFrom(a, uint16(number(t, port)))
}

// number reads a decimal or 0x number; an empty cell is 0.
func number(t *testing.T, cell string) uint64 {
	if cell == "" {
		return 0
	}
	n, err := strconv.ParseUint(cell, 0, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// tsharkDiffers are the captures that are not compared, and why.
var tsharkDiffers = map[string]string{
	"formats/crafted_container/pcap_fcs_linktype_bits.pcap": "the header promises a checksum behind each frame that is not there; tshark takes payload for it",
	"flows/pcpp__pcap_examples__tcp-reassembly.pcap":        "tshark counts a packet sampled in sFlow",
	"formats/linktypes/sv__transform-base64-7296.pcap":      "tshark counts two TCP headers of 60 bytes in segments of 32",
	"formats/crafted_tunnels/ah_transport.pcap":             "the IP length leaves out the authentication header",
	"protocols/other/tcpdump__bigtcp-ipv6-hbh.pcap":         "the table has no IP length of jumbograms",
}

// TestAgainstTshark sums up TCP and UDP packets by tuple. Captures of malformed
// packets are left out, as tshark counts headers that contradict their packet.
func TestAgainstTshark(t *testing.T) {
	shared := sharedtest.Dir(t)
	root, files := sharedCaptures(t, 200)
	rows := tupleRows(t, shared)
	compared := 0
	for _, path := range files {
		rel, _ := filepath.Rel(root, path)
		name := filepath.ToSlash(rel)
		if len(rows[name]) == 0 || tsharkDiffers[name] != "" || strings.HasPrefix(name, "malformed/") {
			continue
		}
		got, all := sumTuples(t, path)
		if !all {
			continue
		}
		for _, row := range rows[name] {
			sum := got[row.key]
			if sum.overlong { // tshark's payload is what UDP claims, beyond the IP packet
				sum.payload = row.want.payload
			}
			compared++
			if sum.totals != row.want {
				t.Errorf("%s %v: %+v, tshark %+v", name, row.key, sum.totals, row.want)
			}
		}
	}
	t.Logf("%d tuples compared", compared)
	if compared < 1000 {
		t.Errorf("only %d tuples were compared", compared)
	}
}

// tupleSum is what our walk sums up.
type tupleSum struct {
	totals
	overlong bool // a UDP length went beyond its packet
}

// sumTuples returns the sums of a capture, and whether all its packets have a
// link type and container that can be read. Fragments are left out: tshark
// counts the datagram, in the packet that completes it.
func sumTuples(t *testing.T, path string) (map[tuple]tupleSum, bool) {
	w := packet.Walker{SkipChecksums: true}
	sums := map[tuple]tupleSum{}
	packets, unsupported := 0, false
	eachPacket(t, path, func(_ int, frame []byte, wire uint32, link packet.LinkType) {
		packets++
		var v packet.View
		out := w.Walk(frame, wire, link, &v)
		unsupported = unsupported || out == packet.UnsupportedLink
		if out != packet.InFlow || v.Quality&(packet.FirstFragment|packet.LaterFragment) != 0 {
			return
		}
		key := tuple{v.Protocol, netip.AddrPortFrom(plainAddr(&v, v.Src), v.SrcPort), netip.AddrPortFrom(plainAddr(&v, v.Dst), v.DstPort)}
		s := sums[key]
		s.packets++
		s.wire += uint64(wire)
		s.ip += uint64(v.IPLen)
		s.payload += uint64(v.PayloadLen)
		s.flags |= v.TCPFlags
		s.overlong = s.overlong || v.Quality&packet.BadL4Length != 0
		sums[key] = s
	})
	return sums, packets > 0 && !unsupported
}

func plainAddr(v *packet.View, a packet.Addr) netip.Addr {
	if v.Version == 4 {
		return netip.AddrFrom16(a).Unmap()
	}
	return netip.AddrFrom16(a)
}
