package report

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"pcapmill/model/drift"
)

// Only leaves of a report what it says of some hosts by themselves, and recomputes the
// verdict. Without hosts it changes nothing.
func Only(r *drift.Report, hosts []netip.Addr) {
	if len(hosts) == 0 {
		return
	}
	var names []string
	for _, h := range hosts {
		names = append(names, h.Unmap().WithZone("").String())
	}
	r.Items = slices.DeleteFunc(r.Items, func(x drift.Item) bool {
		name, ok := strings.CutPrefix(x.Segment, "host ")
		return !ok || !slices.Contains(names, name)
	})
	r.Hosts = slices.DeleteFunc(r.Hosts, func(s drift.Score) bool { return !slices.Contains(names, s.Host) })
	r.Verdict = drift.None
	for i := range r.Items {
		r.Verdict = max(r.Verdict, r.Items[i].Severity)
	}
	for i := range r.Hosts {
		r.Verdict = max(r.Verdict, r.Hosts[i].Severity)
	}
	r.Notes = append(r.Notes, lacking(r.Asked)...)
	r.Notes = append(r.Notes, fmt.Sprintf("Only what is said of %s by themselves is here; what is judged says how much there was.", strings.Join(names, ", ")))
}

// lacking says which of the hosts that were asked for cannot be compared, so that nobody takes
// their silence for the same as usual.
func lacking(asked []drift.Presence) (notes []string) {
	for _, p := range asked {
		switch {
		case p.Windows == 0 && p.Hours == 0:
			notes = append(notes, fmt.Sprintf("%s is neither in the tables nor in the baseline: nothing is known of it.", p.Host))
		case p.Windows == 0:
			notes = append(notes, fmt.Sprintf("%s is in %d hours of the baseline and in no window now: it is gone.", p.Host, p.Hours))
		case p.Beyond:
			notes = append(notes, fmt.Sprintf("%s has %d windows now and is beyond the limit of hosts of the baseline: whether it is new is not known.", p.Host, p.Windows))
		case p.Hours == 0:
			notes = append(notes, fmt.Sprintf("%s has %d windows now and is not in the baseline: it is new, and there is nothing to compare it with.", p.Host, p.Windows))
		}
	}
	return notes
}
