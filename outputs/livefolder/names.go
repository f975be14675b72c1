package livefolder

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"pcapmill/outputs/text"
)

// PartName says which part of which table a file is.
type PartName struct {
	Table  string
	Date   string // of the segment's opening, YYYY-MM-DD in UTC
	Number int64  // of the segment
	AtEnd  bool   // rows that only the session's end brought
	Piece  int    // from 0: one more for every so many rows
	Ext    string // of the format
}

// datePrefix begins the names of a table's folders, as Hive has it.
const datePrefix = "date="

// String returns the path: names of a day sort as the rows do.
func (p PartName) String() string {
	name := fmt.Sprintf("%s/%s%s/segment-%010d", p.Table, datePrefix, p.Date, p.Number)
	if p.AtEnd {
		name += "_end"
	}
	if p.Piece > 0 {
		name += fmt.Sprintf("_%05d", p.Piece)
	}
	return name + "." + p.Ext
}

// ParsePart reads what String wrote. A commit of a ledger names a dozen parts; a regular expression
// and fmt take longer for them than all else.
func ParsePart(path string) (PartName, error) {
	p, ok := parsePart(path)
	if !ok {
		return PartName{}, fmt.Errorf("%q is no part of a live table", path)
	}
	return p, nil
}

func parsePart(path string) (p PartName, ok bool) {
	table, rest, _ := strings.Cut(path, "/")
	day, file, _ := strings.Cut(rest, "/")
	date, isDay := strings.CutPrefix(day, datePrefix)
	stem, ext, _ := strings.Cut(file, ".")
	rest, isPart := strings.CutPrefix(stem, "segment-")
	if !isTable(table) || !isDay || !isDate(date) || !isPart || len(rest) < 10 || !within(ext, 1, 10, isLetter) || !within(rest[:10], 10, 10, isDigit) {
		return p, false
	}
	p = PartName{Table: table, Date: date, Ext: ext}
	p.Number, _ = strconv.ParseInt(rest[:10], 10, 64) // ten digits
	rest, p.AtEnd = strings.CutPrefix(rest[10:], "_end")
	if rest != "" {
		digits, isPiece := strings.CutPrefix(rest, "_")
		if !isPiece || !within(digits, 5, 5, isDigit) || digits == "00000" {
			return p, false
		}
		p.Piece, _ = strconv.Atoi(digits)
	}
	return p, p.Number > 0
}

// within reports whether a string has least to most bytes, all of a kind.
func within(s string, least, most int, kind func(byte) bool) bool {
	for i := range len(s) {
		if !kind(s[i]) {
			return false
		}
	}
	return len(s) >= least && len(s) <= most
}

func isDigit(b byte) bool  { return b >= '0' && b <= '9' }
func isLetter(b byte) bool { return b >= 'a' && b <= 'z' }

func isTable(s string) bool {
	return within(s, 1, 61, func(b byte) bool { return isLetter(b) || isDigit(b) || b == '_' }) && isLetter(s[0])
}

// isDate reports whether a string has the form YYYY-MM-DD.
func isDate(s string) bool {
	return len(s) == 10 && s[4] == '-' && s[7] == '-' && within(s[:4], 4, 4, isDigit) && within(s[5:7], 2, 2, isDigit) && within(s[8:], 2, 2, isDigit)
}

// What the watch of package cmd/watch keeps beside the tables.
const (
	AlertsName = "alerts.jsonl"
	WatchName  = "watch.json"
)

var beside = text.Pattern(`^(alerts(-\d{10})?\.jsonl|watch\.json)$`)

// IsBeside reports whether a file is kept beside the tables, with what was found in them.
func IsBeside(name string) bool { return beside().MatchString(name) }

// DateOf returns the name of the day, in UTC, of an instant in ns since 1970.
func DateOf(ns int64) string {
	return time.Unix(0, ns).UTC().Format("2006-01-02")
}

// Mark is how far a folder's commits go.
type Mark struct {
	Number int64
	AtEnd  bool
}

// Behind reports whether the mark is later than another.
func (m Mark) Behind(o Mark) bool {
	return m.Number > o.Number || m.Number == o.Number && m.AtEnd && !o.AtEnd
}

func compareMarks(a, b Mark) int {
	switch {
	case a.Behind(b):
		return 1
	case b.Behind(a):
		return -1
	}
	return 0
}

// Covers reports whether a part counts, where commits go so far.
func (m Mark) Covers(p PartName) bool {
	return p.Number < m.Number || p.Number == m.Number && (m.AtEnd || !p.AtEnd)
}
