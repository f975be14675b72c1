package source

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/ingest/packet"
)

// maxFields is far above the columns of any Zeek log.
const maxFields = 4096

// zeekHeader is what the lines of a Zeek log that begin with # say of the rows behind them. Logs
// that were joined have several.
//
// Source: docs.zeek.org, Zeek log formats.
type zeekHeader struct {
	separator    string
	empty, unset string
	path         string
	fields       map[string]int // column by name; nil: no #fields yet
	columns      int
}

func newZeekHeader() zeekHeader { return zeekHeader{separator: "\t", empty: "(empty)", unset: "-"} }

// directive reads a line that begins with #.
func (h *zeekHeader) directive(line string) error {
	if sep, ok := strings.CutPrefix(line, "#separator "); ok {
		if h.separator = unescapeZeek(sep); h.separator == "" {
			return errors.New("#separator is empty")
		}
		return nil
	}
	name, value, _ := strings.Cut(line[1:], h.separator)
	switch name {
	case "empty_field":
		h.empty = value
	case "unset_field":
		h.unset = value
	case "path":
		h.path = value
	case "fields":
		return h.names(value)
	}
	return nil
}

func (h *zeekHeader) names(value string) error {
	if strings.Count(value, h.separator) >= maxFields {
		return fmt.Errorf("more than %d #fields", maxFields)
	}
	names := strings.Split(value, h.separator)
	h.fields, h.columns = make(map[string]int, len(names)), len(names)
	for i, name := range names {
		if _, twice := h.fields[name]; twice {
			return fmt.Errorf("#fields has %s twice", quoted(name))
		}
		h.fields[name] = i
	}
	return nil
}

// zeekRow is a line below a header.
type zeekRow struct {
	h     *zeekHeader
	cells []string
}

// row takes a line apart, which must have as many cells as there are fields.
func (h *zeekHeader) row(line string) (zeekRow, error) {
	if h.fields == nil {
		return zeekRow{}, errors.New("a row before #fields")
	}
	if n := strings.Count(line, h.separator) + 1; n != h.columns {
		return zeekRow{}, fmt.Errorf("%d cells, and %d #fields", n, h.columns)
	}
	return zeekRow{h, strings.Split(line, h.separator)}, nil
}

// get returns a cell by the name of its field; false: it is unset, or there is no such field.
func (w zeekRow) get(name string) (string, bool) {
	i, ok := w.h.fields[name]
	if !ok || w.cells[i] == w.h.unset {
		return "", false
	}
	if w.cells[i] == w.h.empty {
		return "", true
	}
	return unescapeZeek(w.cells[i]), true
}

// unescapeZeek puts the bytes back that Zeek wrote as \x09.
func unescapeZeek(s string) string {
	if !strings.Contains(s, `\x`) {
		return s
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, `\x`)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		n, err := uint64(0), strconv.ErrSyntax
		if len(after) >= 2 {
			n, err = strconv.ParseUint(after[:2], 16, 8)
		}
		if err != nil {
			b.WriteString(`\x`)
			s = after
			continue
		}
		b.WriteByte(byte(n))
		s = after[2:]
	}
}

// zeekProtocol reads a proto field. Zeek calls ICMP of both IP versions icmp, and unknown what it
// has no name for.
func zeekProtocol(proto string, a netip.Addr) (int32, error) {
	switch {
	case proto == "" || proto == "unknown" || proto == "unknown_transport":
		return label.None, nil
	case proto == "icmp" && a.Is6() && !a.Is4In6():
		return packet.ProtoICMPv6, nil
	}
	return protocolOf(proto)
}

// zeekTuple reads the connection id of a row into an event; false: it has none.
func zeekTuple(get func(string) (string, bool), e *label.Event) (bool, error) {
	src, hasSrc := get("id.orig_h")
	dst, hasDst := get("id.resp_h")
	if !hasSrc || !hasDst {
		return false, nil
	}
	var err error
	if e.Src, err = address(src); err != nil {
		return false, err
	}
	if e.Dst, err = address(dst); err != nil {
		return false, err
	}
	if e.SrcPort, err = zeekPort(get, "id.orig_p"); err != nil {
		return false, err
	}
	if e.DstPort, err = zeekPort(get, "id.resp_p"); err != nil {
		return false, err
	}
	proto, _ := get("proto")
	e.Protocol, err = zeekProtocol(proto, e.Src)
	if e.Protocol != label.None && !hasPorts(e.Protocol) {
		e.SrcPort, e.DstPort = label.None, label.None
	}
	return true, err
}

// zeekPort reads a port, which may be written as 80/tcp.
func zeekPort(get func(string) (string, bool), name string) (int32, error) {
	s, ok := get(name)
	if !ok {
		return label.None, nil
	}
	digits, _, _ := strings.Cut(s, "/")
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return label.None, fmt.Errorf("%s %s is no port", name, quoted(s))
	}
	return int32(n), nil
}
