package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/text"
)

// readTable reads a table of flows with labels: CSV by the mapping or the preset of Options or by
// what its header says, and the text of nfdump. Each row is an event.
func readTable(r *reading) error {
	head, _ := r.in.Peek(headSize)
	if r.opts.Mapping == "" && (r.opts.Preset == presetNFDump || r.opts.Preset == "" && isNFDump(head)) {
		return readNFDump(r)
	}
	s, err := tableShape(r.opts, head)
	if err != nil {
		return err
	}
	t := &table{reading: r, shape: s}
	t.tell()
	if err := r.eachLine(t.line); err != nil {
		return t.hint(err)
	}
	t.told()
	return nil
}

// isTable tells tables that need no mapping.
func isTable(head []byte, _ string) bool {
	if isNFDump(head) {
		return true
	}
	_, err := tableShape(&Options{}, head)
	return err == nil
}

// firstLine returns the first line that has something in it.
func firstLine(head []byte) string {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), "\r\n")
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return strings.TrimRight(string(line), "\r")
}

// tableShape finds how a table is read: by its preset, or the first that knows its header, and by
// what a mapping changes of it.
func tableShape(o *Options, head []byte) (shape, error) {
	s, found := shape{}, false
	header := firstLine(head)
	for _, p := range presets() {
		cells, err := splitCSV(header, p.delimiter(header), nil)
		if o.Preset == p.name || o.Preset == "" && o.Mapping == "" && err == nil && p.recognises(trimmed(cells)) {
			s, found = p, true
			break
		}
	}
	if !found && o.Mapping == "" {
		return s, ErrFormat
	}
	if o.Mapping != "" {
		if err := s.mapInto(o.Mapping); err != nil {
			return s, fmt.Errorf("%w: mapping of columns: %w", ErrOptions, err)
		}
	}
	s.comma = s.delimiter(header)
	return s, nil
}

