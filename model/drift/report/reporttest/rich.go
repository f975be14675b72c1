// Package reporttest has reports by hand, for tests of what is made of them.
package reporttest

import (
	"cmp"
	"slices"
	"time"

	"pcapmill/model/drift"
)

// Hostile is what a packet may carry to where a report is shown: escapes of terminals,
// markup, syntax of every form, characters that no XML has, a reversal of direction.
const Hostile = "\x1b[2J|<script>alert(1)</script>\r\n]]>&\"'`*_@all www.evil.example https://evil.example\x00\u0085\u202e\ufffe\U000e0001\\x41"

// Invalid is no UTF-8.
const Invalid = "bad\xff\xc3("

// Rich returns a report with items in every layer, of every severity and outcome, hosts,
// suppressions, and names that attack whoever shows them.
func Rich() *drift.Report {
	r := &drift.Report{
		Version: drift.ReportVersion, Verdict: drift.Critical,
		Baseline: drift.Extent{Hosts: 120, Windows: 51840, First: at(1, 0, 0), Last: at(3, 23, 50), Sources: 3},
		Current:  drift.Extent{Hosts: 118, Windows: 720, First: at(4, 8, 0), Last: at(4, 8, 50), Sources: 1},
		Judged: drift.Judged{
			Findings: 412, TooFew: 12, TooSmall: 3, Hosts: 111, WarmingUp: 4, NewHosts: 2, GoneHosts: 3, MoreHosts: 7, MoreItems: 2,
		},
		Items: items(), Hosts: hosts(),
		Notes: []string{"4 hosts have too few windows in the baseline for a drift index.", "A name: " + Hostile + Invalid},
	}
	slices.SortStableFunc(r.Items, func(a, b drift.Item) int { return cmp.Compare(b.Severity, a.Severity) })
	for i := range r.Items {
		x := &r.Items[i]
		x.ID = string(x.Layer) + "/" + x.Segment + "/" + x.Subject
	}
	return r
}

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC)
}

func num(x float64) *float64 { return &x }

func bounded(x float64) *drift.Distance {
	return &drift.Distance{Value: x, Low: num(x * 0.75), High: num(x * 1.25)}
}

