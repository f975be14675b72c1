package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// Engine applies rules to tables, file after file. It belongs to one goroutine.
type Engine struct {
	config   Config
	machines []*machine
	memory   memory
	seen     map[string]bool // tables
}

// New returns an engine for the enabled rules. Without a baseline (nil), those that ask one
// are skipped. Errors are ErrRule, where two rules have one id, and ErrConfig.
func New(rules []*Rule, base Baseline, c Config) (*Engine, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	e := &Engine{config: c, memory: memory{most: c.Memory}, seen: map[string]bool{}}
	e.memory.relieve = func() {
		for _, m := range e.machines {
			m.relieve(c.Late)
		}
	}
	if err := distinctIDs(rules); err != nil {
		return nil, err
	}
	var p *past
	if base != nil {
		p = newPast(base)
	}
	for _, r := range rules {
		if r.Enabled {
			e.machines = append(e.machines, e.newMachine(r, p))
		}
	}
	return e, nil
}

func (e *Engine) newMachine(r *Rule, p *past) *machine {
	m := newMachine(r, &e.memory, e.config.Alerts)
	switch {
	case r.Baseline == nil:
	case p == nil:
		m.result.skip("it needs a baseline")
	default:
		var err error
		if m.ask, err = r.Baseline.find(p.base); err != nil {
			m.result.skip(text.Escape(err.Error()))
			break
		}
		m.past = p
	}
	return m
}

// applies reports whether the rule can be asked of anything.
func (m *machine) applies() bool { return m.rule.Baseline == nil || m.past != nil }

func distinctIDs(rules []*Rule) error {
	known := map[string]*Rule{}
	for _, r := range rules {
		if before := known[r.ID]; before != nil {
			return r.wrong(fmt.Errorf("there is a rule of that id in %s, line %d", before.named(), before.Line))
		}
		known[r.ID] = r
	}
	return nil
}

// named is the file where the rule stands.
func (r *Rule) named() string {
	if r.Shipped {
		return "the shipped rules"
	}
	return text.Escape(r.File)
}

// wrong is an ErrRule about this one.
func (r *Rule) wrong(err error) error {
	return ruleError{fmt.Errorf("%s: rule %s: %w", r.named(), text.Escape(r.ID), located(r.Line, "", err))}
}

// Tables returns the names of the tables that rules ask, ascending.
func (e *Engine) Tables() []string {
	var names []string
	for _, m := range e.machines {
		names = append(names, m.rule.Table)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Reading is the engine on the columns of one file of a table.
type Reading struct {
	engine *Engine
	feeds  []*feed
	names  []string
}

// Open prepares for a file of a table with these columns. The error is ErrRule: a rule names
// a column that is not there, or asks what it cannot be asked. Rules of ours, and those that
// say which columns they require, are skipped instead.
func (e *Engine) Open(schema *column.Schema) (*Reading, error) {
	e.seen[schema.Table] = true
	r := &Reading{engine: e}
	use := func(i int) int {
		name := schema.Columns[i].Name
		at := slices.Index(r.names, name)
		if at < 0 {
			at = len(r.names)
			r.names = append(r.names, name)
		}
		return at
	}
	for _, m := range e.machines {
		if m.rule.Table != schema.Table {
			continue
		}
		to := use
		if !m.applies() { // a mistake is one without a baseline too; nothing is read for it
			to = func(i int) int { return i }
		}
		bound, err := m.rule.bind(schema, to)
		var without lacking
		switch {
		case !m.applies() && (err == nil || m.rule.Shipped || errors.As(err, &without)):
		case errors.As(err, &without):
			m.result.skip(without.Error())
		case err != nil:
			return nil, m.rule.wrong(err)
		default:
			r.feeds = append(r.feeds, &feed{machine: m, binding: bound})
		}
	}
	return r, nil
}

// Columns returns the names of the columns to read; of none there is nothing to read.
func (r *Reading) Columns() []string { return r.names }

// Take applies the rules to rows, in batches of Columns. It keeps nothing of the batch.
func (r *Reading) Take(ctx context.Context, b *batch.Batch) error {
	for _, f := range r.feeds {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.take(b); err != nil {
			return err
		}
	}
	return nil
}

// Finish ends all windows and returns what the rules said. The engine is of no use then.
func (e *Engine) Finish() *Report {
	for _, m := range e.machines {
		if m.applies() && !e.seen[m.rule.Table] {
			m.result.skip("there is no table " + text.Escape(m.rule.Table))
		}
		m.finish()
	}
	return newReport(e.machines)
}

// Check binds the rules to the tables that there can be, and returns what is wrong with each
// that does not fit: ErrRule.
func Check(rules []*Rule, tables []*column.Schema) []error {
	var all []error
	if err := distinctIDs(rules); err != nil {
		all = append(all, err)
	}
	for _, r := range rules {
		if err := r.check(tables); err != nil {
			all = append(all, r.wrong(err))
		}
	}
	return all
}

func (r *Rule) check(tables []*column.Schema) error {
	at := slices.IndexFunc(tables, func(s *column.Schema) bool { return s.Table == r.Table })
	if at < 0 {
		var names []string
		for _, s := range tables {
			names = append(names, s.Table)
		}
		return located(r.Line, "table", fmt.Errorf("no table is called %s%s", text.Escape(r.Table), text.Suggest(r.Table, names)))
	}
	_, err := r.bind(tables[at], func(i int) int { return i })
	var without lacking
	if errors.As(err, &without) {
		return nil // it is skipped
	}
	return err
}
