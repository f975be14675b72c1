package source

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/text"
)

// presetNFDump is the preset of what is no table with one character between its columns.
const presetNFDump = "nfdump"

// nfdumpRow is how the lines of nfdump's text begin, behind a header that begins with Date.
var nfdumpRow = text.Pattern(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\s+\d+(\.\d+)?\s+\S+\s+\S+\s+->\s+\S+\s`)

// nfdumpOther are lines that are no rows: header and summary.
var nfdumpOther = text.Pattern(`^(Date |Summary:|Time window:|Total flows|Sys:)`)

func isNFDump(head []byte) bool {
	return strings.HasPrefix(firstLine(head), "Date ") && nfdumpRow().Match(head)
}

// readNFDump reads the text of nfdump with labels behind it, as netflowlabeler writes it:
//
//	2013-07-09 01:00:23.040  0.028 UDP  8.8.8.8:53 -> 10.0.0.150:49058  ......  0  1  126  1  Background
//
// Rows are one direction of a flow each. A second word behind the label is our category.
//
// Source: nfdump(1), output format line.
func readNFDump(r *reading) error {
	r.note("read as %s", presetNFDump)
	t := table{reading: r}
	return r.eachLine(func(l line) error {
		s := string(l.text)
		if nfdumpOther().MatchString(s) {
			r.skip()
			return nil
		}
		e, err := t.nfdump(strings.Fields(s))
		if errors.Is(err, errNotIP) || err == nil && (e.Label == "" || r.opts.skips(e.Label)) {
			r.skip()
			return nil
		}
		if err != nil {
			return r.refuse(l.place, err)
		}
		return r.event(l.place, e)
	})
}

// nfdump reads the words of a line.
func (t *table) nfdump(words []string) (*label.Event, error) {
	if len(words) < 7 || words[5] != "->" {
		return nil, errors.New("no line of nfdump: want date, time, duration, protocol, source -> destination")
	}
	e := &label.Event{Depth: label.AnyDepth}
	var err error
	if e.Time, e.Precision, err = t.instant(words[0] + " " + words[1]); err != nil {
		return nil, err
	}
	duration, _, err := epoch(words[2])
	if err != nil || duration < 0 {
		return nil, fmt.Errorf("duration %s is none", quoted(words[2]))
	}
	e.Last = e.Time + duration
	if e.Protocol, err = cellProtocol(words[3]); err != nil {
		return nil, err
	}
	if err := nfdumpEnds(e, words[4], words[6]); err != nil {
		return nil, err
	}
	return e, nfdumpLabel(e, words[7:])
}

// nfdumpEnds reads addresses with their ports, and of ICMP type and code, which stand as 8.0 where
// the destination's port would.
func nfdumpEnds(e *label.Event, src, dst string) (err error) {
	var from, to string
	icmp := e.Protocol == packet.ProtoICMP || e.Protocol == packet.ProtoICMPv6
	if e.Src, from, err = nfdumpEnd(src, false); err != nil {
		return err
	}
	if e.Dst, to, err = nfdumpEnd(dst, icmp); err != nil {
		return err
	}
	e.SrcPort, e.DstPort = label.None, label.None
	switch {
	case icmp:
		kind, code, ok := strings.Cut(to, ".")
		k, err1 := strconv.ParseUint(kind, 10, 8)
		c, err2 := strconv.ParseUint(code, 10, 8)
		if ok && err1 == nil && err2 == nil {
			e.SrcPort, e.DstPort = int32(k), int32(c)
		}
		return nil
	case !hasPorts(e.Protocol): // zeros are printed
		return nil
	}
	if e.SrcPort, err = cellPort(from); err == nil {
		e.DstPort, err = cellPort(to)
	}
	return err
}

// nfdumpEnd splits an address and what is behind its last colon, or, as nfdump has it of IPv6, behind a
// dot, which type and code have between them, too; netflowlabeler puts a port of 0 behind those of
// protocols without ports, and in older files twice.
func nfdumpEnd(s string, coded bool) (a netip.Addr, port string, err error) {
	dot := strings.LastIndexByte(s, '.')
	if coded {
		dot = strings.LastIndexByte(s[:max(dot, 0)], '.')
	}
	if dot >= 0 && strings.Count(s, ":") > 1 {
		if a, err = address(s[:dot]); err == nil {
			return a, s[dot+1:], nil
		}
	}
	end := len(s)
	for range 2 {
		if end = strings.LastIndexByte(s[:end], ':'); end < 0 {
			break
		}
		if a, err = address(s[:end]); err == nil {
			return a, strings.TrimSuffix(s[end+1:], ":0"), nil
		}
	}
	a, err = address(s)
	return a, "", err
}

// nfdumpLabel reads what is behind flags, type of service, packets, bytes and flows, of which
// packets and bytes may be written as 1.2 M.
func nfdumpLabel(e *label.Event, words []string) error {
	if len(words) < 2 {
		return errors.New("no flags and type of service")
	}
	words = words[2:]
	for _, what := range []string{"packets", "bytes", "flows"} {
		if len(words) == 0 {
			return fmt.Errorf("no %s", what)
		}
		if _, err := strconv.ParseFloat(words[0], 64); err != nil {
			return fmt.Errorf("%s %s are no number", what, quoted(words[0]))
		}
		words = words[1:]
		if len(words) > 0 && len(words[0]) == 1 && strings.Contains("KMGT", words[0]) && what != "flows" {
			words = words[1:]
		}
	}
	if len(words) > 0 {
		e.Label = words[0]
		e.Category = strings.Join(words[1:], " ")
	}
	return nil
}
