package build

import (
	"context"
	"errors"

	"pcapmill/datasets/folder"
	"pcapmill/features/column"
	"pcapmill/outputs/usage"
	"pcapmill/outputs/where"
)

// builder makes one dataset.
type builder struct {
	cfg        *Config
	pairs      []Pair
	predicates map[string]bool
	joiners    []*joiner
	sieve      *sieve
	census     census
	data       *column.Schema // of data, once the first pair was read
	left       [outs]int64
	report     Summary
}

// Run reads the pairs, in their order, and writes the tables of a dataset and its report. The
// caller creates the folder, with the options and sources of the same, and finishes it. Errors
// are usage.Err, ErrInput, ErrLimit, tables.ErrTable, the context's and those of writing.
func Run(ctx context.Context, cfg Config, pairs []Pair, out *folder.Folder) (*Summary, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	b := &builder{cfg: &cfg, pairs: pairs, predicates: predicates(pairs), sieve: newSieve(&cfg)}
	b.census.cfg = &cfg
	for _, p := range pairs {
		j := &joiner{cfg: &cfg, shape: shapeOf(cfg.Table), pair: p}
		if err := errors.Join(has(p.Tables, cfg.Table), has(p.Labels, j.shape.labels)); err != nil {
			return nil, err
		}
		if cfg.Attempted == AttemptDrop && cfg.Table != flowsTable && p.Labels.Manifest.Options["attempted"] == AttemptSame {
			return nil, usage.Errorf("labels call attempts as they call attacks, so that those of %s are not known: label with --attempted suffix or drop", cfg.Table)
		}
		if j.shape.labels == recordLabels {
			var err error
			if j.pieces, err = j.loadPieces(ctx); err != nil {
				return nil, inFolder(p.Tables, err)
			}
		}
		b.joiners = append(b.joiners, j)
	}
	if err := b.survey(ctx); err != nil {
		return nil, err
	}
	if err := b.write(ctx, out); err != nil {
		return nil, err
	}
	b.summarise()
	return &b.report, out.File(Report, b.report.Write)
}

// survey decides which rows stay.
func (b *builder) survey(ctx context.Context) error {
	if b.census.ranks() {
		if err := b.eachRow(ctx, b.census.rank); err != nil {
			return err
		}
		b.census.ranked()
	}
	if err := b.eachRow(ctx, b.census.count); err != nil {
		return err
	}
	b.census.counted()
	return nil
}

// eachRow hands over the rows that can be in the dataset.
func (b *builder) eachRow(ctx context.Context, take func(placed)) error {
	clear(b.left[:])
	for _, j := range b.joiners {
		if err := b.eachOf(ctx, j, take); err != nil {
			return inFolder(j.pair.Tables, err)
		}
	}
	return nil
}

// eachOf is eachRow of one pair.
func (b *builder) eachOf(ctx context.Context, j *joiner, take func(placed)) error {
	if err := b.order(ctx, j); err != nil {
		return err
	}
	r := &reading{b: b, j: j}
	return j.each(ctx, r.pick, func(in *joined) error {
		return r.judge(in, func(_ int, p placed) { take(p) })
	})
}

// order finds out once whether a pair's rows and labels are in the same order.
func (b *builder) order(ctx context.Context, j *joiner) error {
	if j.ordered || j.shape.lookup {
		return nil
	}
	pick := func(s *column.Schema) (names []string, err error) {
		p := picks{schema: s}
		j.need, err = p.need(j.shape.ids[:j.shape.key])
		return p.names, err
	}
	err := j.each(ctx, pick, func(*joined) error { return nil })
	switch {
	case err == nil:
		j.ordered = true
	case errors.Is(err, errOrder) && j.shape.labels == recordLabels:
		return unfit("%s is not in the order of %s, or not of the same rows: label the tables again", recordLabels, j.cfg.Table)
	case errors.Is(err, errOrder):
		j.ordered = true
		return j.load(ctx)
	}
	return err
}

// reading is what is known of one pair's table while its rows are read.
type reading struct {
	b      *builder
	j      *joiner
	picks  picks
	filter where.Predicate
}

// pick says which columns of the table are read, to judge its rows.
func (r *reading) pick(s *column.Schema) (names []string, err error) {
	r.picks = picks{schema: s}
	picked, err := r.b.cfg.choose(s, r.b.predicates) // what does not fit is told before a dataset is replaced
	if err != nil {
		return nil, err
	}
	switch data := r.b.cfg.dataSchema(s, picked); {
	case r.b.data == nil:
		r.b.data = data
	default:
		if err := sameColumns(r.b.data, data); err != nil {
			return nil, err
		}
	}
	return r.need()
}

// need adds the columns that joining and the condition ask for.
func (r *reading) need() (names []string, err error) {
	if r.j.need, err = r.picks.need(r.j.shape.ids); err != nil {
		return nil, err
	}
	if expr := r.b.cfg.Where; expr != "" {
		if r.filter, err = where.Parse(expr, r.picks.schema, r.picks.use); err != nil {
			return nil, usage.Errorf("the condition: %w", err)
		}
	}
	return r.picks.names, nil
}

// judge hands over those of joined rows that can be in the dataset, by their number among
// them, and counts the others.
func (r *reading) judge(in *joined, take func(i int, p placed)) error {
	for i, at := range in.at {
		if r.filter != nil && r.filter.Of(in.rows, int(at)) != where.Yes {
			r.b.left[outWhere]++
			continue
		}
		class, out, err := r.b.sieve.judge(r.j, in.labels, int(in.said[i]))
		if err != nil {
			return inFolder(r.j.pair.Labels, err)
		}
		if out != outs {
			r.b.left[out]++
			continue
		}
		take(i, placed{place(r.b.cfg.Seed, r.j.together(in.rows, int(at))), class})
	}
	return nil
}
