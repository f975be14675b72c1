package suppress

import (
	"fmt"
	"time"

	"pcapmill/model/drift"
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

// verdict is the worst of what is not suppressed. What the report had no room for was not
// asked about: it is at most as severe as what is last in the report, and counts as that.
func verdict(r *drift.Report) drift.Severity {
	worst, item, host := drift.None, drift.None, drift.None
	for i := range r.Items {
		if item = r.Items[i].Severity; r.Items[i].Suppressed == nil {
			worst = max(worst, item)
		}
	}
	for i := range r.Hosts {
		if host = r.Hosts[i].Severity; r.Hosts[i].Suppressed == nil {
			worst = max(worst, host)
		}
	}
	worst = max(worst, unasked(r, r.Judged.MoreItems, "items", item))
	return max(worst, unasked(r, r.Judged.MoreHosts, "hosts", host))
}

func unasked(r *drift.Report, n int, what string, s drift.Severity) drift.Severity {
	if n == 0 || s == drift.None {
		return drift.None
	}
	r.Notes = append(r.Notes, fmt.Sprintf("%d more %s had no room in the report, so the suppression list was not asked about them: they count as %s.", n, what, s))
	return s
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
			r.Notes = append(r.Notes, fmt.Sprintf("The suppression in line %d ended on %s: %s", e.Line, e.Until.Format(time.DateOnly), e.Reason))
		}
	}
	if n > mostNotes {
		r.Notes = append(r.Notes, fmt.Sprintf("%d more suppressions have ended.", n-mostNotes))
	}
}
