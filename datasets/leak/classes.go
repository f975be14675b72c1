package leak

import (
	"fmt"

	"pcapmill/outputs/text"
)

// classes looks at how classes are divided among splits.
func (r *Report) classes(cfg *Config) {
	missing := Finding{Kind: ClassMissing, Severity: Note, Columns: []string{r.Label}}
	small := Finding{Kind: ClassSmall, Severity: Note, Columns: []string{r.Label}}
	gaps, few := 0, 0
	for i := range r.Classes {
		c := &r.Classes[i]
		for s, n := range c.Rows {
			switch {
			case r.Rows[s] == 0:
			case n == 0:
				gaps++
				missing.Examples = append(missing.Examples, fmt.Sprintf("%s has no row in %s", c.shown(), splits[s]))
			case n < cfg.ClassRows:
				few++
				small.Examples = append(small.Examples, fmt.Sprintf("%s has %d in %s", c.shown(), n, splits[s]))
			}
		}
	}
	if gaps > 0 {
		missing.Detail = fmt.Sprintf("%s of a class and a split without a row", text.Plural(int64(gaps), "pair"))
		missing.bound()
		r.add(missing)
	}
	if few > 0 {
		small.Detail = fmt.Sprintf("%s of a class and a split with fewer than %d rows", text.Plural(int64(few), "pair"), cfg.ClassRows)
		small.bound()
		r.add(small)
	}
}

// leastBound captures or hosts of one class each are worth a note.
const leastBound = 2

// bound says where a class is bound to captures or hosts: of what kind every group has one class.
func (o *overlap) bound(r *Report) *Finding {
	if len(r.Classes) < 2 || o.groups < leastBound || o.pure < o.groups || o.key.kind != CaptureOverlap && o.key.name != "initiator" {
		return nil
	}
	return &Finding{
		Kind: ClassBound, Severity: Note, Columns: o.key.columns,
		Detail:   fmt.Sprintf("each of %s has rows of one class only", text.Plural(o.groups, o.key.name)),
		Evidence: []Number{{"groups", float64(o.groups)}},
	}
}
