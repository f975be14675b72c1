package source

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"pcapmill/datasets/label"
	"pcapmill/ingest/packet"
)

// Presets returns the names of the kinds of tables that are known.
func Presets() []string {
	all := []string{}
	for _, p := range presets() {
		all = append(all, p.name)
	}
	return append(all, presetNFDump)
}

// presets are asked in this order.
func presets() []shape {
	return []shape{cicShape("cic-ids2017"), cicShape("cic-ids2018"), groundTruth(), unswShape(), binetflow(), ownShape()}
}

// cicShape is that of the tables of CICFlowMeter. Those of 2017 have long names with spaces before
// them, those of 2018 short ones and most days no addresses. Both have a clock of 12 hours without
// AM and PM, on days that begin at 8: 5/7/2017 3:00 is three in the afternoon.
//
// Source: CIC-IDS2017 GeneratedLabelledFlows, CSE-CIC-IDS2018 Processed Traffic Data; CICFlowMeter #173.
func cicShape(name string) shape {
	longNames := name == "cic-ids2017"
	return shape{
		name: name, comma: ',', unit: time.Microsecond, noon: 8, zone: "America/Halifax",
		columns: [fieldCount][]string{
			fieldTime: {"Timestamp"}, fieldDuration: {"Flow Duration"}, fieldLabel: {"Label"}, fieldProtocol: {"Protocol"},
			fieldSrcIP: {"Source IP", "Src IP"}, fieldSrcPort: {"Source Port", "Src Port"},
			fieldDstIP: {"Destination IP", "Dst IP"}, fieldDstPort: {"Destination Port", "Dst Port"},
		},
		formats: []string{"2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006 3:04:05 PM", "2006-01-02 15:04:05"},
		adapt:   cicRow,
		recognises: func(header []string) bool {
			return hasAll(header, "Timestamp", "Flow Duration", "Label") && longNames == slices.ContainsFunc(header, func(s string) bool { return strings.EqualFold(s, "Destination Port") })
		},
	}
}

// cicRow leaves out what CICFlowMeter writes where a packet has no ports: protocol and ports 0.
func cicRow(r *tableRow) error {
	e := r.event
	if e.Protocol == 0 {
		e.Protocol, e.SrcPort, e.DstPort = label.None, label.None, label.None
	}
	return nil
}

// groundTruth is the list of attacks of UNSW-NB15, NUSW-NB15_GT.csv, in seconds since 1970. The
// label is the category of an attack, our category its subcategory.
//
// Source: Moustafa, Slay, UNSW-NB15 (MilCIS 2015).
func groundTruth() shape {
	return shape{
		name: "unsw-nb15-gt", comma: ',',
		columns: [fieldCount][]string{
			fieldTime: {"Start time"}, fieldEnd: {"Last time"}, fieldLabel: {"Attack category"}, fieldCategory: {"Attack subcategory"},
			fieldProtocol: {"Protocol"}, fieldSrcIP: {"Source IP"}, fieldSrcPort: {"Source Port"},
			fieldDstIP: {"Destination IP"}, fieldDstPort: {"Destination Port"},
		},
		formats:    []string{"epoch"},
		adapt:      argusRow,
		recognises: func(header []string) bool { return hasAll(header, "Start time", "Last time", "Attack category") },
	}
}

// unswColumns is how many columns the tables of UNSW-NB15 have.
const unswColumns = 49

// unswShape is that of UNSW-NB15_1.csv to _4.csv, which have no header: their columns are those of
// NUSW-NB15_features.csv. Rows without an attack have an empty category and are Normal.
func unswShape() shape {
	return shape{
		name: "unsw-nb15", comma: ',', headless: true,
		columns: [fieldCount][]string{
			fieldSrcIP: {"1"}, fieldSrcPort: {"2"}, fieldDstIP: {"3"}, fieldDstPort: {"4"}, fieldProtocol: {"5"},
			fieldTime: {"29"}, fieldEnd: {"30"}, fieldLabel: {"48"},
		},
		formats: []string{"epoch"},
		relabel: unswLabel,
		adapt:   argusRow,
		recognises: func(first []string) bool {
			if len(first) != unswColumns {
				return false
			}
			_, err := netip.ParseAddr(first[0])
			_, _, err2 := epoch(first[28])
			return err == nil && err2 == nil
		},
	}
}

