package report

import (
	"fmt"
	"strconv"
	"time"

	"pcapmill/outputs/text"
)

// Page is a report as people see it.
type Page struct {
	Title    string
	Facts    []Fact
	Charts   []Chart
	Sections []Section
	Notes    []string
}

// Fact is a line of the head: a name and what it is.
type Fact struct{ Name, Text string }

// Section is a table under a heading.
type Section struct {
	Name    string
	Doc     string // a sentence about its rows, without a full stop; may be empty
	Columns []Column
	Rows    [][]string // a cell for each of Columns
	More    int64      // rows that are not shown
	None    string     // what is said where there is no row; empty: the section is left out
}

// Column is one of a Section.
type Column struct {
	Name   string
	Number bool // stands to the right, and is never cut
}

// Chart shows how many of each series there are over time: a lane for each.
type Chart struct {
	Name  string
	Doc   string
	First int64 // ns since 1970, of the first value
	Step  int64 // ns between values
	Lanes []Lane
}

// Lane is one series of a Chart: Chart.First + i · Chart.Step is when value i begins.
type Lane struct {
	Name   string
	Values []int64
	Grey   bool // what is left over, and not what the chart is about
}

// Words are columns of text with these names, Numbers those that stand to the right.
func Words(names ...string) []Column { return columns(false, names) }

// Numbers are columns of numbers.
func Numbers(names ...string) []Column { return columns(true, names) }

func columns(number bool, names []string) []Column {
	all := make([]Column, len(names))
	for i, name := range names {
		all[i] = Column{name, number}
	}
	return all
}

// mostText is how many cells of the terminal a string may take.
const mostText = 300

// shown is a string as any form may show it.
func shown(s string) string { return text.Truncate(text.Escape(s), mostText) }

// Share writes a share as percent, with what is not 0 or 1 never shown as such.
func Share(part, whole int64) string {
	if whole == 0 {
		return "-"
	}
	p := 100 * float64(part) / float64(whole)
	switch {
	case part > 0 && p < 0.01:
		return "<0.01 %"
	case part < whole && p > 99.99:
		return ">99.99 %"
	}
	return fmt.Sprintf("%.2f %%", p)
}

// Ratio writes a number from 0 to 1 with four digits; - where it is unknown.
func Ratio(x *float64) string {
	if x == nil {
		return "-"
	}
	return strconv.FormatFloat(*x, 'f', 4, 64)
}

// Instant writes a time, ns since 1970, in UTC.
func Instant(ns int64) string {
	return time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.999999999Z07:00")
}

// Duration writes a stretch of time as people read it.
func Duration(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d.Abs() >= time.Minute:
		return d.Round(time.Second).String()
	case d.Abs() >= time.Second:
		return d.Round(time.Millisecond).String()
	}
	return d.String()
}

// Offset writes a shift of time as zones are written, with its sign.
func Offset(ns int64) string {
	d, sign := time.Duration(ns), "+"
	if d < 0 {
		d, sign = -d, "-"
	}
	hours, minutes, rest := d/time.Hour, d/time.Minute%60, d%time.Minute
	out := fmt.Sprintf("%s%02d:%02d", sign, hours, minutes)
	if rest != 0 {
		out += "+" + rest.String()
	}
	return out
}
