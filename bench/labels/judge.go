package labels

import (
	"net/netip"
	"slices"
	"strconv"

	"pcapmill/bench/traffic"
	"pcapmill/datasets/label"
)

// Want is what must be said of a row.
type Want struct {
	Outcome label.Outcome
	Label   string   // where it is labelled
	Rules   []string // IDs of all that are true of it, sorted
	Overlap float64  // of the rule that counts, where it is labelled
	Attempt int32    // -1: none

	Reversed bool // the attacker is the row\'s destination; the generator does not say it
}

// WantOf is what the generator says of a row's flow.
func WantOf(f *traffic.WeekFlow) Want {
	w := Want{Label: f.Label, Rules: slices.Clone(f.Rules), Overlap: f.Overlap, Attempt: f.Attempt}
	w.Outcome = label.Outcome(slices.Index(label.Outcomes(), f.Outcome))
	slices.Sort(w.Rules)
	return w
}

// Judge is what rules say of a row, by comparing it with each of them in the plainest way.
// It knows no attempts.
func Judge(rules []traffic.WeekRule, r *Row) Want {
	w := Want{Attempt: -1}
	var first *traffic.WeekRule
	for i := range rules {
		if !fits(&rules[i], r) {
			continue
		}
		w.Rules = append(w.Rules, rules[i].ID)
		if first == nil || rules[i].Priority > first.Priority {
			first = &rules[i]
		}
	}
	if first == nil {
		return w
	}
	w.Outcome, w.Label, w.Overlap = label.Labelled, first.Label, 1
	w.Reversed = !forward(first, r)
	if r.End > r.Start {
		w.Overlap = float64(min(r.End, first.To)-max(r.Start, first.From)) / float64(r.End-r.Start)
	}
	for i := range rules {
		if fits(&rules[i], r) && rules[i].Priority == first.Priority && rules[i].Label != first.Label {
			w.Outcome, w.Label, w.Overlap = label.Ambiguous, "", 0
			w.Reversed = false
		}
	}
	slices.Sort(w.Rules)
	return w
}

// fits reports whether a rule is true of a row, in either direction.
func fits(r *traffic.WeekRule, row *Row) bool {
	return (r.Proto == 0 || r.Proto == row.Proto) && row.Start < r.To && row.End >= r.From && (forward(r, row) || backward(r, row))
}

// forward reports whether a rule's source and ports are a row's.
func forward(r *traffic.WeekRule, row *Row) bool {
	return has(r.Src, row.Src) && has(r.Dst, row.Dst) && hasPort(r.SrcPorts, row.SrcPort) && hasPort(r.DstPorts, row.DstPort)
}

// backward is forward with the row's ends exchanged.
func backward(r *traffic.WeekRule, row *Row) bool {
	back := *row
	back.Src, back.SrcPort, back.Dst, back.DstPort = row.Dst, row.DstPort, row.Src, row.SrcPort
	return forward(r, &back)
}

func has(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

func hasPort(list []uint16, p uint16) bool { return len(list) == 0 || slices.Contains(list, p) }

// NetcapRules are the rules as netcap's attack files can say them; their IDs are numbers.
func NetcapRules(rules []traffic.WeekRule) (list []traffic.WeekRule) {
	for i, r := range rules {
		if !r.InNetcap() {
			continue
		}
		r.ID = strconv.Itoa(i + 1)
		r.SrcPorts, r.DstPorts, r.Priority, r.Attempts = nil, nil, 0, nil
		list = append(list, r)
	}
	return list
}
