package watch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/window/host"
	"pcapmill/model/drift/alert"
	"pcapmill/model/rules"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// openEngine loads the rules of a Config.
func openEngine(c *Config, a *against) (*rules.Engine, []string, error) {
	var all []*rules.Rule
	if c.Shipped {
		ours, err := rules.Shipped()
		if err != nil {
			return nil, nil, err
		}
		all = ours
	}
	for _, file := range c.Rules {
		some, err := rules.Load(file)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, some...)
	}
	if c.Schemas != nil {
		if err := errors.Join(rules.Check(all, c.Schemas)...); err != nil {
			return nil, nil, err
		}
	}
	var base rules.Baseline
	if a != nil {
		base = a.base
	}
	e, err := rules.New(all, base, c.Engine)
	return e, endless(all), err
}

// endless notes rules that can only be asked at the end.
func endless(all []*rules.Rule) (notes []string) {
	for _, r := range all {
		if r.Enabled && r.Aggregate != nil && r.Window == 0 {
			notes = append(notes, fmt.Sprintf("rule %s has an aggregate of all rows: it is asked at the end, of the rows since this start", text.Escape(r.ID)))
		}
	}
	return notes
}

// ask applies the rules to the rows of a commit. What cannot be read is noted.
func (w *Watch) ask(ctx context.Context, k *kept) error {
	for _, table := range w.engine.Tables() {
		files := k.files(w.config.Out, table)
		if len(files) == 0 {
			continue
		}
		if err := w.read(ctx, files); err != nil {
			if err := w.excuse(ctx, err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Watch) read(ctx context.Context, files []string) error {
	var reading *rules.Reading
	plan := func(s *column.Schema) (err error) {
		reading, err = w.engine.Open(s)
		return err
	}
	return tables.EachFile(files, plan, func(p *tables.Part) error {
		if len(reading.Columns()) == 0 {
			return nil
		}
		return p.Read(ctx, reading.Columns(), func(b *batch.Batch) error { return reading.Take(ctx, b) })
	})
}

// drain returns what the rules say behind a commit. At the end of a session windows speak that are
// open, and stay so: the next session may begin in them.
func (w *Watch) drain(k *kept) []rules.Alert {
	if k.AtEnd {
		return w.engine.DrainOpen(w.horizon(k.Clock))
	}
	return w.engine.Drain(w.horizon(k.Clock))
}

// horizon says up to where rows of a table are all there.
func (w *Watch) horizon(clock int64) rules.Horizon {
	life := int64(w.config.Life)
	return func(table string) int64 {
		switch {
		case clock == 0:
			return math.MinInt64
		case table == host.HostsTable || table == host.PairsTable:
			return clock - life - int64(w.config.Window)
		case table == "flows":
			return clock - life
		}
		return clock - int64(w.config.Late)
	}
}

// raise makes entries of alerts that are severe enough.
func (w *Watch) raise(alerts []rules.Alert, found *Found) (entries []alert.Entry) {
	for i := range alerts {
		a := &alerts[i]
		if a.Rule.Severity < w.config.From {
			continue
		}
		entries = append(entries, alert.Entry{
			ID: a.ID, Subject: a.Subject(), Severity: a.Severity(), Time: time.Unix(0, a.Time).UTC(), Period: a.Rule.Dedup.Period, Line: a.AppendJSON(nil),
		})
		found.Flagged = append(found.Flagged, w.flag(a.Time, a.Last)...)
	}
	return entries
}

// replay takes the rows of what is kept into rules that are new to them. What they say was said.
func (w *Watch) replay(ctx context.Context) error {
	if w.engine == nil {
		return nil
	}
	for _, k := range w.commits {
		if err := w.ask(ctx, k); err != nil {
			return err
		}
		w.drain(k)
	}
	return nil
}
