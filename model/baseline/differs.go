package baseline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pcapmill/outputs/text"
)

// Differs says in what a table's description differs from another one, so that rows of the
// one are none of the other; "" where they are the same.
func (t *Table) Differs(o *Table) string {
	switch {
	case t.Name != o.Name:
		return fmt.Sprintf("table %s, not %s", text.Escape(t.Name), text.Escape(o.Name))
	case t.Version != o.Version:
		return fmt.Sprintf("version %d of table %s, not %d", t.Version, text.Escape(t.Name), o.Version)
	case t.Window != o.Window:
		return fmt.Sprintf("windows of %v, not %v", time.Duration(t.Window), time.Duration(o.Window))
	case t.Hash != o.Hash:
		return fmt.Sprintf("other columns of table %s", text.Escape(t.Name))
	case !slices.Equal(t.Features, o.Features):
		return "other scales of features"
	}
	return ""
}

// Differs says in what a Config differs from another one, so that baselines of them do not
// merge; "" where they are the same.
func (c *Config) Differs(o *Config) string {
	switch {
	case c.Hosts != o.Hosts:
		return fmt.Sprintf("room for %d hosts, not %d", c.Hosts, o.Hosts)
	case c.Keys != o.Keys:
		return fmt.Sprintf("%d keys of a category, not %d", c.Keys, o.Keys)
	case !slices.Equal(c.Categories, o.Categories):
		return fmt.Sprintf("categories %s, not %s", listed(c.Categories), listed(o.Categories))
	case c.Precision != o.Precision:
		return "histograms of another precision"
	}
	return ""
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return text.Escape(strings.Join(names, ", "))
}
