package split

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/rows"
	"pcapmill/datasets/scale"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// Files beside the tables.
const (
	Report   = "split.json"
	Scalers  = "scalers.json"
	Encoders = "encoders.json"
)

// knownColumn says of rows whether training has their class.
const knownColumn = "known"

// Check returns an ErrInput for a folder that is no dataset, or one that is split already.
func Check(o *folder.Opened) error {
	if o.Kind() != build.Kind {
		return unfit("%s is a folder of kind %s; dataset build makes one", text.Escape(o.Dir), text.Escape(o.Kind()))
	}
	for _, name := range []string{build.Data, build.Keys, build.Captures} {
		if _, ok := o.Table(name); !ok {
			return unfit("%s has no table %s", text.Escape(o.Dir), name)
		}
	}
	if len(o.Partitions(build.Data)) > 0 {
		return unfit("%s is split: split the dataset that it was made of", text.Escape(o.Dir))
	}
	return nil
}

// Run divides a dataset and writes the tables and files of the result. The caller creates the
// folder, with the options and the dataset as its source, and finishes it. Errors are usage.Err,
// ErrInput, ErrLimit, tables.ErrTable, the context's and those of writing.
func Run(ctx context.Context, cfg Config, in *folder.Opened, out *folder.Folder) (*Summary, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := Check(in); err != nil {
		return nil, err
	}
	keys := in.Path(build.Keys, "")
	u, err := readUnits(ctx, keys, &cfg)
	if err != nil {
		return nil, err
	}
	p, err := newPlan(ctx, keys, u)
	if err != nil {
		return nil, err
	}
	r := &router{plan: p, in: in, out: out, tally: newTally(u.labels)}
	if err := r.write(ctx); err != nil {
		return nil, err
	}
	if err := r.scale(ctx); err != nil {
		return nil, err
	}
	s := r.summary()
	return s, errors.Join(copied(ctx, in, out), out.File(Report, s.Write))
}

// router brings rows to their splits.
type router struct {
	plan  *plan
	in    *folder.Opened
	out   *folder.Folder
	tally *tally
	fit   *scale.Fit
	left  [outs]int64
	at    [splits][]int32 // rows of a span in data, by split
	keyAt [splits][]int32 // the same rows in keys
}

// writers write one table's partitions.
type writers struct {
	to   [splits]*folder.Writer
	copy *rows.Copier
}

