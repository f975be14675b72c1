package drift

import (
	"fmt"
	"slices"

	"pcapmill/model/drift/stat"
)

// mostKeyItems are named by an item.
const mostKeyItems = 10

// Keys that are new must come with more hosts than chance brings: four, and of categories
// whose keys come and go by the day (peers, endpoints) a larger share of the hosts.
const (
	leastKeyHosts = 4
	leastKeyShare = 0.02 // of the category's counts
)

var passing = map[string]Severity{"peer": 1, "endpoint": 1}

func (j *judge) valueItems() (items []Item) {
	verdicts := j.values.judge()
	var p []float64
	for i := range verdicts {
		v := &verdicts[i]
		if x, ok := j.newKeys(v); ok {
			items = append(items, x)
		}
		if x, ok := j.goneKeys(v); ok {
			items = append(items, x)
		}
		if x, ok := j.cardinality(v); ok {
			items = append(items, x)
		}
		if v.chiKnown {
			p = append(p, v.chi.P)
		}
	}
	adjusted := stat.BenjaminiHochberg(p, 0)
	at := 0
	for i := range verdicts {
		if v := &verdicts[i]; v.chiKnown {
			if v.adjusted = adjusted[at]; v.adjusted <= j.c.FalseRate && j.c.PSI.Of(v.psi) > None {
				items = append(items, v.shareItem(j.c))
			}
			at++
		}
	}
	j.judged.Findings += len(p)
	return items
}

func (j *judge) newKeys(v *valueVerdict) (Item, bool) {
	c := v.category
	if len(v.fresh) == 0 || c.hosts == 0 || c.before == 0 { // where nothing is known, all would be new
		return Item{}, false
	}
	large := func(k KeyItem) bool { return float64(k.Current) >= leastKeyShare*float64(c.now) }
	if !foremost(v.fresh, large) || v.freshCells <= v.expected {
		j.judged.Findings++
		return Item{}, false
	}
	first := v.fresh[0]
	return j.keyItem(c, "new", v.fresh, float64(first.Hosts)/float64(c.hosts), fmt.Sprintf("%s %s is new: %d of %d hosts have it, %s of what is counted",
		c.name, first.Key, first.Hosts, c.hosts, percent(float64(first.Current)/float64(c.now))))
}

func (j *judge) goneKeys(v *valueVerdict) (Item, bool) {
	c := v.category
	if len(v.gone) == 0 || c.hosts == 0 {
		return Item{}, false
	}
	most := uint64(0) // of keys of enough hosts
	for _, k := range v.gone {
		if k.Hosts >= leastKeyHosts {
			most = max(most, k.Baseline)
		}
	}
	foremost(v.gone, func(k KeyItem) bool { return k.Hosts >= leastKeyHosts && k.Baseline == most })
	first := v.gone[0]
	share := float64(first.Baseline) / float64(c.before)
	return j.keyItem(c, "gone", v.gone, share, fmt.Sprintf("%s %s is gone: %d hosts had it, %s of what was counted",
		c.name, first.Key, first.Hosts, percent(share)))
}

// foremost puts the first key of which something holds before the others; false where there is
// none. Keys of more hosts may hardly ever come, and say nothing of it.
func foremost(keys []KeyItem, holds func(KeyItem) bool) bool {
	at := slices.IndexFunc(keys, holds)
	if at < 0 {
		return false
	}
	first := keys[at]
	copy(keys[1:], keys[:at])
	keys[0] = first
	return true
}

// keyItem judges keys that are new or gone by the share of the first of them.
func (j *judge) keyItem(c *category, change string, keys []KeyItem, share float64, text string) (Item, bool) {
	j.judged.Findings++
	size := max(None, j.c.Share.Of(share)-passing[c.name])
	if keys[0].Hosts < leastKeyHosts || size == None {
		return Item{}, false
	}
	before, now := float64(len(keys)), 0.0
	if change == "new" {
		before, now = now, before
	}
	return Item{
		Layer: Values, Segment: "global", Subject: c.name + "_" + change, Severity: size, Outcome: Drift,
		Baseline: &before, Current: &now, Keys: keys[:min(len(keys), mostKeyItems)],
		MoreKeys: max(0, len(keys)-mostKeyItems), Text: text,
	}, true
}

func (v *valueVerdict) shareItem(c Config) Item {
	first := v.shares[0]
	was, is := float64(first.Baseline)/float64(v.category.before), float64(first.Current)/float64(v.category.now)
	psi := v.psi
	return Item{
		Layer: Values, Segment: "global", Subject: v.category.name + "_shares", Severity: c.PSI.Of(psi), Outcome: Drift,
		Baseline: &was, Current: &is, Keys: v.shares,
		Measures: &Measures{P: v.chi.P, Adjusted: v.adjusted, Test: "chi_square", DF: v.chi.DF, PSI: &Distance{Value: psi}},
		Text:     fmt.Sprintf("%s %s is %s of what is counted, usually %s", v.category.name, first.Key, percent(is), percent(was)),
	}
}
