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
	r.Notes = append(r.Notes, fmt.Sprintf("Only what is said of %s by themselves is here; what is judged says how much there was.", strings.Join(names, ", ")))
}
