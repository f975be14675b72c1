package rules

import (
	"errors"
	"fmt"
	"slices"

	"pcapmill/features/column"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// cellAt is a column of a table, and where it is in the batches.
type cellAt struct {
	at  int
	col *column.Column
}

// binding is a rule on a table's columns.
type binding struct {
	where     where.Predicate // nil: all rows
	time      cellAt
	by        []cellAt // of groups, or of duplicates
	aggregate cellAt
	evidence  []cellAt
	host      cellAt
	window    cellAt   // its length, where the table says so and it matters
	asked     []cellAt // value or key that a baseline is asked for
}

// lacking is the error of a column that is not there.
type lacking struct{ error }

// Unwrap returns the error with its place.
func (l lacking) Unwrap() error { return l.error }

// bind finds the rule's columns in a table. use is told each, and returns its place in the
// batches. Where one is not there, the error is lacking if that is no mistake of the rule.
func (r *Rule) bind(schema *column.Schema, use func(int) int) (*binding, error) {
	for _, name := range r.Requires {
		if schema.Index(name) < 0 {
			return nil, lacking{fmt.Errorf("table %s has no column %s", text.Escape(schema.Table), text.Escape(name))}
		}
	}
	b := binder{schema: schema, use: use}
	bound, err := b.bind(r)
	if err != nil && r.Shipped && errors.Is(err, where.ErrColumn) {
		for inner := err; errors.Is(inner, where.ErrColumn); inner = errors.Unwrap(inner) {
			err = inner // without its place in our file
		}
		return nil, lacking{err}
	}
	return bound, err
}

// binder looks for columns, and notes which the condition names.
type binder struct {
	schema *column.Schema
	use    func(int) int
	named  []int // columns of the condition, in its order
}

func (b *binder) bind(r *Rule) (*binding, error) {
	bound := &binding{}
	var err error
	if bound.where, err = b.condition(r); err != nil {
		return nil, err
	}
	if bound.time, err = b.timeColumn(r.Time); err != nil {
		return nil, located(r.Line, "time", err)
	}
	keys := r.GroupBy
	if r.Aggregate == nil {
		keys = r.duplicates(func(name string) bool { return b.schema.Index(name) >= 0 })
	}
	if bound.by, err = b.cells(keys); err != nil {
		return nil, located(r.Line, "group_by, dedup", err)
	}
	if err := b.aggregate(r, bound); err != nil {
		return nil, located(r.Line, "aggregate", err)
	}
	if err := b.relative(r, bound); err != nil {
		return nil, located(r.Line, "baseline", err)
	}
	if bound.evidence, err = b.evidence(r, bound); err != nil {
		return nil, located(r.Line, "evidence", err)
	}
	return bound, nil
}

// condition joins the expression and the condition.
func (b *binder) condition(r *Rule) (where.Predicate, error) {
	note := func(i int) int {
		if !slices.Contains(b.named, i) {
			b.named = append(b.named, i)
		}
		return b.use(i)
	}
	expression, err := where.Parse(r.Where, b.schema, note)
	if err != nil {
		return nil, located(r.Line, "where", err)
	}
	if r.Condition == nil {
		return expression, nil
	}
	condition, err := r.Condition.bind(b.schema, note)
	if err != nil || expression == nil {
		return condition, err
	}
	return where.All(expression, condition), nil
}

func (b *binder) cell(name string) (cellAt, error) {
	i, err := where.Find(name, b.schema)
	if err != nil {
		return cellAt{}, err
	}
	return cellAt{b.use(i), &b.schema.Columns[i]}, nil
}

func (b *binder) cells(names []string) ([]cellAt, error) {
	var all []cellAt
	for _, name := range names {
		c, err := b.cell(name)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// timeColumn finds the column that says when a row was.
func (b *binder) timeColumn(name string) (cellAt, error) {
	if name == "" {
		first := slices.IndexFunc(b.schema.Columns, func(c column.Column) bool { return c.Role == column.Time && isInstant(&c) })
		if first < 0 {
			return cellAt{}, fmt.Errorf("table %s has no column of time: name one", text.Escape(b.schema.Table))
		}
		name = b.schema.Columns[first].Name
	}
	c, err := b.cell(name)
	if err == nil && !isInstant(c.col) {
		err = fmt.Errorf("%s has no instants", text.Escape(name))
	}
	return c, err
}

func isInstant(c *column.Column) bool {
	return c.Type == column.Timestamp || c.Type == column.Int64 && c.Unit == column.EpochNano
}

func (b *binder) aggregate(r *Rule, bound *binding) (err error) {
	if r.Aggregate == nil || r.Aggregate.Column == "" {
		return nil
	}
	if bound.aggregate, err = b.cell(r.Aggregate.Column); err != nil {
		return err
	}
	if t := bound.aggregate.col.Type; r.Aggregate.Func != "distinct" && !where.IsNumber(t) {
		return fmt.Errorf("%s is for numbers, and %s is %s", r.Aggregate.Func, text.Escape(r.Aggregate.Column), t)
	}
	return nil
}

func (b *binder) relative(r *Rule, bound *binding) error {
	q := r.Baseline
	if q == nil {
		return nil
	}
	cells, err := b.cells(q.columns())
	if err != nil {
		return err
	}
	bound.host = cells[0]
	if t := bound.host.col.Type; !where.IsText(t) && t != column.Binary {
		return fmt.Errorf("host: %s has no addresses", text.Escape(q.Host))
	}
	bound.asked = cells[1:]
	switch {
	case q.Kind == Spike && !where.IsNumber(cells[1].col.Type):
		return fmt.Errorf("feature: %s has no numbers", text.Escape(q.Feature))
	case q.Kind == NewKey:
		return keyFits(cells[1:])
	case q.Kind == Spike && b.schema.Index(windowColumn) >= 0:
		bound.window, err = b.cell(windowColumn)
	}
	return err
}

// windowColumn says how long a row's window is, in ns.
const windowColumn = "window_ns"

// evidence finds the columns that an alert shows besides its keys: those that the rule
// names, else those that it asks.
func (b *binder) evidence(r *Rule, bound *binding) ([]cellAt, error) {
	if r.Evidence != nil {
		return b.cells(r.Evidence)
	}
	var all []cellAt
	add := func(c cellAt) {
		same := func(o cellAt) bool { return o.at == c.at }
		if c.col != nil && !slices.ContainsFunc(bound.by, same) && !slices.ContainsFunc(all, same) {
			all = append(all, c)
		}
	}
	for _, i := range b.named {
		add(cellAt{b.use(i), &b.schema.Columns[i]})
	}
	for _, c := range bound.asked {
		add(c)
	}
	return all, nil
}
