package capfile_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
)

// truth is one row of captures.tsv: column name to cell.
type truth map[string]string

func loadTruth(t *testing.T, shared string) []truth {
	t.Helper()
	f, err := os.Open(filepath.Join(shared, "truth", "captures.tsv"))
	if err != nil {
		t.Skipf("no table of captures: %v", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var names []string
	var rows []truth
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if names == nil {
			names = cells
			continue
		}
		row := truth{}
		for i, name := range names {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// summary is what the table of captures says, computed from our reading.
func summary(r result, decompressed int64) truth {
	s := truth{
		"container": container(r), "linktypes": linkTypes(r), "sections": strconv.Itoa(r.info.Sections),
		"interfaces": strconv.Itoa(len(r.interfaces)), "packets": strconv.Itoa(len(r.packets)),
		"reader_error": "", "trailing_bytes": "0",
		"first_ns": "", "last_ns": "",
	}
	if r.err != nil {
		s["reader_error"] = r.err.Error()
	}
	var damage *capfile.DamageError
	if errors.As(r.err, &damage) && damage.Reason != capfile.ReasonBadPacket {
		s["trailing_bytes"] = strconv.FormatInt(decompressed-damage.Offset, 10)
	}
	s.addPackets(r.packets)
	return s
}

func container(r result) string {
	switch {
	case r.info.Format == "":
		return "unknown"
	case r.info.Modified:
		return "pcap-modified"
	case r.info.Nanosecond:
		return "pcap-nsec"
	}
	return r.info.Format
}

// addPackets sums packets up, those without a time left out of the times.
func (s truth) addPackets(packets []pkt) {
	captured, original, short, back := 0, 0, 0, 0
	last := packet.NoTime
	for _, p := range packets {
		captured += len(p.data)
		original += int(p.wire)
		if len(p.data) < int(p.wire) {
			short++
		}
		if p.time == packet.NoTime {
			continue
		}
		if last == packet.NoTime {
			s["first_ns"] = strconv.FormatInt(p.time, 10)
		} else if p.time < last {
			back++
		}
		last = p.time
		s["last_ns"] = strconv.FormatInt(p.time, 10)
	}
	s["captured_bytes"], s["original_bytes"] = strconv.Itoa(captured), strconv.Itoa(original)
	s["short_packets"], s["backward_steps"] = strconv.Itoa(short), strconv.Itoa(back)
}

// linkTypes lists the link types by number.
func linkTypes(r result) string {
	var types []packet.LinkType
	for _, f := range r.interfaces {
		types = append(types, f.Link)
	}
	slices.Sort(types)
	var names []string
	for _, link := range slices.Compact(types) {
		name, ok := linkNames[link]
		if !ok {
			name = fmt.Sprintf("DLT_%d", uint32(link))
		}
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

// linkNames are the table's names of link types; others stand there by number.
var linkNames = map[packet.LinkType]string{
	0: "NULL", 1: "EN10MB", 6: "IEEE802_5", 8: "SLIP", 9: "PPP", 10: "FDDI", 50: "PPP_SERIAL", 51: "PPP_ETHER",
	100: "ATM_RFC1483", 101: "RAW", 104: "C_HDLC", 105: "IEEE802_11", 107: "FRELAY", 108: "LOOP", 113: "LINUX_SLL",
	117: "PFLOG", 119: "PRISM", 127: "IEEE802_11_RADIOTAP", 129: "ARCNET_LINUX", 147: "USER0", 182: "MFR",
	189: "USB_LINUX", 192: "PPI", 195: "802_15_4_WITHFCS", 220: "USB_LINUX_MMAPPED", 227: "CAN_SOCKETCAN",
	228: "IPV4", 229: "IPV6", 230: "802_15_4_NOFCS", 231: "DBUS", 239: "NFLOG", 249: "USBPCAP", 258: "PKTAP",
	274: "ETHERNET_MPACKET", 276: "LINUX_SLL2", 281: "DSA_TAG_BRCM",
}

func readCapture(t *testing.T, path string) (result, int64, error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d, err := decompress.Open(f, decompress.Config{})
	if err != nil {
		return result{}, 0, err
	}
	defer d.Close()
	got := readAll(t, d, capfile.Config{}, capfile.DefaultBuffer)
	_, _ = io.Copy(io.Discard, d)
	return got, d.Offset(), nil
}

// compared are the columns that we compute too.
var compared = []string{
	"container", "sections", "interfaces", "linktypes", "packets", "captured_bytes", "original_bytes",
	"short_packets", "first_ns", "last_ns", "backward_steps", "reader_error", "trailing_bytes",
}

// exceptions are the columns in which we differ from the table, and why.
var exceptions = map[string]struct{ columns, reason string }{
	"formats/linktypes/pcpp__file_heuristics__pcapng-example.pcapng.zst": {"last_ns", "2554-07-21 does not fit int64 ns"},
	"formats/linktypes/pcpp__pcapng-example.pcapng":                      {"last_ns", "2554-07-21 does not fit int64 ns"},
	"malformed/crafted/ng_timestamp_max.pcapng": {
		"first_ns last_ns backward_steps", "no time stamp of the file fits int64 ns",
	},
	"malformed/crafted/ng_tsresol_127.pcapng":    {"first_ns last_ns", "resolution 10^-127 is unusable; the table rounds to 0"},
	"malformed/crafted/ng_tsresol_2p-127.pcapng": {"first_ns last_ns", "resolution 2^-127 is unusable; the table rounds to 0"},

	"malformed/crafted/bad_crc.pcap.gz": {
		"container sections interfaces linktypes packets captured_bytes original_bytes first_ns last_ns",
		"the table's reader decompresses the whole file first; tshark has 16 packets like us",
	},
	"malformed/crafted/gz_in_gz.pcap.gz": {
		"container sections interfaces linktypes packets captured_bytes original_bytes first_ns last_ns reader_error",
		"compressed twice: the table's reader removes one layer, we both",
	},
	"malformed/crafted/header_cut_at_10.pcap":           {"container", "rejected: no format to name"},
	"malformed/crafted/magic_only.pcap":                 {"container", "rejected: no format to name"},
	"malformed/crafted/ng_bad_byte_order_magic.pcapng":  {"container", "rejected: no format to name"},
	"malformed/crafted/ng_epb_unknown_interface.pcapng": {"packets captured_bytes original_bytes last_ns", "reading goes on behind the packet without interface"},
}

func TestTruth(t *testing.T) {
	shared := sharedtest.Dir(t)
	for _, row := range loadTruth(t, shared) {
		name := row["capture"]
		got, size, err := readCapture(t, filepath.Join(shared, "captures", filepath.FromSlash(name)))
		exception, excepted := exceptions[name]
		if err != nil {
			var unsupported *decompress.UnsupportedError
			if !excepted || exception.columns != "" || !errors.As(err, &unsupported) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if differing := strings.Join(compare(t, row, summary(got, size)), " "); differing != exception.columns {
			t.Errorf("%s: differs in %q, expected in %q", name, differing, exception.columns)
		}
	}
}

// compare returns the columns in which our summary differs from the table.
func compare(t *testing.T, want, got truth) []string {
	t.Helper()
	var differing []string
	for _, column := range compared {
		w, g := want[column], got[column]
		if column == "reader_error" { // worded differently
			w, g = strconv.FormatBool(w != ""), strconv.FormatBool(g != "")
		}
		if w != g {
			t.Logf("%s: %s is %q, table says %q", want["capture"], column, g, w)
			differing = append(differing, column)
		}
	}
	return differing
}
