package source

import (
	"slices"

	"pcapmill/datasets/label"
)

// nameCaptures forgets names of captures that the flows are of none of: files are renamed, and the
// name of one that is gone says nothing. Without it an event is found by all else that it says.
func (r *reading) nameCaptures() {
	if len(r.opts.Captures) == 0 {
		return
	}
	known := map[string]bool{"": true}
	events, lost, first := r.set.Events[r.first:], 0, ""
	for i := range events {
		name := events[i].Capture
		if _, asked := known[name]; !asked {
			known[name] = slices.Contains(label.Named(name, r.opts.Captures), true)
		}
		if known[name] {
			continue
		}
		if lost++; lost == 1 {
			first = name
		}
		events[i].Capture = ""
	}
	if lost > 0 {
		r.note("%d events name captures that the flows are not of, as %s: the names were left out", lost, quoted(first))
	}
}
