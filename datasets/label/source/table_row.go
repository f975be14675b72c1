package source

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/ingest/packet"
)

// tableRow is a row with the event that it becomes.
type tableRow struct {
	*table
	event *label.Event
}

// get returns a cell; empty: the table has no such column.
func (t *table) get(f field) string {
	if t.at[f] < 0 {
		return ""
	}
	return t.cells[t.at[f]]
}

// row returns the event of a row; nil without an error: it was skipped.
func (t *table) row(cells []string) (*label.Event, error) {
	if t.silent(cells) {
		t.skip()
		return nil, nil
	}
	if len(cells) != t.columns {
		return nil, fmt.Errorf("%d cells, and the header has %d", len(cells), t.columns)
	}
	e, err := t.said()
	if err != nil || e == nil {
		return nil, err
	}
	if err := t.when(e); err != nil {
		return nil, err
	}
	if err := t.between(e); errors.Is(err, errNotIP) {
		t.skip()
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if t.shape.adapt != nil {
		err = t.shape.adapt(&tableRow{t, e})
	}
	return e, err
}

// silent reports rows without anything in them, and headers that come again where files were joined.
func (t *table) silent(cells []string) bool {
	if !t.shape.headless && slices.Equal(cells, t.header) {
		t.odd.headers++
		return true
	}
	return !slices.ContainsFunc(cells, func(s string) bool { return s != "" })
}

// said reads what a row says of its flow; nil: nothing, or what is not wanted.
func (t *table) said() (*label.Event, error) {
	e := &label.Event{Depth: label.AnyDepth, Meaning: label.Meaning{
		ID: t.word(fieldID), Label: t.word(fieldLabel), Category: t.word(fieldCategory), MITRE: t.word(fieldMITRE), Campaign: t.word(fieldCampaign),
	}}
	e.Community, e.Capture = t.word(fieldCommunity), t.word(fieldCapture)
	if s := t.get(fieldConfidence); s != "" {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, fmt.Errorf("confidence %s is no number", quoted(s))
		}
		e.Confidence = &x
	}
	if s := t.get(fieldPacket); s != "" {
		n, err := strconv.ParseUint(s, 10, 62)
		if err != nil {
			return nil, fmt.Errorf("packet %s is no number", quoted(s))
		}
		e.Packet = int64(n)
	}
	if t.shape.relabel != nil {
		if err := t.shape.relabel(&tableRow{t, e}); err != nil {
			return nil, err
		}
	}
	if e.Label == "" || t.opts.skips(e.Label) {
		t.skip()
		return nil, nil
	}
	return e, nil
}

// word is a text of a cell.
func (t *table) word(f field) string {
	s := t.get(f)
	valid := fromWindows(s)
	if valid != s {
		t.odd.foreign++
	}
	return strings.TrimSpace(valid)
}

// between reads whom a row is about.
func (t *table) between(e *label.Event) (err error) {
	if e.Src, err = optionalAddress(t.get(fieldSrcIP)); err != nil {
		return err
	}
	if e.Dst, err = optionalAddress(t.get(fieldDstIP)); err != nil {
		return err
	}
	if e.SrcPort, err = cellPort(t.get(fieldSrcPort)); err != nil {
		return err
	}
	if e.DstPort, err = cellPort(t.get(fieldDstPort)); err != nil {
		return err
	}
	e.Protocol = label.None
	if s := t.get(fieldProtocol); s != "" {
		if e.Protocol, err = cellProtocol(s); err != nil {
			return err
		}
	}
	plainPorts(e)
	return nil
}

// plainPorts leaves out what are no ports: those of protocols that have none, and of ICMP what
// cannot be type and code.
func plainPorts(e *label.Event) {
	icmp := e.Protocol == packet.ProtoICMP || e.Protocol == packet.ProtoICMPv6
	if e.Protocol != label.None && !hasPorts(e.Protocol) || icmp && (e.SrcPort > 255 || e.DstPort > 255) {
		e.SrcPort, e.DstPort = label.None, label.None
	}
}

// cellPort reads 80, 0x50, and 80.0 as programs write that took a column with gaps for numbers.
func cellPort(s string) (int32, error) {
	if s == "" || s == "-" {
		return label.None, nil
	}
	digits, base := strings.TrimSuffix(s, ".0"), 10
	if hex, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 16)
	if err != nil {
		return 0, fmt.Errorf("%s is no port", quoted(s))
	}
	return int32(n), nil
}

// cellProtocol reads names and numbers, among them what says that it is not known.
func cellProtocol(s string) (int32, error) {
	switch lower := strings.ToLower(s); {
	case lower == "-" || lower == "unas" || lower == "unknown" || lower == "any":
		return label.None, nil
	case notIP[lower]:
		return label.None, errNotIP
	case argusProtocols[lower] != 0:
		return argusProtocols[lower], nil
	}
	return protocolOf(strings.TrimSuffix(s, ".0"))
}
