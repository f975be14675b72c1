package drift

import "time"

// ReportVersion is that of Report's JSON: fields are added without a new one.
const ReportVersion = 1

// Report is what is said of current windows against a baseline. Its lists are in the
// order in which they should be read: what matters most comes first.
type Report struct {
	Version  int      `json:"version"`
	Verdict  Severity `json:"verdict"`         // worst of the items and hosts that no rule suppresses
	Gated    bool     `json:"gated,omitempty"` // the captures lack so much that changes prove nothing; the verdict is none of drift
	Baseline Extent   `json:"baseline"`
	Current  Extent   `json:"current"`
	Judged   Judged   `json:"judged"`
	Items    []Item   `json:"items"`
	Hosts    []Score  `json:"hosts"` // those that have drifted or are new, at most Config.MostHosts
	Notes    []string `json:"notes"` // what limits what is said, a sentence each

	Asked []Presence `json:"asked,omitempty"` // of Config.Asked, in that order
}

// Presence is how much is known of a host.
type Presence struct {
	Host    string `json:"host"`
	Windows int    `json:"windows"`                // now
	Hours   int    `json:"hours"`                  // of the baseline
	Beyond  bool   `json:"beyond_limit,omitempty"` // the baseline does not keep it by itself: it may be in its rest
}

// Extent is how much there is on one side.
type Extent struct {
	Hosts   uint64    `json:"hosts"`
	Windows uint64    `json:"windows"`
	First   time.Time `json:"first"` // begin of the first window; of a baseline, of its first day
	Last    time.Time `json:"last"`
	Sources int       `json:"sources"` // tables
}

// Judged counts what was looked at, so that nothing is left out in silence.
type Judged struct {
	Findings  int `json:"findings"`   // features times segments that were tested together
	TooFew    int `json:"too_few"`    // that had too few windows or hosts
	TooSmall  int `json:"too_small"`  // unlikely to be chance, but of no size
	Hosts     int `json:"hosts"`      // with a drift index
	WarmingUp int `json:"warming_up"` // hosts with too few windows in the baseline
	NewHosts  int `json:"new_hosts"`
	GoneHosts int `json:"gone_hosts"`
	MoreHosts int `json:"more_hosts"` // with severity, or new, which Hosts had no room for
	MoreItems int `json:"more_items"` // likewise
}

// Layer is what kind of thing an item is about. Layers before a failing one explain it:
// where the capture lost packets, volume has not drifted.
type Layer string

// Layers, in the order in which they are asked.
const (
	Quality      Layer = "quality"      // of the capture: losses, damage, malformed packets, windows left out
	Schema       Layer = "schema"       // columns that are missing, new or of another type
	Volume       Layer = "volume"       // windows, hosts, packets and bytes in all
	Population   Layer = "population"   // hosts that are new or gone
	Values       Layer = "values"       // keys of a category that are new, gone, or of another share
	Cardinality  Layer = "cardinality"  // numbers of different keys
	Distribution Layer = "distribution" // of a feature in a segment
	Behaviour    Layer = "behaviour"    // of one host: its drift index
)

// Item is one thing that is said: a verdict on a subject in a segment.
type Item struct {
	ID       string   `json:"id"` // layer, segment and subject: the same in every report on the same
	Layer    Layer    `json:"layer"`
	Segment  string   `json:"segment"` // global, subnet 10.0.0.0/24, host 10.0.0.1, protocol dns, label x
	Subject  string   `json:"subject"` // a column, a category, hosts, packets
	Unit     string   `json:"unit,omitempty"`
	Severity Severity `json:"severity"`
	Outcome  Outcome  `json:"outcome"`
	Text     string   `json:"text"` // a sentence; names in it come from packets, and sinks escape them

	Baseline *float64  `json:"baseline,omitempty"` // usual value, in the unit; nil: unknown
	Current  *float64  `json:"current,omitempty"`
	Measures *Measures `json:"measures,omitempty"` // of distributions
	Keys     []KeyItem `json:"keys,omitempty"`     // of categories, the most telling first
	MoreKeys int       `json:"more_keys,omitempty"`
	Movers   []Mover   `json:"movers,omitempty"` // hosts that explain it, the first one most

	Suppressed *Suppression `json:"suppressed,omitempty"` // by which entry of the list; it does not count then
}

// Measures say how large and how sure a change of a distribution is.
type Measures struct {
	Effect      *float64  `json:"effect,omitempty"` // of the mean, in standard deviations of windows
	Spread      *float64  `json:"spread,omitempty"` // standard deviation, as factor of the baseline's
	Factor      *float64  `json:"factor,omitempty"` // now over usual, of totals
	PSI         *Distance `json:"psi,omitempty"`
	JS          *Distance `json:"jensen_shannon,omitempty"`
	KS          *Distance `json:"ks,omitempty"`
	Wasserstein *Distance `json:"wasserstein,omitempty"` // in standard deviations of the baseline
	Usual       *float64  `json:"usual_psi,omitempty"`   // what PSI comes to where nothing changed
	P           float64   `json:"p"`
	Adjusted    float64   `json:"p_adjusted"`
	Test        string    `json:"test"`         // the one whose p-value it is
	DF          float64   `json:"df,omitempty"` // of t
	BaselineN   uint64    `json:"baseline_windows"`
	CurrentN    uint64    `json:"current_windows"`
	Hosts       int       `json:"hosts,omitempty"` // that both sides have
}

// Distance of two distributions that are known from bins: Value, and between what bounds
// that of the values themselves must lie; nil where nothing bounds it.
type Distance struct {
	Value float64  `json:"value"`
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
}

// KeyItem is a key of a category, such as tcp/8443 of service.
type KeyItem struct {
	Key      string `json:"key"`
	Change   string `json:"change"` // new, gone, more, less
	Baseline uint64 `json:"baseline"`
	Current  uint64 `json:"current"`
	Hosts    int    `json:"hosts,omitempty"` // that had it now
}

// Mover is a host's share in what an item says.
type Mover struct {
	Host     string   `json:"host"`
	Baseline *float64 `json:"baseline,omitempty"`
	Current  *float64 `json:"current,omitempty"`
	Effect   float64  `json:"effect"` // in standard deviations
}

// Score is how far a host is from what it used to do.
type Score struct {
	Host      string      `json:"host"`
	New       bool        `json:"new,omitempty"` // not in the baseline: no index
	Windows   int         `json:"windows"`
	Baseline  uint64      `json:"baseline_windows"`
	Index     *float64    `json:"drift_index,omitempty"` // that four fifths of its windows reach; nil: none
	Peak      *float64    `json:"peak_index,omitempty"`  // the highest of a window
	PeakStart *time.Time  `json:"peak_window,omitempty"`
	Known     float64     `json:"known_weight,omitempty"` // share of the weights whose features are known
	Severity  Severity    `json:"severity"`
	Action    string      `json:"action"`
	Features  []Deviating `json:"features,omitempty"` // the largest shares of the index, of the window that has it

	Suppressed *Suppression `json:"suppressed,omitempty"`
}

// Deviating is a feature's part in a host's index.
type Deviating struct {
	Feature string  `json:"feature"`
	Unit    string  `json:"unit,omitempty"`
	Value   float64 `json:"value"`
	Usual   float64 `json:"usual"`
	Z       float64 `json:"z"`
	RobustZ float64 `json:"robust_z"`
	Share   float64 `json:"share"`
}

// Suppression names the entry of the suppression list that an item or score falls under.
type Suppression struct {
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"` // zero: without end
}