func (r *router) writers(schema *column.Schema) (*writers, error) {
	w := &writers{copy: rows.NewCopier(schema)}
	for s := range w.to {
		if !r.has(s) {
			continue
		}
		var err error
		if w.to[s], err = r.out.Table(schema, "split", names[s]); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// has reports whether there is a split.
func (r *router) has(s int) bool {
	if c := r.plan.units.cfg; s == Validation {
		return len(c.Boundaries) == 2 || len(c.Boundaries) == 0 && c.Shares[Validation] > 0
	}
	return true
}

func (w *writers) close() error {
	var errs []error
	for _, to := range w.to {
		if to != nil {
			errs = append(errs, to.Close())
		}
	}
	return errors.Join(errs...)
}

// rowsIn is how many rows a split has.
func (w *writers) rowsIn(s int) int64 { return w.to[s].Entry().Rows }

// each hands over the rows of data and keys that are in a split, span by span: r.at and
// r.keyAt say which of them are in which.
func (r *router) each(ctx context.Context, pick func(*column.Schema) error, take func(rows.Span) error) error {
	u, at := r.plan.units, 0
	all := func(s *column.Schema) ([]string, error) { return nil, pick(s) }
	data := rows.Open(ctx, r.in.Path(build.Data, ""), all)
	defer data.Close()
	keys := rows.Open(ctx, r.in.Path(build.Keys, ""), func(s *column.Schema) ([]string, error) {
		return nil, u.keys.whole(s)
	})
	defer keys.Close()
	clear(r.left[:])
	err := rows.Together(data, keys, func(s rows.Span) error {
		if at+s.Rows > len(u.of) {
			return unfit("keys changed while they were read")
		}
		if err := r.route(s, at); err != nil {
			return err
		}
		at += s.Rows
		return take(s)
	})
	if uneven := (rows.Uneven{}); errors.As(err, &uneven) {
		return unfit("%s: data and keys have different numbers of rows", text.Escape(r.in.Dir))
	}
	return err
}

// whole makes places those of a batch with all columns.
func (k *keyColumns) whole(s *column.Schema) error {
	for _, c := range []struct {
		name string
		at   *int
	}{
		{"conn_id", &k.conn}, {"start_ns", &k.start}, {"end_ns", &k.end}, {"label", &k.label}, {"src_ip", &k.src}, {"dst_ip", &k.dst},
		{"campaign", &k.campaign}, {"capture", &k.capture}, {"run", &k.run},
	} {
		if *c.at = s.Index(c.name); *c.at < 0 {
			return unfit("keys have no column %s", c.name)
		}
	}
	return nil
}

// route finds the splits of a span's rows, of which the first is number at.
func (r *router) route(s rows.Span, at int) error {
	for k := range r.at {
		r.at[k], r.keyAt[k] = r.at[k][:0], r.keyAt[k][:0]
	}
	k, p := &r.plan.units.keys, r.plan
	for i := range s.Rows {
		row := s.AtB + i
		to := p.split[p.units.comp[p.units.of[at+i]]]
		switch {
		case to == none:
			r.left[outEmbargo]++
		case p.units.cfg.open() && p.unknown[p.units.class[at+i]] && !p.units.cfg.allowed(to):
			r.left[outUnknown]++
		case p.units.cfg.By == ByHost && p.apart(textAt(&s.B.Vectors[k.src], row), textAt(&s.B.Vectors[k.dst], row), to):
			r.left[outHosts]++
		default:
			r.at[to], r.keyAt[to] = append(r.at[to], int32(s.AtA+i)), append(r.keyAt[to], int32(row))
		}
	}
	return nil
}

// write writes data and keys, and learns what there is to learn of training rows.
func (r *router) write(ctx context.Context) error {
	var data, keys *writers
	pick := func(s *column.Schema) (err error) {
		if s.Index(knownColumn) >= 0 {
			return unfit("data have a column %s", knownColumn)
		}
		schema := r.dataSchema(s)
		r.fit = scale.NewFit(schema, r.plan.units.cfg.Scale)
		if data, err = r.writers(schema); err != nil {
			return err
		}
		keys, err = r.writers(build.KeysSchema())
		return err
	}
	err := r.each(ctx, pick, func(s rows.Span) error {
		if why := differs(s.B.Schema, build.KeysSchema()); why != "" {
			return unfit("keys have no columns of ours: %s", why)
		}
		return r.writeSpan(s, data, keys)
	})
	if err == nil && data == nil {
		err = unfit("%s has no data", text.Escape(r.in.Dir))
	}
	if err != nil {
		return err
	}
	if err := errors.Join(data.close(), keys.close()); err != nil {
		return err
	}
	return r.check(data, keys)
}

func differs(a, b *column.Schema) string {
	if len(a.Columns) != len(b.Columns) {
		return fmt.Sprintf("there are %d, and not %d", len(a.Columns), len(b.Columns))
	}
	for i := range a.Columns {
		if x, y := &a.Columns[i], &b.Columns[i]; x.Name != y.Name || x.Type != y.Type || x.Optional() && !y.Optional() {
			return text.Escape(x.Name)
		}
	}
	return ""
}

// check compares what was written with what was counted.
func (r *router) check(data, keys *writers) error {
	total := int64(0)
	for _, n := range r.left {
		total += n
	}
	for s := range data.to {
		if data.to[s] == nil {
			continue
		}
		total += data.rowsIn(s)
		if !r.out.Check("rows of data and keys in "+names[s], data.rowsIn(s), keys.rowsIn(s)) {
			return fmt.Errorf("%s has other rows in data than in keys", names[s])
		}
	}
	if !r.out.Check("rows of splits, and left out", int64(len(r.plan.units.of)), total) {
		return errors.New("other rows were written than read")
	}
	return nil
}

// dataSchema returns the columns of data in splits.
func (r *router) dataSchema(s *column.Schema) *column.Schema {
	if !r.plan.units.cfg.open() {
		return s
	}
	open := *s
	open.Columns = append(append([]column.Column{}, s.Columns...), column.Column{
		Name: knownColumn, Type: column.Int32, Role: column.Label, Doc: "1 where training has rows of the label, 0 where it is held back from it. No input of a model.", Group: "labels",
	})
	return &open
}

func (r *router) writeSpan(s rows.Span, data, keys *writers) error {
	for k := range splits {
		if len(r.at[k]) == 0 {
			continue
		}
		b := r.copy(data.copy, s, k)
		keys.copy.Reset()
		keys.copy.Add(s.B, r.keyAt[k])
		if k == Train {
			r.fit.Add(b)
		}
		r.tally.add(k, s.B, r.keyAt[k], &r.plan.units.keys)
		if err := errors.Join(data.to[k].Write(b), keys.to[k].Write(keys.copy.To)); err != nil {
			return err
		}
	}
	return nil
}

// copy returns the rows of data of a split.
func (r *router) copy(c *rows.Copier, s rows.Span, split int) *batch.Batch {
	c.Reset()
	for i := range s.A.Vectors {
		c.Column(i, &s.A.Vectors[i], r.at[split])
	}
	if r.plan.units.cfg.open() {
		v, label := &c.To.Vectors[len(s.A.Vectors)], &s.B.Vectors[r.plan.units.keys.label]
		for _, row := range r.keyAt[split] {
			v.Int32 = append(v.Int32, r.known(label, int(row)))
		}
	}
	c.To.Rows = len(r.at[split])
	return c.To
}

func (r *router) known(label *batch.Vector, row int) int32 {
	if !label.Null(row) && r.plan.unknown[r.plan.units.classes[label.String(row)]] {
		return 0
	}
	return 1
}

// scale writes what was learned of training rows, and where it is asked for all rows scaled.
func (r *router) scale(ctx context.Context) error {
	if err := errors.Join(r.out.File(Scalers, r.fit.Scalers().Write), r.out.File(Encoders, r.fit.Encoders().Write)); err != nil {
		return err
	}
	if r.plan.units.cfg.Scale.Method == scale.None {
		return nil
	}
	apply := r.fit.Apply()
	if len(apply.Schema.Columns) == 0 {
		return usage.Errorf("no column can be scaled")
	}
	scaled, err := r.writers(apply.Schema)
	if err != nil {
		return err
	}
	var plain *rows.Copier
	pick := func(s *column.Schema) error {
		plain = rows.NewCopier(r.dataSchema(s))
		return nil
	}
	err = r.each(ctx, pick, func(s rows.Span) error {
		for k := range splits {
			if len(r.at[k]) == 0 {
				continue
			}
			if err := scaled.to[k].Write(apply.Rows(r.copy(plain, s, k))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return scaled.close()
}

// maxReport is far above any dataset's report.
const maxReport = 64 << 20

// copied brings what stays the same to the result: the captures, and the dataset's report.
func copied(ctx context.Context, in *folder.Opened, out *folder.Folder) error {
	var w *folder.Writer
	pick := func(s *column.Schema) (names []string, err error) {
		if w == nil {
			w, err = out.Table(s, "", "")
		}
		return nil, err
	}
	err := tables.Read(ctx, in.Path(build.Captures, ""), pick, func(b *batch.Batch) error { return w.Write(b) })
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.File(build.Report, func(to io.Writer) error {
		f, err := os.Open(filepath.Join(in.Dir, build.Report))
		if err != nil {
			return unfit("%w", err)
		}
		defer f.Close() //nolint:errcheck // only read
		n, err := io.Copy(to, io.LimitReader(f, maxReport+1))
		if err == nil && n > maxReport {
			err = unfit("%s has more than %d bytes", build.Report, maxReport)
		}
		return err
	})
}
