package source

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pcapmill/datasets/label"
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
