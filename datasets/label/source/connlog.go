package source

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/outputs/text"
)

// readConn reads a Zeek conn.log that has labels, as netflowlabeler and the IoT-23 and CTU-SME-11
// datasets write it: TSV with the fields label and detailedlabel, or JSON lines. A row is an event
// on its connection from ts on for duration; the detailed label is its category.
//
// Source: docs.zeek.org, base/protocols/conn; IoT-23 for the spaces before its last columns.
func readConn(r *reading) error {
	c := connLog{reading: r, header: newZeekHeader()}
	if err := r.eachLine(c.line); err != nil {
		return err
	}
	if !c.labels && r.source.Refused == 0 {
		return fmt.Errorf("%w: a conn.log without a field label", ErrContent)
	}
	return nil
}

// labelField is the name of a field in a header of TSV or a key of JSON.
var labelField = text.Pattern(`(?m)^#fields.*[\t ]label([\t ]|\r?$)|"label" *:`)

func isConn(head []byte, _ string) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	return len(head) > 0 && (head[0] == '#' || head[0] == '{') && bytes.Contains(head, []byte("id.orig_h")) && labelField().Match(head)
}

// connLog is a conn.log on its way.
type connLog struct {
	*reading
	header zeekHeader
	spaces bool // three of them, where a tab should be, stand before the last columns
	labels bool // there is a field of them
}

// spaced is what stands between the last columns of IoT-23.
const spaced = "   "

func (c *connLog) line(l line) error {
	s := string(l.text)
	switch {
	case s[0] == '{':
		row, err := jsonRow(l.text)
		if err == nil {
			_, has := row("label")
			c.labels = c.labels || has
		}
		return c.row(l, row, err)
	case s[0] == '#':
		if strings.HasPrefix(s, "#fields") {
			c.spaces = strings.Contains(s, spaced)
		}
		err := c.header.directive(c.tabbed(s))
		if _, has := c.header.fields["label"]; has {
			c.labels = true
		}
		return c.refuse(l.place, err)
	}
	row, err := c.header.row(c.tabbed(s))
	return c.row(l, row.get, err)
}

func (c *connLog) tabbed(s string) string {
	if c.spaces {
		return strings.ReplaceAll(s, spaced, c.header.separator)
	}
	return s
}

// row keeps what a row says.
func (c *connLog) row(l line, get cells, err error) error {
	if err != nil {
		return c.refuse(l.place, err)
	}
	name, _ := get("label")
	if name = strings.TrimSpace(name); name == "" || name == c.header.empty || name == c.header.unset || c.opts.skips(name) {
		c.skip()
		return nil
	}
	e := &label.Event{Meaning: label.Meaning{Label: name, Category: c.detail(get)}, Depth: label.AnyDepth}
	if err := c.connEvent(get, e); err != nil {
		return c.refuse(l.place, err)
	}
	return c.event(l.place, e)
}

// detail is the detailed label, by any of the names that tools give it.
func (c *connLog) detail(get cells) string {
	for _, name := range []string{"detailedlabel", "detailed-label", "detailed_label"} {
		if s, _ := get(name); s != "" && s != c.header.empty && s != c.header.unset {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// connEvent reads when and between whom a connection was.
func (r *reading) connEvent(get cells, e *label.Event) error {
	ts, _ := get("ts")
	start, precision, err := r.zeekTime(ts)
	if err != nil {
		return fmt.Errorf("ts: %w", err)
	}
	e.Time, e.Last, e.Precision = start, start, precision
	if s, ok := get("duration"); ok && s != "" {
		ns, err := seconds(s)
		if err != nil || ns < 0 || start > math.MaxInt64-ns {
			return fmt.Errorf("duration %s is none", quoted(s))
		}
		e.Last = start + ns
	}
	found, err := zeekTuple(get, e)
	if err == nil && !found {
		err = fmt.Errorf("no id.orig_h and id.resp_h")
	}
	if err == nil {
		e.Community, _ = get("community_id")
	}
	return err
}

// seconds reads how long something was, ns. JSON has small numbers as 9.5e-07.
func seconds(s string) (int64, error) {
	if !strings.ContainsAny(s, "eE") {
		ns, _, err := epoch(s)
		return ns, err
	}
	x, err := strconv.ParseFloat(s, 64)
	ns := x * float64(time.Second)
	if err != nil || !(math.Abs(ns) < math.MaxInt64/2) {
		return 0, fmt.Errorf("%s is no number of seconds", quoted(s))
	}
	return int64(math.Round(ns)), nil
}