// unswLabel takes the last column, 0 for normal traffic and 1 for attacks, where the category is
// empty.
func unswLabel(r *tableRow) error {
	verdict := r.cells[len(r.cells)-1]
	normal := r.event.Label == ""
	if verdict != "0" && verdict != "1" || normal != (verdict == "0") {
		return fmt.Errorf("%s in the last column does not go with the category %s", quoted(verdict), quoted(r.event.Label))
	}
	if normal {
		r.event.Label = "Normal"
	}
	return nil
}

// argusProtocols are names that Argus gives to what is on top of UDP.
var argusProtocols = map[string]int32{"rtp": packet.ProtoUDP, "rtcp": packet.ProtoUDP, "udt": packet.ProtoUDP}

// argusRow reads what Argus has as ports of ICMP: as hexadecimal number in the byte order of a PC,
// type and code of the first message in the source's, something else in the destination's.
func argusRow(r *tableRow) error {
	e := r.event
	if e.Protocol == packet.ProtoICMP || e.Protocol == packet.ProtoICMPv6 {
		e.SrcPort, e.DstPort = label.None, label.None
		if s := r.get(fieldSrcPort); strings.HasPrefix(s, "0x") {
			n, err := cellPort(s)
			if err != nil {
				return err
			}
			e.SrcPort, e.DstPort = n&0xff, n>>8
		}
	}
	return nil
}

// binetflow is the text of Argus in CTU-13 and the datasets behind it, with times in the clock of
// Prague. Labels such as flow=From-Botnet-V42-TCP-Established become Botnet, Normal or Background,
// with the whole text as category.
//
// Source: García et al., An empirical comparison of botnet detection methods (2014).
func binetflow() shape {
	return shape{
		name: "binetflow", comma: ',', zone: "Europe/Prague",
		columns: [fieldCount][]string{
			fieldTime: {"StartTime"}, fieldDuration: {"Dur"}, fieldProtocol: {"Proto"}, fieldLabel: {"Label"},
			fieldSrcIP: {"SrcAddr"}, fieldSrcPort: {"Sport"}, fieldDstIP: {"DstAddr"}, fieldDstPort: {"Dport"},
		},
		formats:    []string{"2006/01/02 15:04:05", "2006-01-02 15:04:05"},
		relabel:    botnetLabel,
		adapt:      binetflowRow,
		recognises: func(header []string) bool { return hasAll(header, "StartTime", "SrcAddr", "DstAddr", "Label") },
	}
}

func botnetLabel(r *tableRow) error {
	r.event.Category, _ = strings.CutPrefix(r.event.Label, "flow=")
	r.event.Label = botnetClass(r.event.Category)
	return nil
}

func binetflowRow(r *tableRow) error {
	e := r.event
	if err := argusRow(r); err != nil {
		return err
	}
	if at := slices.Index(r.header, "Dir"); at >= 0 && strings.HasPrefix(r.cells[at], "<") && !strings.HasSuffix(r.cells[at], ">") {
		e.Src, e.Dst = e.Dst, e.Src // who began it is on the right
		if e.Protocol != packet.ProtoICMP && e.Protocol != packet.ProtoICMPv6 {
			e.SrcPort, e.DstPort = e.DstPort, e.SrcPort
		}
	}
	return nil
}

// botnetClass is the first of CTU-13's classes among the words of a label, or the label.
func botnetClass(s string) string {
	for _, word := range strings.Split(s, "-") {
		for _, class := range []string{"Botnet", "Normal", "Background"} {
			if strings.EqualFold(word, class) {
				return class
			}
		}
	}
	return s
}

// ownShape is CSV whose columns have the names that mappings give them.
func ownShape() shape {
	s := shape{name: "columns by name"}
	for f, name := range fieldNames {
		s.columns[f] = []string{name}
	}
	s.recognises = func(header []string) bool {
		return hasAll(header, "time", "label") && (hasAll(header, "src_ip", "dst_ip") || hasAll(header, "community_id"))
	}
	return s
}

// hasAll reports whether a header has all of some names, in any case.
func hasAll(header []string, names ...string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(header, func(s string) bool { return strings.EqualFold(s, name) }) {
			return false
		}
	}
	return true
}

// windows1252 are the characters of the bytes from 0x80 to 0x9f in that code page, which differ
// from Latin-1; zero: none.
var windows1252 = [32]rune{'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0, 0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ'}

// fromWindows returns text that is UTF-8 as it is and other text as one of Windows-1252: labels of
// CIC-IDS2017 have its dash.
func fromWindows(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		switch c := rune(s[i]); {
		case c < 0x80 || c >= 0xa0:
			b.WriteRune(c)
		case windows1252[c-0x80] == 0:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(windows1252[c-0x80])
		}
	}
	return b.String()
}
