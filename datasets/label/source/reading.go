package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"pcapmill/datasets/label"
	"pcapmill/outputs/text"
)

// maxRefusals of a source are kept with their reasons.
const maxRefusals = 20

// maxNotes of a source are kept.
const maxNotes = 50

// reading is one file on its way into the set. A format's read takes it.
type reading struct {
	ctx    context.Context
	opts   *Options
	set    *label.Set
	texts  *texts
	path   string
	in     *bufio.Reader // the decompressed bytes, from the first one
	first  int           // of the set's events, that which is its first
	source label.Source  // becomes the last one of the set
	twice  int64         // times that the zone's clocks showed twice, or never
}

// place is where in a file something stands.
type place struct {
	line   int64 // from 1; of a capture the packet's number; 0: none
	offset int64 // in bytes; -1: not known
}

// placed says which file an error is about.
func (r *reading) placed(err error) error {
	var there *Error
	if errors.As(err, &there) {
		return err
	}
	return &Error{Path: r.path, Offset: -1, Err: err}
}

// at says which line an error is about.
func (r *reading) at(p place, err error) error { return &Error{r.path, p.line, p.offset, err} }

// unwrapPath leaves out the operation and the path, which *Error has.
func unwrapPath(err error) error {
	var there *fs.PathError
	if errors.As(err, &there) {
		return there.Err
	}
	return err
}

// refuse counts a line that was not understood. An error that is about more than the line comes
// back, with its place, and ends the reading; nil is none.
func (r *reading) refuse(p place, err error) error {
	if err == nil {
		return nil
	}
	if final(err) {
		return r.at(p, err)
	}
	r.source.Refused++
	if len(r.source.Refusals) < maxRefusals {
		r.source.Refusals = append(r.source.Refusals, label.Refusal{Line: p.line, Offset: p.offset, Reason: err.Error()})
	}
	return nil
}

// skip counts what says nothing of labels.
func (r *reading) skip() { r.source.Skipped++ }

// note keeps what a reader of the report should know, once.
func (r *reading) note(format string, args ...any) {
	n := fmt.Sprintf(format, args...)
	if len(r.source.Notes) < maxNotes && !slices.Contains(r.source.Notes, n) {
		r.source.Notes = append(r.source.Notes, n)
	}
}

// event keeps an event of a line, or refuses it. Its Source and, where it has none, its Line are
// filled in.
func (r *reading) event(p place, e *label.Event) error {
	if err := r.room(); err != nil {
		return r.at(p, err)
	}
	err := r.meaning(p, &e.Meaning)
	if err == nil {
		err = r.texts.keep(&e.Community, &e.Capture)
	}
	if err == nil {
		err = sound(e)
	}
	if err != nil {
		return r.refuse(p, err)
	}
	e.Src, e.Dst = e.Src.Unmap().WithZone(""), e.Dst.Unmap().WithZone("")
	r.set.Events = append(r.set.Events, *e)
	r.source.Events++
	return nil
}

// sound reports the first field of an event that is out of range.
func sound(e *label.Event) error {
	switch {
	case e.Last < e.Time:
		return errors.New("it ends before it begins")
	case !isPort(e.SrcPort) || !isPort(e.DstPort):
		return errors.New("a port is not between 0 and 65535")
	case e.Protocol < label.None || e.Protocol > 255:
		return fmt.Errorf("protocol %d is not between 0 and 255", e.Protocol)
	case e.Depth < label.AnyDepth || e.Packet < 0 || e.Precision < 0:
		return errors.New("a number is below 0")
	}
	return nil
}

func isPort(p int32) bool { return label.None <= p && p <= 65535 }

// rule keeps a rule of a line, or refuses it, as event does.
func (r *reading) rule(p place, rule *label.Rule) error {
	if err := r.room(); err != nil {
		return r.at(p, err)
	}
	if err := r.meaning(p, &rule.Meaning); err != nil {
		return r.refuse(p, err)
	}
	r.set.Rules = append(r.set.Rules, *rule)
	r.source.Rules++
	return nil
}

func (r *reading) room() error {
	if kept := int64(len(r.set.Events) + len(r.set.Rules)); kept >= r.opts.MaxEvents {
		return fmt.Errorf("%w: more than %d events and rules", ErrLimit, r.opts.MaxEvents)
	}
	return r.ctx.Err()
}

// meaning fills in where it is from, and checks it.
func (r *reading) meaning(p place, m *label.Meaning) error {
	m.Source = int32(len(r.set.Sources))
	if m.Line == 0 {
		m.Line = p.line
	}
	switch c := m.Confidence; {
	case m.Label == "":
		return errors.New("no label")
	case c != nil && !(*c >= 0 && *c <= 1):
		return fmt.Errorf("confidence %v is not between 0 and 1", *c)
	}
	return r.texts.keep(&m.ID, &m.Label, &m.Category, &m.MITRE, &m.Campaign)
}

// quoted is text of a file in a message: escaped, and not long.
func quoted[T string | []byte](s T) string {
	const most = 80
	if len(s) > most {
		return "\"" + text.Escape(string(s[:most])) + "\"…"
	}
	return "\"" + text.Escape(string(s)) + "\""
}
