package leak

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"pcapmill/features/column"
)

// Check reads a dataset and reports what it finds. Errors are ErrConfig, ErrDataset, ErrLimit, those of
// tables, and the context's.
func Check(ctx context.Context, d *Dataset, cfg Config) (*Report, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if len(d.Parts) == 0 {
		return nil, fmt.Errorf("%w: it has no parts", ErrDataset)
	}
	data, err := d.schema(dataOf)
	if err != nil {
		return nil, err
	}
	if err := d.validate(data); err != nil {
		return nil, err
	}
	c := &checker{d: d, cfg: &cfg, data: data, report: &Report{Label: d.Label, Policy: d.Policy, Seed: cfg.Seed}}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	c.report.finish(cfg.Allow)
	return c.report, nil
}

// checker holds a check together.
type checker struct {
	d      *Dataset
	cfg    *Config
	data   *column.Schema
	report *Report
	l      *labelled
	s      *sample

	keyed  table          // where keys are; nil: nowhere
	schema *column.Schema // of that table
	keys   []key
}

func (c *checker) run(ctx context.Context) (err error) {
	if c.l, err = readLabels(ctx, c.d, c.cfg.Classes); err != nil {
		return err
	}
	c.report.Classes, c.report.Rows = c.l.classes, c.l.rows()
	c.report.classes(c.cfg)
	if err := c.findKeys(ctx); err != nil {
		return err
	}
	if err := c.choose(ctx); err != nil {
		return err
	}
	if err := c.groups(ctx); err != nil {
		return err
	}
	if err := c.times(ctx); err != nil {
		return err
	}
	return c.columns(ctx)
}

// findKeys says where keys are, and that there are as many as rows.
func (c *checker) findKeys(ctx context.Context) (err error) {
	switch {
	case c.d.Parts[0].Keys != "":
		c.keyed = keysOf
		if c.schema, err = c.d.schema(keysOf); err != nil {
			return err
		}
		if err := c.even(); err != nil {
			return err
		}
	case len(c.d.Groups) > 0:
		c.keyed, c.schema = dataOf, c.data
	default:
		c.skip("groups and times: the dataset has no keys, and no columns were named as such")
		return nil
	}
	named := &column.Schema{Columns: c.schema.Columns}
	if c.d.Groups != nil {
		named = only(c.schema, c.d.Groups)
	}
	c.keys = keysIn(named, c.d.Groups)
	if c.d.Policy.Internal != nil {
		c.keys = append(c.keys, have(named, []key{internalHost(c.d.Policy.Internal)})...)
	}
	return ctx.Err()
}

func only(s *column.Schema, names []string) *column.Schema {
	some := &column.Schema{}
	for i := range s.Columns {
		if slices.Contains(names, s.Columns[i].Name) {
			some.Columns = append(some.Columns, s.Columns[i])
		}
	}
	return some
}

// even refuses parts whose keys are not as many as their rows.
func (c *checker) even() error {
	for i := range c.d.Parts {
		p := &c.d.Parts[i]
		rows, keys, err := partRows(p)
		if err != nil {
			return err
		}
		if rows != keys {
			return fmt.Errorf("%w: split %s has %d rows and keys of %d", ErrDataset, splits[p.Split], rows, keys)
		}
	}
	return nil
}

func (c *checker) skip(what string) { c.report.Unchecked = append(c.report.Unchecked, what) }

// choose decides which rows are sampled.
func (c *checker) choose(ctx context.Context) error {
	of, names := table(dataOf), []string{c.d.Label}
	if c.keyed != nil {
		of, names = c.keyed, hashed(c.schema, c.d.Groups)
	}
	keyed := c.keyed != nil && len(names) > 0
	if !keyed {
		names = []string{c.d.Label}
		of = dataOf
	}
	chooser := newChooser(c.l, c.cfg, keyed)
	if err := c.d.walk(ctx, of, names, chooser.take); err != nil {
		return err
	}
	c.s = chooser.sample()
	c.report.Sampled, c.report.Whole = c.s.of, c.s.whole()
	if c.keyed == nil {
		return nil
	}
	return c.s.readKeys(ctx, c.d, c.keyed, c.related(), c.start())
}

// start is the column of rows' begins, empty where there is none.
func (c *checker) start() string {
	switch {
	case c.d.Time != "":
		return c.d.Time
	case c.schema != nil && c.schema.Index(startColumn) >= 0 && (c.d.Groups == nil || slices.Contains(c.d.Groups, startColumn)):
		return startColumn
	}
	return ""
}

func (c *checker) groups(ctx context.Context) error {
	for i := range c.keys {
		o, err := overlaps(ctx, c.d, c.keyed, &c.keys[i], c.l, c.cfg.Groups)
		if err != nil {
			return err
		}
		for _, f := range []*Finding{o.finding(c.d, c.l), o.bound(c.report)} {
			if f != nil {
				c.report.add(*f)
			}
		}
	}
	return nil
}

func (c *checker) times(ctx context.Context) error {
	start := c.start()
	if start == "" || c.keyed == nil {
		return nil
	}
	if i := c.schema.Index(start); !numeric(c.schema.Columns[i].Type) {
		c.skip("the time of splits: column " + clip(start) + " has no numbers")
		return nil
	}
	end := ""
	if c.d.Time == "" && c.schema.Index(endColumn) >= 0 && (c.d.Groups == nil || slices.Contains(c.d.Groups, endColumn)) {
		end = endColumn
	}
	all, err := stretches(ctx, c.d, c.keyed, c.l, start, end)
	if err != nil {
		return err
	}
	if f := timeFinding(c.d, all, start); f != nil {
		c.report.add(*f)
	}
	return nil
}

// columns looks at data.
func (c *checker) columns(ctx context.Context) error {
	skip := func(col *column.Column) bool {
		return col.Name == c.d.Label || col.Role == column.Label || col.Name == c.d.SplitColumn || slices.Contains(c.d.Groups, col.Name) || col.Name == c.d.Time
	}
	scan, err := scanData(ctx, c.d, c.data, c.l, c.s, c.cfg, skip)
	if err != nil {
		return err
	}
	c.report.Columns = len(scan.columns)
	j := &judge{d: c.d, cfg: c.cfg, l: c.l, s: c.s, scan: scan, report: c.report, documented: c.d.Ours || c.d.Parts[0].Keys != ""}
	j.groupings, j.predictor, j.rare = groupings(c.s), newPredictor(c.s), make([]int32, len(c.s.rows))
	if j.predictor.n < 2 {
		c.skip(fmt.Sprintf("what columns tell of the label: fewer than two classes have %d rows in training and %d outside it", leastMeasured, leastMeasured))
	}
	j.columns()
	j.scaling()
	if err := errors.Join(j.scaled(ctx), j.encoders(ctx, c.data)); err != nil {
		return err
	}
	for k, kind := range []Kind{ExactDuplicates, NearDuplicates} {
		shapes := []*shapes{scan.exact, scan.near}[k]
		if f := shapes.finding(kind, c.l, shapes.twins(c.s, scan.own[k], j.rare)); f != nil {
			c.report.add(*f)
		}
	}
	return nil
}
