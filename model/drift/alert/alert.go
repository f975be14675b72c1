package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"pcapmill/model/drift"
)

// Alert is a line of the file. Its keys are those of the Elastic Common Schema, and below
// pcapmill our own; docs/drift.md lists them.
type Alert struct {
	Time     time.Time `json:"@timestamp"` // begin of the newest window that was judged
	ECS      ecs       `json:"ecs"`
	Event    event     `json:"event"`
	Rule     rule      `json:"rule"`
	Host     *host     `json:"host,omitempty"`
	Related  *related  `json:"related,omitempty"`
	Message  string    `json:"message"`
	Labels   labels    `json:"labels"`
	Pcapmill own       `json:"pcapmill"`
}

type ecs struct {
	Version string `json:"version"`
}

type event struct {
	Kind     string    `json:"kind"`
	Category []string  `json:"category"`
	Type     []string  `json:"type"`
	Module   string    `json:"module"`
	Dataset  string    `json:"dataset"`
	Action   string    `json:"action"`
	Severity int       `json:"severity"`
	ID       string    `json:"id"`    // of this line
	Start    time.Time `json:"start"` // begin of the first window that was judged
	End      time.Time `json:"end"`   // of the last one
}

type rule struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type host struct {
	IP []string `json:"ip"`
}

// related are the hosts that explain an alert.
type related struct {
	IP []string `json:"ip"`
}

type labels struct {
	Severity string `json:"severity"`
	Layer    string `json:"layer"`
	Segment  string `json:"segment"`
	Subject  string `json:"subject"`
}

type own struct {
	AlertID  string          `json:"alert_id"` // of the subject, in every line about it
	Item     string          `json:"item"`
	Unit     string          `json:"unit,omitempty"`
	Baseline *float64        `json:"baseline,omitempty"`
	Current  *float64        `json:"current,omitempty"`
	Index    *float64        `json:"drift_index,omitempty"`
	Peak     *time.Time      `json:"peak_window,omitempty"`
	Action   string          `json:"recommended_action,omitempty"`
	Adjusted *float64        `json:"p_adjusted,omitempty"`
	PSI      *float64        `json:"psi,omitempty"`
	Keys     []drift.KeyItem `json:"keys,omitempty"`
	MoreKeys int             `json:"more_keys,omitempty"`
	Features []string        `json:"features,omitempty"`
}

const (
	ecsVersion = "8.11.0"
	module     = "pcapmill"
)

// scale has event.severity by severity, as Elastic's own rules do.
var scale = [...]int{drift.None: 0, drift.Low: 21, drift.Medium: 47, drift.High: 73, drift.Critical: 99}

// Scale returns event.severity by drift.Severity.
func Scale() []int { return scale[:] }

// A line has so many hosts and keys, so that it has some 10 KB at most.
const (
	mostHosts   = 20
	mostKeys    = 20
	mostMessage = 1000 // bytes
)

// Of returns an alert for each item and host of a report that is at or above a severity
// and not suppressed, in the report's order; none where the severity is drift.None.
func Of(r *drift.Report, from drift.Severity) []Alert {
	if from == drift.None {
		return nil
	}
	var all []Alert
	for i := range r.Items {
		if x := &r.Items[i]; x.Suppressed == nil && x.Severity >= from {
			all = append(all, ofItem(r, x))
		}
	}
	for i := range r.Hosts {
		if s := &r.Hosts[i]; s.Suppressed == nil && s.Severity >= from {
			all = append(all, ofHost(r, s))
		}
	}
	return all
}

func ofItem(r *drift.Report, x *drift.Item) Alert {
	a := begun(r, x.ID, x.Severity)
	a.Event.Action = "drift-" + string(x.Layer)
	a.Rule = rule{"drift/" + string(x.Layer) + "/" + clipped(x.Subject), capital(string(x.Layer)) + " of " + clipped(x.Subject)}
	a.Message = clipped(x.Text)
	a.Labels = labels{x.Severity.String(), string(x.Layer), clipped(x.Segment), clipped(x.Subject)}
	if name, ok := strings.CutPrefix(x.Segment, "host "); ok {
		a.at(name)
	}
	var movers []string
	for _, m := range x.Movers {
		movers = addresses(movers, m.Host)
	}
	if len(movers) > 0 {
		a.Related = &related{movers}
	}
	a.Pcapmill.Unit, a.Pcapmill.Baseline, a.Pcapmill.Current = x.Unit, x.Baseline, x.Current
	for _, k := range x.Keys[:min(mostKeys, len(x.Keys))] {
		k.Key = clipped(k.Key)
		a.Pcapmill.Keys = append(a.Pcapmill.Keys, k)
	}
	a.Pcapmill.MoreKeys = x.MoreKeys + len(x.Keys) - len(a.Pcapmill.Keys)
	if m := x.Measures; m != nil {
		a.Pcapmill.Adjusted = &m.Adjusted
		if m.PSI != nil {
			a.Pcapmill.PSI = &m.PSI.Value
		}
	}
	return a
}

func ofHost(r *drift.Report, s *drift.Score) Alert {
	a := begun(r, "host "+s.Host, s.Severity)
	a.Event.Action, a.Rule = "drift-host", rule{"drift/host/drift_index", "Drift index of a host"}
	a.Message = fmt.Sprintf("Host %s: %s.", s.Host, s.Action)
	if s.Index != nil {
		a.Message = fmt.Sprintf("Host %s has a drift index of %.2f: %s.", s.Host, *s.Index, s.Action)
	}
	a.Message = clipped(a.Message)
	a.Labels = labels{s.Severity.String(), string(drift.Behaviour), clipped("host " + s.Host), "drift_index"}
	a.at(s.Host)
	a.Pcapmill.Index, a.Pcapmill.Peak, a.Pcapmill.Action = s.Index, s.PeakStart, s.Action
	for _, f := range s.Features[:min(mostKeys, len(s.Features))] {
		a.Pcapmill.Features = append(a.Pcapmill.Features, clipped(f.Feature))
	}
	return a
}

// begun has what all alerts of a report have in common.
func begun(r *drift.Report, item string, s drift.Severity) Alert {
	at := r.Current.Last.UTC()
	id := hash(item)
	return Alert{
		Time: at, ECS: ecs{ecsVersion},
		Event: event{
			Kind: "alert", Category: []string{"network"}, Type: []string{"info"}, Module: module, Dataset: module + ".drift",
			Severity: scale[s], ID: hash(id + s.String() + at.Format(time.RFC3339Nano)), Start: r.Current.First.UTC(), End: at,
		},
		Pcapmill: own{AlertID: id, Item: clipped(item)},
	}
}

// at says which host an alert is about; host.ip takes nothing but addresses.
func (a *Alert) at(name string) {
	if ips := addresses(nil, name); len(ips) > 0 {
		a.Host = &host{ips}
	}
}

// addresses appends a host where it is an address and there is room.
func addresses(all []string, name string) []string {
	if a, err := netip.ParseAddr(name); err == nil && len(all) < mostHosts {
		return append(all, a.WithZone("").String())
	}
	return all
}

// hash is 16 bytes of SHA-256, as hexadecimal digits.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// clipped is the beginning of a text.
func clipped(s string) string {
	if len(s) <= mostMessage {
		return s
	}
	return strings.ToValidUTF8(s[:mostMessage], "") + "…"
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