func items() []drift.Item {
	return []drift.Item{
		{
			Layer: drift.Quality, Segment: "global", Subject: "capture_loss", Unit: "ratio", Severity: drift.Low, Outcome: drift.Drift,
			Text: "The capture lost 1.2 % of its packets, and usually none.", Baseline: num(0), Current: num(0.012),
		},
		{
			Layer: drift.Schema, Segment: "global", Subject: "ja4_prints", Severity: drift.Medium, Outcome: drift.Drift,
			Text: "The column is missing, so nothing is known of it.",
		},
		{
			Layer: drift.Volume, Segment: "global", Subject: "wire_bytes", Unit: "bytes", Severity: drift.High, Outcome: drift.Drift,
			Text: "Hosts send and receive 2.8 times as much.", Baseline: num(1.2e9), Current: num(3.36e9),
			Measures: &drift.Measures{Factor: num(2.8), P: 0.0009, Adjusted: 0.005, Test: "factor_by_host", DF: 12.5, Hosts: 118},
			Movers: []drift.Mover{
				{Host: "10.0.0.7", Baseline: num(1.2e6), Current: num(2e9), Effect: 9.4}, {Host: "10.0.0.8", Current: num(1e6), Effect: 2.1},
				{Host: "10.0.0.9", Effect: 1.9}, {Host: "10.0.0.10", Effect: 1.8}, {Host: "10.0.0.11", Effect: 1.7}, {Host: "10.0.0.12", Effect: 1.6},
			},
		},
		{
			Layer: drift.Population, Segment: "subnet 10.0.9.0/24", Subject: "hosts", Unit: "count", Severity: drift.High, Outcome: drift.Drift,
			Text: "20 hosts are new, where on other days there are 2 at most.", Baseline: num(2), Current: num(20),
			Keys:       []drift.KeyItem{{Key: "10.0.9.5", Change: "new", Current: 6}, {Key: "10.0.9.6", Change: "new", Current: 6}},
			Movers:     []drift.Mover{{Host: "10.0.9.5"}, {Host: "10.0.9.6"}},
			Suppressed: &drift.Suppression{Reason: "new laboratory, ticket 4711 | <b>", Until: at(31, 0, 0)},
		},
		{
			Layer: drift.Values, Segment: "global", Subject: "service", Severity: drift.Critical, Outcome: drift.Drift,
			Text: "Of the keys of service, tcp/8443 and " + Hostile + " are new.",
			Keys: []drift.KeyItem{
				{Key: "tcp/8443", Change: "new", Current: 1812, Hosts: 3}, {Key: Hostile, Change: "new", Current: 7, Hosts: 1}, {Key: Invalid, Change: "gone", Baseline: 99},
				{Key: "tcp/443", Change: "less", Baseline: 1234567, Current: 1000}, {Key: "udp/53", Change: "more", Baseline: 10, Current: 20}, {Key: "tcp/22", Change: "gone", Baseline: 4},
			},
			MoreKeys: 17,
		},
		{
			Layer: drift.Cardinality, Segment: "label " + Hostile, Subject: Hostile, Unit: "count", Severity: drift.Medium, Outcome: drift.Drift,
			Text: "There are 40,000 different names, and usually 300.", Baseline: num(300), Current: num(40000),
		},
		{
			Layer: drift.Distribution, Segment: "protocol dns", Subject: "gap_mean_ns", Unit: "ns", Severity: drift.Medium, Outcome: drift.Drift,
			Text: "Packets of a host follow one another faster.", Baseline: num(2.4e8), Current: num(3.1e6),
			Measures: &drift.Measures{
				Effect: num(-0.83), Spread: num(1.21), PSI: bounded(0.41), JS: bounded(0.02), KS: bounded(0.3),
				Wasserstein: &drift.Distance{Value: 0.9, Low: num(0.4)}, Usual: num(0.04),
				P: 0.0001, Adjusted: 0.0041, Test: "mean_by_host", DF: 17.5, BaselineN: 51840, CurrentN: 720, Hosts: 111,
			},
			Movers: []drift.Mover{{Host: "10.0.0.7", Baseline: num(2.5e8), Current: num(1e6), Effect: -4.5}},
		},
		{
			Layer: drift.Distribution, Segment: "global", Subject: "wire_bytes_per_s", Unit: "bytes/s", Outcome: drift.TooSmall,
			Text: "The change is unlikely to be chance, and of no size.", Baseline: num(1000), Current: num(1011),
			Measures: &drift.Measures{Effect: num(0.05), Spread: num(1), P: 0.001, Adjusted: 0.02, Test: "mean_welch", DF: 1200, BaselineN: 9, CurrentN: 1},
		},
		{
			Layer: drift.Distribution, Segment: "host 10.0.0.99", Subject: "outbound_ratio", Unit: "ratio", Outcome: drift.TooFew,
			Text: "There are too few windows to tell.",
		},
		{
			Layer: drift.Behaviour, Segment: "host 2001:db8::7", Subject: "drift_index", Severity: drift.High, Outcome: drift.Drift,
			Text: "The host's drift index is 4.31.", Current: num(4.31), Suppressed: &drift.Suppression{Reason: "its owner knows"},
		},
	}
}

func hosts() []drift.Score {
	peak := at(4, 8, 20)
	return []drift.Score{
		{
			Host: "10.0.0.7", Windows: 6, Baseline: 432, Index: num(6.125), Peak: num(11.5), PeakStart: &peak, Known: 0.93,
			Severity: drift.Critical, Action: drift.Critical.Action(),
			Features: []drift.Deviating{
				{Feature: "gap_mean_ns", Unit: "ns", Value: 1.04e6, Usual: 2.5e8, Z: -7.2, RobustZ: -20, Share: 0.52},
				{Feature: "wire_bytes_per_s", Unit: "bytes/s", Value: 5.5e5, Usual: 333.3, Z: 9.4, RobustZ: 14.2, Share: 0.31},
				{Feature: "nxdomain_ratio", Unit: "ratio", Value: 0.9375, Usual: 0.02, Z: 3.1, RobustZ: 6.5, Share: 0.17},
			},
		},
		{
			Host: "2001:db8::7", Windows: 3, Baseline: 60, Index: num(4.31), Severity: drift.High, Action: drift.High.Action(),
			Suppressed: &drift.Suppression{Reason: "its owner knows"},
		},
		{Host: "10.0.9.5", New: true, Windows: 6, Severity: drift.Low, Action: drift.Low.Action()},
		{Host: "10.0.0.20", Windows: 1, Baseline: 4, Action: drift.None.Action()},
	}
}

// Item returns the first item of a layer.
func Item(r *drift.Report, layer drift.Layer) *drift.Item {
	return &r.Items[slices.IndexFunc(r.Items, func(x drift.Item) bool { return x.Layer == layer })]
}

// Quiet returns a report of windows in which nothing changed.
func Quiet() *drift.Report {
	r := Rich()
	r.Verdict, r.Items, r.Hosts, r.Notes = drift.None, nil, nil, nil
	r.Judged.MoreItems, r.Judged.MoreHosts = 0, 0
	return r
}
