package livefolder

import (
	"fmt"
	"strconv"
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

// String returns the path: names sort as the rows do.
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

var partForm = text.Pattern(`^([a-z][a-z0-9_]{0,60})/date=(\d{4}-\d\d-\d\d)/segment-(\d{10})(_end)?(_\d{5})?\.([a-z]{1,10})$`)

// ParsePart reads what String wrote.
func ParsePart(path string) (PartName, error) {
	m := partForm().FindStringSubmatch(path)
	if m == nil {
		return PartName{}, fmt.Errorf("%q is no part of a live table", path)
	}
	p := PartName{Table: m[1], Date: m[2], AtEnd: m[4] != "", Ext: m[6]}
	p.Number, _ = strconv.ParseInt(m[3], 10, 64) // ten digits
	if m[5] != "" {
		p.Piece, _ = strconv.Atoi(m[5][1:])
	}
	if p.String() != path || p.Number < 1 {
		return PartName{}, fmt.Errorf("%q is no part of a live table", path)
	}
	return p, nil
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

// Covers reports whether a part counts, where commits go so far.
func (m Mark) Covers(p PartName) bool {
	return p.Number < m.Number || p.Number == m.Number && (m.AtEnd || !p.AtEnd)
}
