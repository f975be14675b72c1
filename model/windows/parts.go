package windows

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Parts are files of a dataset that is still being written: what has windows that are over,
// while the folders around them grow.
type Parts struct {
	Path     string    // of the dataset, for what is said of it
	Hosts    []string  // files of the table hosts, in its order
	Pairs    []string  // those of pairs; nil: there is no such table
	Covered  []Span    // what captures cover, as the manifest will say; nil: unknown, and rows are taken as whole
	Recorded *Recorded // what the captures lack; nil: unknown
}

// Span is a stretch of packet time, ns since 1970: from First up to before End.
type Span struct{ First, End int64 }

// OpenParts is Open of these files of one dataset. The Set's source has no hash: these rows
// are for judging, and no baseline learns them.
func OpenParts(ctx context.Context, p Parts, o Options) (*Set, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if len(p.Hosts) == 0 {
		return nil, fmt.Errorf("%w: no table is named", ErrTable)
	}
	in := &input{hosts: p.Path, files: p.Hosts, pairs: p.Path, paired: slices.Concat([]string{}, p.Pairs), broken: map[place]bool{}}
	in.quality.Path, in.quality.Keys, in.quality.Recorded = p.Path, p.Pairs != nil, p.Recorded
	if p.Covered != nil {
		in.cover = coverOfSpans(p.Covered)
	}
	s := &Set{options: o}
	if err := s.survey(ctx, in); err != nil {
		return nil, err
	}
	s.inputs = append(s.inputs, in)
	return s, nil
}

func coverOfSpans(spans []Span) *cover {
	c := &cover{}
	for _, s := range spans {
		if s.First < s.End {
			c.all = append(c.all, span{s.First, s.End})
		}
	}
	c.all = joined(c.all)
	return c
}

// Frame is a window that rows of a file are of.
type Frame struct {
	Start  int64 `json:"start"`  // ns since 1970
	Length int64 `json:"length"` // ns
	Parts  bool  `json:"parts"`  // whether rows of it are in further parts than the first
}

// Frames returns the windows of files of a table hosts that lie side by side, ascending: of
// windows that overlap, those that Open would read.
func Frames(ctx context.Context, files []string) ([]Frame, error) {
	s := &Set{options: DefaultOptions()}
	in := &input{files: files, broken: map[place]bool{}}
	v, err := s.look(ctx, in)
	if err != nil {
		return nil, err
	}
	var all []Frame
	for i := range v.runs {
		f := &v.runs[i].frame
		if !f.aligned() {
			continue
		}
		at, found := slices.BinarySearchFunc(all, f.start, func(a Frame, start int64) int { return cmp.Compare(a.Start, start) })
		if !found {
			all = slices.Insert(all, at, Frame{Start: f.start, Length: f.length})
		}
		all[at].Parts = all[at].Parts || f.part > 0
	}
	return all, nil
}
