package nightly

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pcapmill/outputs/ledger"
	"pcapmill/outputs/text"
)

// done is what is known of a night that is done.
type done struct {
	Night
	marked    *bool // what someone said last
	markedWhy string
	gone      map[string]bool // what retention removed
}

// seen is what is known of a capture that was read.
type seen struct {
	Input
	night string
	going bool   // retention has said that it goes
	is    string // hash of what it changed to, where that was told
}

// state is what the history says.
type state struct {
	log     *ledger.Log
	nights  map[string]*done
	files   map[string]*seen            // of those that are still there
	pending map[string]map[string]*seen // of nights that were not done when their captures were recorded
	tries   map[string]int              // of nights that failed
	again   map[string]bool             // nights that were to be done again, and are not done yet
	silent  []Silent                    // nights that were told to have no captures

	untold told // since the last record of the event end
}

// told is what an execution has to say.
type told struct {
	nights  []*Night
	silent  []Silent
	changed []Changed
	failed  []Failed
	deleted int
	marks   int
}

// openState reads the history. there says which captures are still there; of others only
// what nights need is kept.
func openState(path string, there func(path string) bool) (*state, error) {
	log, err := ledger.Open(path)
	if err != nil {
		return nil, err
	}
	s := newState()
	s.log = log
	_, err = ledger.Scan(path, ledger.Position{}, func(r ledger.Record) error { return s.apply(&r, there) })
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return s, nil
}

// readState is openState for who only looks.
func readState(path string, there func(path string) bool) (*state, error) {
	s := newState()
	_, err := ledger.Scan(path, ledger.Position{}, func(r ledger.Record) error { return s.apply(&r, there) })
	return s, err
}

func newState() *state {
	return &state{nights: map[string]*done{}, files: map[string]*seen{}, tries: map[string]int{}, again: map[string]bool{}, pending: map[string]map[string]*seen{}}
}

// decoded hands a record's body to what it means.
func decoded[T any](r *ledger.Record, take func(*T)) error {
	var body T
	if err := r.Decode(&body); err != nil {
		return err
	}
	take(&body)
	return nil
}

// apply takes over a record. Events that are not known are of a later version, and ignored.
func (s *state) apply(r *ledger.Record, there func(string) bool) error {
	switch r.Event {
	case nightEvent:
		var n Night
		if err := r.Decode(&n); err != nil {
			return err
		}
		if _, _, ok := spanOf(n.Name); !ok { // names become paths
			return fmt.Errorf("record %d: \"%s\" is no name of a night", r.Seq, text.Escape(n.Name))
		}
		s.night(&n, there)
	case inputsEvent:
		return decoded(r, func(c *Captures) { s.isOf(c, there) })
	case silentEvent:
		return decoded(r, s.isSilent)
	case changedEvent:
		return decoded(r, s.isChanged)
	case againEvent:
		return decoded(r, s.isAgain)
	case sameEvent:
		return decoded(r, func(x *Same) { s.isSame(x, there) })
	case failedEvent:
		return decoded(r, s.hasFailed)
	case markEvent:
		return decoded(r, s.isMarked)
	case deleteEvent:
		return decoded(r, s.isDeleted)
	case endEvent:
		s.untold = told{}
	}
	return nil
}

func (s *state) night(n *Night, there func(string) bool) {
	if n.Again { // what had come late is in it now, and what is not there is not
		s.forget(n.Name)
	}
	for path, f := range s.pending[n.Name] {
		s.files[path] = f
	}
	delete(s.pending, n.Name)
	s.take(n.Name, n.Inputs, s.files, there)
	kept := *n
	kept.Inputs = nil // in files, as far as they matter
	s.nights[n.Name] = &done{Night: kept, gone: map[string]bool{}}
	delete(s.tries, n.Name)
	delete(s.again, n.Name)
	s.untold.nights = append(s.untold.nights, n)
}

// forget takes out what is known of a night's parts and captures.
func (s *state) forget(name string) {
	for _, late := range s.supplements(name) {
		delete(s.nights, late)
	}
	maps.DeleteFunc(s.tries, func(other string, _ int) bool { return baseOf(other) == name })
	maps.DeleteFunc(s.files, func(_ string, f *seen) bool { return baseOf(f.night) == name })
}

// take adds captures of a night that are there to files.
func (s *state) take(night string, inputs []Input, files map[string]*seen, there func(string) bool) {
	for _, in := range inputs {
		if path, err := in.raw(); err == nil && there(path) {
			files[path] = &seen{Input: in, night: night}
		}
	}
}

// isOf takes captures of a night that is not done yet.
func (s *state) isOf(c *Captures, there func(string) bool) {
	if s.pending[c.Night] == nil {
		s.pending[c.Night] = map[string]*seen{}
	}
	s.take(c.Night, c.Inputs, s.pending[c.Night], there)
}