// delimiter is the one that is set, or else the one that a header has most of.
func (s *shape) delimiter(header string) byte {
	if s.comma != 0 {
		return s.comma
	}
	best, most := byte(','), 0
	for _, c := range []byte(",\t;|") {
		if n := strings.Count(header, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func trimmed(cells []string) []string {
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// table is a table on its way.
type table struct {
	*reading
	shape   shape
	layouts []layout // of shape.formats; one that is a number or ISO 8601 has no unit
	at      [fieldCount]int
	columns int // 0: the header was not read yet
	cells   []string
	header  []string
	odd     struct{ foreign, negative, headers int } // what notes are made of
}

// line reads a line: the header, or a row.
func (t *table) line(l line) (err error) {
	t.cells, err = splitCSV(string(l.text), t.shape.comma, t.cells)
	if err == nil && t.columns == 0 {
		if err := t.locate(trimmed(t.cells)); err != nil {
			return t.reading.at(l.place, err)
		}
		if !t.shape.headless {
			return nil
		}
	}
	var e *label.Event
	if err == nil {
		e, err = t.row(trimmed(t.cells))
	}
	if err != nil || e == nil {
		return t.refuse(l.place, err)
	}
	return t.event(l.place, e)
}

// locate finds the columns. The errors are about the file and end the reading.
func (t *table) locate(header []string) error {
	t.columns, t.header = len(header), slices.Clone(header)
	for _, f := range t.shape.formats {
		l := layout{text: f}
		if _, number := epochs[f]; !number && f != "iso8601" {
			l = newLayout(f)
		}
		t.layouts = append(t.layouts, l)
	}
	for f, names := range t.shape.columns {
		t.at[f] = t.find(names)
		if len(names) > 0 && t.at[f] < 0 && t.opts.Mapping != "" && t.mapped(field(f)) {
			return fmt.Errorf("%w: no column is called %s, which is mapped to %s%s", ErrOptions, quoted(names[0]), fieldNames[f], text.Suggest(names[0], header))
		}
	}
	for _, f := range []field{fieldTime, fieldLabel} {
		if t.at[f] < 0 {
			return fmt.Errorf("%w: no column for %s: say which with a mapping such as %s=NAME", ErrFormat, fieldNames[f], fieldNames[f])
		}
	}
	for _, f := range []field{fieldSrcIP, fieldDstIP, fieldDstPort, fieldCommunity, fieldPacket} {
		if t.at[f] >= 0 {
			return nil
		}
	}
	return fmt.Errorf("%w: no column for src_ip, dst_ip, dst_port, community_id or packet: rows could be about any flow", ErrFormat)
}

// mapped reports whether the mapping, and not a preset, names a field's column.
func (t *table) mapped(f field) bool {
	s := shape{}
	return s.mapInto(t.opts.Mapping) == nil && s.columns[f] != nil
}

// find returns where the first of the names stands, in any case; -1: nowhere.
func (t *table) find(names []string) int {
	for _, name := range names {
		if t.shape.headless {
			if n, err := strconv.Atoi(name); err == nil && n <= t.columns {
				return n - 1
			}
			continue
		}
		if at := slices.Index(t.header, name); at >= 0 {
			return at
		}
		if at := slices.IndexFunc(t.header, func(s string) bool { return strings.EqualFold(s, name) }); at >= 0 {
			return at
		}
	}
	return -1
}

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

// when reads the time of a row.
func (t *table) when(e *label.Event) error {
	begin, precision, err := t.instantOf(t.get(fieldTime))
	if err != nil {
		return err
	}
	e.Time, e.Last, e.Precision = begin, begin, precision
	if s := t.get(fieldEnd); s != "" {
		if e.Last, precision, err = t.instantOf(s); err != nil {
			return err
		}
		e.Precision = max(e.Precision, precision)
		return nil
	}
	s := t.get(fieldDuration)
	if s == "" || s == "-" {
		return nil
	}
	x, err := strconv.ParseFloat(s, 64)
	switch ns := x * float64(cmp.Or(t.shape.unit, time.Second)); {
	case err != nil || !(ns < math.MaxInt64/2) || begin > math.MaxInt64/2:
		return fmt.Errorf("duration %s is none", quoted(s))
	case ns < 0:
		t.odd.negative++
	default:
		e.Last = begin + int64(math.Round(ns))
	}
	return nil
}

// instantOf reads a time in the first format that fits.
func (t *table) instantOf(s string) (ns, precision int64, err error) {
	if len(t.layouts) == 0 {
		if ns, precision, err = epoch(s); err == nil {
			return ns, precision, nil
		}
		return t.instant(s)
	}
	for i := range t.layouts {
		if ns, precision, err = t.inLayout(&t.layouts[i], s); err == nil || final(err) {
			return ns, precision, err
		}
	}
	return 0, 0, err
}

func (t *table) inLayout(l *layout, s string) (ns, precision int64, err error) {
	if unit, ok := epochs[l.text]; ok {
		return epochIn(s, unit)
	}
	if l.text == "iso8601" {
		return t.instant(s)
	}
	m, err := l.parse(s)
	if err != nil {
		return 0, 0, err
	}
	if m.zoned {
		ns, err = nanos(m.wall.Add(-m.ahead))
		return ns, int64(m.unit), err
	}
	if noon := t.shape.noon; noon > 0 && !strings.Contains(l.text, "PM") {
		if m.wall.Hour() > 12 {
			return 0, 0, fmt.Errorf("%s is of a clock of 24 hours, and those before are of one of 12", quoted(s))
		}
		if m.wall.Hour() < noon {
			m.wall = m.wall.Add(12 * time.Hour)
		}
	}
	ns, err = t.inZone(m.wall)
	return ns, int64(m.unit), err
}

// epochIn reads a number since 1970 of a unit.
func epochIn(s string, unit time.Duration) (ns, precision int64, err error) {
	if unit == time.Second {
		return epoch(s)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > math.MaxInt64/int64(unit) || n < math.MinInt64/int64(unit) {
		return 0, 0, fmt.Errorf("%s is no whole number of %v since 1970", quoted(s), unit)
	}
	if unit > 1 {
		precision = int64(unit)
	}
	return n * int64(unit), precision, nil
}

// tell notes how a table is read.
func (t *table) tell() {
	if t.shape.name != "" {
		t.note("read as %s", t.shape.name)
	}
	if n := t.shape.noon; n > 0 {
		t.note("its clock has 12 hours and no AM and PM: hours before %d are of the afternoon", n)
	}
}

// told notes what was found in the rows.
func (t *table) told() {
	if n := t.odd.foreign; n > 0 {
		t.note("%d texts are no UTF-8 and were read as Windows-1252", n)
	}
	if n := t.odd.negative; n > 0 {
		t.note("%d durations are below 0 and were read as 0", n)
	}
	if n := t.odd.headers; n > 0 {
		t.note("its header comes %d times more: it was made of several files", n)
	}
}

// hint says which zone the times of a dataset are in, to who gave none.
func (t *table) hint(err error) error {
	if errors.Is(err, ErrZone) && t.shape.zone != "" {
		var there *Error
		if errors.As(err, &there) {
			return &Error{there.Path, there.Line, there.Offset, fmt.Errorf("%w; those of %s are of %s", there.Err, t.shape.name, t.shape.zone)}
		}
	}
	return err
}
