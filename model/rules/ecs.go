package rules

import (
	"io"
	"net/netip"
	"slices"

	"pcapmill/model/drift"
)

// ecsSeverity is event.severity, a number in the Elastic Common Schema: the risk scores that
// Elastic's own detection rules have for these names.
var ecsSeverity = map[drift.Severity]int{drift.None: 0, drift.Low: 21, drift.Medium: 47, drift.High: 73, drift.Critical: 99}

// ecsVersion is that of the schema.
const ecsVersion = "8.11.0"

// ecsNames are columns that have a name in the Elastic Common Schema.
var ecsNames = map[string][]string{
	"src_ip": {"source", "ip"}, "src_port": {"source", "port"}, "dst_ip": {"destination", "ip"}, "dst_port": {"destination", "port"},
	"community_id": {"network", "community_id"}, "query_name": {"dns", "question", "name"}, "server_name": {"tls", "client", "server_name"},
}

// WriteJSONL writes an alert a line, with the names of the Elastic Common Schema; what it has
// no name for is in pcapmill.
func WriteJSONL(w io.Writer, r *Report) error {
	var line []byte
	for i := range r.Alerts {
		line = append(r.Alerts[i].AppendJSON(line[:0]), '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// AppendJSON appends the alert as WriteJSONL writes it, without the end of the line.
func (a *Alert) AppendJSON(dst []byte) []byte { return appendJSON(dst, a.ecs(), "", 0) }

// Severity is event.severity, a number in the Elastic Common Schema.
func (a *Alert) Severity() int { return ecsSeverity[a.Rule.Severity] }

func (a *Alert) ecs() object {
	severity := a.Rule.Severity.String()
	rule := object{{"id", a.Rule.ID}, {"name", a.Rule.Title}}
	if len(a.Rule.References) > 0 {
		rule = append(rule, member{"reference", a.Rule.References[0]})
	}
	o := object{
		{"@timestamp", instantOf(a.Time)},
		{"ecs", object{{"version", ecsVersion}}},
		{"event", object{
			{"kind", "alert"}, {"category", []string{"network"}}, {"type", []string{"info"}}, {"module", "pcapmill"}, {"dataset", "pcapmill.rules"}, {"action", "rule"},
			{"severity", ecsSeverity[a.Rule.Severity]}, {"id", a.ID}, {"start", instantOf(a.Time)}, {"end", instantOf(a.Last)},
		}},
		{"rule", rule},
	}
	if host := a.host(); host != "" {
		o = append(o, member{"host", object{{"ip", []string{host}}}})
	}
	o = append(o, a.named()...)
	if len(a.Rule.Tags) > 0 {
		o = append(o, member{"tags", a.Rule.Tags})
	}
	return append(o,
		member{"message", a.Message()}, member{"labels", object{{"severity", severity}, {"table", a.Rule.Table}}},
		member{"pcapmill", object{
			{"alert_id", a.Subject()}, {"count", a.Count}, {"rows", a.Rows}, {"keys", fieldObject(a.Keys)}, {"value", a.valueObject()}, {"evidence", fieldObject(a.Evidence)},
		}},
	)
}

// host is the address that an alert is about: the one that began, else the host, which of http is
// what a request says.
func (a *Alert) host() string {
	for _, name := range []string{"src_ip", "host"} {
		for i := range a.Keys {
			f := &a.Keys[i]
			if f.Name == name && !f.Null && (name != "host" || a.Rule.Table != "http") {
				if address, err := netip.ParseAddr(f.Value); err == nil {
					return address.String()
				}
			}
		}
	}
	return ""
}

// named are the keys and the evidence that have names in the schema. Of a column in both,
// the key counts.
func (a *Alert) named() object {
	var o object
	seen := map[string]bool{}
	for _, fields := range [][]Field{a.Keys, a.Evidence} {
		for i := range fields {
			f := &fields[i]
			if path := ecsNames[f.Name]; path != nil && !f.Null && !seen[f.Name] {
				seen[f.Name] = true
				o = o.with(path, f.json())
			}
		}
	}
	return o
}

// with puts a value at a path.
func (o object) with(path []string, value any) object {
	at := slices.IndexFunc(o, func(m member) bool { return m.key == path[0] })
	if at < 0 {
		at = len(o)
		o = append(o, member{path[0], object(nil)})
	}
	if len(path) == 1 {
		o[at].value = value
	} else {
		inner, _ := o[at].value.(object)
		o[at].value = inner.with(path[1:], value)
	}
	return o
}
