package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pcapmill/outputs/text"
)

// field is something that a row of a table can say.
type field int

// Fields.
const (
	fieldTime field = iota
	fieldEnd
	fieldDuration
	fieldSrcIP
	fieldSrcPort
	fieldDstIP
	fieldDstPort
	fieldProtocol
	fieldLabel
	fieldCategory
	fieldID
	fieldMITRE
	fieldCampaign
	fieldConfidence
	fieldCommunity
	fieldPacket
	fieldCapture
	fieldCount
)

// fieldNames are how a mapping has them.
var fieldNames = [fieldCount]string{
	"time", "end", "duration", "src_ip", "src_port", "dst_ip", "dst_port", "protocol",
	"label", "category", "id", "mitre", "campaign", "confidence", "community_id", "packet", "capture",
}

// shape says how the rows of a kind of table are read.
type shape struct {
	name       string
	columns    [fieldCount][]string // names in a header, of which one is enough; in a table without, numbers from 1
	headless   bool
	comma      byte
	formats    []string // of times; none: ISO 8601 and epochs in seconds
	unit       time.Duration
	noon       int                   // hours below it are of the afternoon, on a clock of 12 hours without AM and PM; 0: it has 24, or says which
	zone       string                // that its authors were in, for the message to who gave none
	relabel    func(*tableRow) error // makes the label of a row; none: it is in its column
	adapt      func(*tableRow) error // mends what the columns said
	recognises func(header []string) bool
}

// durationUnits are those of a mapping.
var durationUnits = map[string]time.Duration{"s": time.Second, "ms": time.Millisecond, "us": time.Microsecond, "ns": 1}

// delimiters are words for what cannot be written in a mapping.
var delimiters = map[string]byte{"tab": '\t', "comma": ',', "semicolon": ';', "pipe": '|', "space": ' '}

// mapInto reads a mapping, "time=Timestamp,src_ip=Source IP,label=Label,format=02/01/2006 15:04",
// into a shape. Names with commas stand in quotes, as in CSV. format may come several times.
func (s *shape) mapInto(mapping string) error {
	parts, err := splitCSV(mapping, ',', nil)
	if err != nil {
		return err
	}
	formats := s.formats
	s.formats = nil
	for _, part := range parts {
		key, value, ok := strings.Cut(part, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || value == "" {
			return fmt.Errorf("%s: want key=value", quoted(part))
		}
		if err := s.set(key, value); err != nil {
			return fmt.Errorf("%s: %w", text.Escape(key), err)
		}
	}
	if s.formats == nil {
		s.formats = formats
	}
	if !s.headless {
		return nil
	}
	for _, names := range s.columns {
		for _, n := range names {
			if at, err := strconv.Atoi(n); err != nil || at < 1 || at > maxFields {
				return fmt.Errorf("%s is no number of a column, as header=no wants", quoted(n))
			}
		}
	}
	return nil
}

// set takes one setting of a mapping.
func (s *shape) set(key, value string) error {
	for f, name := range fieldNames {
		if key == name {
			s.columns[f] = []string{value}
			return nil
		}
	}
	switch key {
	case "format":
		s.formats = append(s.formats, value)
		return checkFormat(value)
	case "duration_unit":
		if s.unit = durationUnits[value]; s.unit == 0 {
			return fmt.Errorf("%s is none of s, ms, us, ns", quoted(value))
		}
	case "delimiter":
		s.comma = delimiters[value]
		if len(value) == 1 {
			s.comma = value[0]
		}
		if s.comma == 0 || s.comma == '"' || s.comma >= 0x80 {
			return fmt.Errorf("%s is no single character and none of tab, comma, semicolon, pipe, space", quoted(value))
		}
	case "header":
		if s.headless = value == "no"; value != "no" && value != "yes" {
			return errors.New("want yes or no")
		}
	case "afternoon_before":
		n, err := whole(value, 1, 12)
		s.noon = int(n)
		return err
	default:
		known := append(fieldNames[:], "format", "duration_unit", "delimiter", "header", "afternoon_before")
		return errors.New("no such key" + text.Suggest(key, known))
	}
	return nil
}

// epochs are formats of times that are numbers since 1970, with how many of them are a second.
var epochs = map[string]time.Duration{"epoch": time.Second, "epoch_ms": time.Millisecond, "epoch_us": time.Microsecond, "epoch_ns": 1}

// checkFormat reports a format of times that shows no instant.
func checkFormat(format string) error {
	if _, number := epochs[format]; number || format == "iso8601" {
		return nil
	}
	l := newLayout(format)
	return l.check()
}

// splitCSV splits a row at a character, as RFC 4180 has it, but for quoted line ends. cells is
// used for the result.
func splitCSV(row string, comma byte, cells []string) ([]string, error) {
	cells = cells[:0]
	for {
		cell, rest, more := "", "", false
		if strings.HasPrefix(row, `"`) {
			var err error
			if cell, rest, more, err = quotedCell(row, comma); err != nil {
				return nil, err
			}
		} else {
			cell, rest, more = strings.Cut(row, string(comma))
		}
		if cells = append(cells, cell); len(cells) > maxFields {
			return nil, fmt.Errorf("more than %d cells", maxFields)
		}
		if !more {
			return cells, nil
		}
		row = rest
	}
}

// quotedCell takes a cell in quotes from the start of a row. In it two quotes are one.
func quotedCell(row string, comma byte) (cell, rest string, more bool, err error) {
	row = row[1:]
	var b strings.Builder
	for {
		part, after, closed := strings.Cut(row, `"`)
		if !closed {
			return "", "", false, errors.New("a quote is not closed in its line")
		}
		b.WriteString(part)
		switch {
		case after == "":
			return b.String(), "", false, nil
		case after[0] == comma:
			return b.String(), after[1:], true, nil
		case after[0] != '"':
			return "", "", false, errors.New("text behind a closing quote")
		}
		b.WriteByte('"')
		row = after[1:]
	}
}
