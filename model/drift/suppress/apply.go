package suppress

import (
	"fmt"
	"time"

	"pcapmill/model/drift"
	"pcapmill/outputs/text"
)

// mostNotes of entries that have ended.
const mostNotes = 20

// Apply marks what the list suppresses, recomputes the verdict, and notes which entries
// have ended.
func (l List) Apply(r *drift.Report) {
	if l.mark(r) > 0 {
		r.Verdict = verdict(r)
	}
	l.note(r)
}

// mark returns how much it suppressed.
func (l List) mark(r *drift.Report) (n int) {
	suppress := func(t told, into **drift.Suppression) {
		if t.severity == drift.None {
			return
		}
		if e := l.find(&t, r.Current.Last); e != nil {
			*into = &drift.Suppression{Reason: e.Reason, Until: e.Until}
			n++
		}
	}
	for i := range r.Items {
		suppress(toldItem(&r.Items[i]), &r.Items[i].Suppressed)
	}
	for i := range r.Hosts {
		suppress(toldScore(&r.Hosts[i]), &r.Hosts[i].Suppressed)
	}
	return n
}

// verdict is the worst of what is not suppressed. What the report had no room for cannot be
// compared: it counts, with the least severity of what is there.
func verdict(r *drift.Report) drift.Severity {
	worst := drift.None
	items, hosts := drift.Critical, drift.Critical
	for i := range r.Items {
		x := &r.Items[i]
		worst, items = weigh(x.Severity, x.Suppressed != nil, worst, items)
	}
	for i := range r.Hosts {
		s := &r.Hosts[i]
		worst, hosts = weigh(s.Severity, s.Suppressed != nil, worst, hosts)
	}
	for _, rest := range []struct {
		n     int
		least drift.Severity
		what  string
	}{{r.Judged.MoreItems, items, "items"}, {r.Judged.MoreHosts, hosts, "hosts"}} {
		if rest.n > 0 {
			worst = max(worst, rest.least)
			r.Notes = append(r.Notes, fmt.Sprintf("%d more %s had no room in the report, so the suppression list was not asked about them: they count as %s.", rest.n, rest.what, rest.least))
		}
	}
	return worst
}

func weigh(s drift.Severity, suppressed bool, worst, least drift.Severity) (drift.Severity, drift.Severity) {
	if !suppressed {
		worst = max(worst, s)
	}
	if s > drift.None {
		least = min(least, s)
	}
	return worst, least
}

// note names the entries that have ended.
func (l List) note(r *drift.Report) {
	n := 0
	for i := range l {
		e := &l[i]
		if !e.over(r.Current.Last) {
			continue
		}
		if n++; n <= mostNotes {
			r.Notes = append(r.Notes, fmt.Sprintf("The suppression in line %d ended on %s: %s", e.Line, e.Until.Format(time.DateOnly), text.Escape(e.Reason)))
		}
	}
	if n > mostNotes {
		r.Notes = append(r.Notes, fmt.Sprintf("%d more suppressions have ended.", n-mostNotes))
	}
}
