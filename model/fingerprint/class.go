package fingerprint

import (
	"fmt"
	"strconv"
	"strings"
)

// RulesVersion is raised with each change of Rules.
const RulesVersion = 1

// Condition is a bound on a feature. It is not met where the feature is unknown.
type Condition struct {
	Feature string
	Least   bool // the feature is at least Bound; else it is at most that
	Bound   float64
}

// Rule gives a host a class where all conditions of All are met, one of Any (where there
// is one), and none of None.
type Rule struct {
	Class string
	All   []Condition
	Any   []Condition
	None  []Condition
	Doc   string // what the class is
	Why   string // why these features and bounds
}

// Mixed is the class of a host that no rule gives one.
const Mixed = "mixed"

func least(feature string, bound float64) Condition { return Condition{feature, true, bound} }
func most(feature string, bound float64) Condition  { return Condition{feature, false, bound} }

// Rules returns the rules, the most telling class first. The caller may change the result.
func Rules() []Rule { return append([]Rule(nil), rules...) }

var rules = []Rule{
	{
		Class: "scanner",
		All:   []Condition{least("failed_out_ratio", 0.5)},
		Any:   []Condition{least("fan_out", 20), least("out_ports", 20)},
		Doc:   "looks for what is there: goes to many hosts or ports, and mostly in vain",
		Why:   "Who knows where he goes rarely fails. Half of the connections failing to 20 different hosts (sweep) or ports (port scan) a window is beyond a server that is down, which is one host and few ports.",
	}, {
		Class: "server",
		All:   []Condition{least("inbound_flow_ratio", 0.8), least("in_flows_per_hour", 6)},
		None:  []Condition{least("failed_in_ratio", 0.5)},
		Doc:   "is used by others",
		Why:   "A server is asked more than it asks; the fifth that is left is for its own lookups, updates and backups. Below one flow in ten minutes little can be said of its use. Where half of what comes in fails, it is scanned, not used.",
	}, {
		Class: "dns_heavy",
		All:   []Condition{least("dns_message_share", 0.25), least("dns_queries_per_hour", 60)},
		Doc:   "mostly asks DNS: a resolver, a mail filter, or something that tunnels or generates names",
		Why:   "Lookups precede traffic: of a client, they are a few packets in a hundred. A quarter of all packets, and one query a minute, is lookup for its own sake.",
	}, {
		Class: "bulk_transfer",
		All:   []Condition{least("wire_bytes_per_s", 125_000), least("packet_mean_bytes", 500)},
		Doc:   "moves much data: backup, download, stream, copy",
		Why:   "1 Mbit/s as a mean of whole windows is 75 MB in ten minutes. Packets of a transfer are full in one direction and acknowledgements in the other; with one acknowledgement for each full packet their mean is 790 bytes, and 500 leaves room for other traffic.",
	}, {
		Class: "automated",
		All:   []Condition{most("active_share", 0.5)},
		Any:   []Condition{least("periodicity_score", 0.6), least("regularity", 0.9)},
		Doc:   "does something by a clock: polling, keep-alive, sensor, beacon",
		Why:   "People have no period. An autocorrelation of 0.6 says that three fifths of what varies repeat; a regularity of 0.9 is a cv of 0.11 between bursts, next to the 0.1 of NetDNA's beacons. Streams also beat, but without the pauses: where every other second has a packet, it is no polling.",
	}, {
		Class: "interactive_client",
		All:   []Condition{most("inbound_flow_ratio", 0.2), least("out_flows_per_hour", 6), least("fan_out", 3), least("gap_cv", 1)},
		None:  []Condition{least("periodicity_score", 0.6), least("failed_out_ratio", 0.5)},
		Doc:   "is used by a person: browsing, mail, terminal",
		Why:   "It asks and is hardly asked, several servers a window, and in bursts: gaps deviate by more than their mean, which a random stream of packets (cv 1) does not exceed. NetDNA calls a burst score below 1.5 interactive; that is a stream, so no rule here rests on it.",
	}, {
		Class: "idle",
		All:   []Condition{most("packets_per_s", 0.1), most("out_flows_per_hour", 12), most("in_flows_per_hour", 12)},
		Doc:   "is there, and does hardly anything",
		Why:   "60 packets and two flows each way in ten minutes are what a machine says that nobody uses: NTP, DHCP, mDNS, the keep-alive of a connection or two.",
	},
}

// Class is a class that a host has, and why.
type Class struct {
	Name   string `json:"class"`
	Reason string `json:"reason"`
}

// Undecided is a class that might be one of the host's, were a feature known.
type Undecided struct {
	Name    string
	Unknown []string // the features
}

// Classify returns the classes whose rules v meets, in the order of Rules; Mixed alone
// where there are none. The second result are those that unknown features leave open.
func Classify(v Vector) ([]Class, []Undecided) {
	var classes []Class
	var open []Undecided
	for i := range rules {
		t := trial{v: v}
		switch t.rule(&rules[i]) {
		case yes:
			classes = append(classes, Class{rules[i].Class, strings.Join(t.reasons, "; ")})
		case maybe:
			open = append(open, Undecided{rules[i].Class, t.unknown})
		}
	}
	if len(classes) == 0 {
		classes = []Class{{Mixed, "no rule is met"}}
	}
	return classes, open
}

// answer is what a condition says of a vector, in ascending order.
type answer int

const (
	no answer = iota
	maybe
	yes
)

// trial is a vector before a rule.
type trial struct {
	v       Vector
	reasons []string
	unknown []string
}

// rule joins the answers: of All and Any as logic has them; a condition of None that is
// unknown bars nothing.
func (t *trial) rule(r *Rule) answer {
	said := yes
	for _, c := range r.All {
		said = min(said, t.ask(c))
	}
	if len(r.Any) > 0 {
		one := no
		for _, c := range r.Any {
			one = max(one, t.ask(c))
		}
		said = min(said, one)
	}
	for _, c := range r.None {
		if c.met(t.v) == yes {
			return no
		}
	}
	return said
}

func (t *trial) ask(c Condition) answer {
	said := c.met(t.v)
	switch said {
	case yes:
		t.reasons = append(t.reasons, c.reason(t.v))
	case maybe:
		t.unknown = append(t.unknown, c.Feature)
	}
	return said
}

func (c Condition) met(v Vector) answer {
	x := v.Of(c.Feature)
	switch {
	case !x.Known:
		return maybe
	case c.Least && x.X >= c.Bound, !c.Least && x.X <= c.Bound:
		return yes
	}
	return no
}

// reason says how the condition is met: "fan_out 35.2 ≥ 20".
func (c Condition) reason(v Vector) string {
	return fmt.Sprintf("%s %s %s", c.Feature, short(v.Of(c.Feature).X), c.bound())
}

// bound is the condition without its feature.
func (c Condition) bound() string {
	sign := "≤"
	if c.Least {
		sign = "≥"
	}
	return sign + " " + short(c.Bound)
}

// String is the condition as docs have it.
func (c Condition) String() string { return c.Feature + " " + c.bound() }

// short writes a number for people: four significant digits, whole numbers below a
// million whole.
func short(x float64) string {
	if x == float64(int64(x)) && x < 1e6 {
		return strconv.FormatInt(int64(x), 10)
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}