// supplements are the nights of files that came late, in order.
func (s *state) supplements(name string) (late []string) {
	for other := range s.nights {
		if base, _ := split(other); base == name && other != name {
			late = append(late, other)
		}
	}
	slices.SortFunc(late, compareNames)
	return late
}

// isAgain takes a night that is to be done again.
func (s *state) isAgain(x *Again) {
	if s.nights[x.Name] != nil {
		s.again[x.Name] = true
	}
}

func (s *state) isSilent(x *Silent) {
	s.silent = append(s.silent, *x)
	s.untold.silent = append(s.untold.silent, *x)
}

// doubt takes out nights without captures that end behind an instant: they were told by a clock
// that was ahead, and nobody would be told of them when they come.
func (s *state) doubt(now time.Time) {
	s.silent = slices.DeleteFunc(s.silent, func(x Silent) bool {
		_, last, ok := spanOf(x.Last)
		return ok && last.After(now)
	})
}

// toldSilent reports whether it was told that a night has no captures.
func (s *state) toldSilent(start, end time.Time) bool {
	return slices.ContainsFunc(s.silent, func(x Silent) bool {
		first, _, ok := spanOf(x.First)
		_, last, is := spanOf(x.Last)
		return ok && is && !start.Before(first) && !end.After(last)
	})
}

// stillSilent are the nights that were told to have no captures, but for those whose captures
// came after all.
func (s *state) stillSilent() (all []Silent) {
	nights := s.inOrder()
	for _, x := range s.silent {
		all = append(all, without(x, nights)...)
	}
	return all
}

// without is a stretch of nights without those that are done, which are in order.
func without(x Silent, nights []*done) (rest []Silent) {
	from, end, ok := spanOf(x.First)
	_, to, is := spanOf(x.Last)
	length, came := end.Sub(from), false
	unit := Nights{By: ByDay}
	if length == time.Hour {
		unit.By = ByHour
	}
	add := func(begin, end time.Time) {
		if n := end.Sub(begin) / max(length, 1); n > 0 {
			rest = append(rest, Silent{unit.nameOf(begin), unit.nameOf(end.Add(-1)), int(n)})
		}
	}
	for _, n := range nights {
		start, end, _ := spanOf(n.Name)
		if start.Before(from) || !start.Before(to) {
			continue
		}
		add(from, start)
		from, came = end, true
	}
	if !ok || !is || !came {
		return []Silent{x}
	}
	add(from, to)
	return rest
}

func (s *state) isChanged(x *Changed) {
	for _, f := range s.files { // rare, and paths that do not print are not as they were
		if f.SHA256 == x.Was && f.night == x.Night && f.Path == x.Path {
			f.is = x.Is
		}
	}
	s.untold.changed = append(s.untold.changed, *x)
}

// isSame takes a capture by the name and time that it has now.
func (s *state) isSame(x *Same, there func(string) bool) {
	s.take(x.Night, []Input{x.Input}, s.files, there)
}

func (s *state) hasFailed(x *Failed) {
	s.tries[x.Name] = x.Try
	s.untold.failed = append(s.untold.failed, *x)
}

func (s *state) isMarked(x *Mark) {
	if n := s.nights[x.Name]; n != nil {
		n.marked, n.markedWhy = &x.Good, x.Why
	}
	s.untold.marks++
}

func (s *state) isDeleted(x *Deleted) {
	if n := s.nights[x.Name]; n != nil {
		n.gone[x.What] = true
	}
	if f := s.files[x.Name]; f != nil && x.What == whatCapture {
		f.going = true
	}
	s.untold.deleted++
}

// record writes a record and takes it over.
func (s *state) record(event string, body any, there func(string) bool) error {
	if err := s.log.Append(event, body); err != nil {
		return err
	}
	switch x := body.(type) {
	case *Night:
		s.night(x, there)
	case *Captures:
		s.isOf(x, there)
	case *Silent:
		s.isSilent(x)
	case *Changed:
		s.isChanged(x)
	case *Again:
		s.isAgain(x)
	case *Same:
		s.isSame(x, there)
	case *Failed:
		s.hasFailed(x)
	case *Mark:
		s.isMarked(x)
	case *Deleted:
		s.isDeleted(x)
	case *End:
		s.untold = told{}
	default:
		return fmt.Errorf("a record of %T", body)
	}
	return nil
}

// inOrder returns the nights by their names.
func (s *state) inOrder() []*done {
	all := make([]*done, 0, len(s.nights))
	for _, n := range s.nights {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *done) int { return compareNames(a.Name, b.Name) })
	return all
}

// compareNames puts nights in the order of time, and what came late behind its night.
func compareNames(a, b string) int {
	nameA, partA := split(a)
	nameB, partB := split(b)
	return cmp.Or(strings.Compare(nameA, nameB), cmp.Compare(partA, partB))
}
