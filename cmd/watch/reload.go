package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pcapmill/model/baseline"
)

// open opens what a Config looks for.
func (w *Watch) open() (err error) {
	if w.config.judges() {
		if w.against, err = openAgainst(&w.config); err != nil {
			return err
		}
	}
	if !w.config.rules() {
		return nil
	}
	engine, notes, err := openEngine(&w.config, w.against)
	if err != nil {
		return err
	}
	w.engine = engine
	w.notes = append(w.notes, notes...)
	return nil
}

// Idle reports whether nothing is looked for, so that nothing can be read again.
func (w *Watch) Idle() bool { return w.config.idle() }

// Reload reads baseline, lists and rules again. What is damaged or wrong is refused: then all
// of it stays as it was, and the error says why. Rules that are new see the rows of what is
// still open, and those that come.
func (w *Watch) Reload(ctx context.Context) error {
	next := &Watch{config: w.config, commits: w.commits}
	if err := next.open(); err != nil {
		return errors.Join(fmt.Errorf("%w; the ones before stay", err), next.Close())
	}
	if err := next.replay(ctx); err != nil {
		return errors.Join(err, next.Close())
	}
	old := w.against
	w.against, w.engine = next.against, next.engine
	w.notes = append(w.notes, next.notes...)
	w.totals.reload()
	if old != nil {
		return old.base.Close()
	}
	return nil
}

// instant is a time for people.
func instant(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339) }

// tableOf says what a baseline is of.
func tableOf(t *baseline.Table) string {
	return fmt.Sprintf("windows of %v of %s", time.Duration(t.Window), t.Name)
}
