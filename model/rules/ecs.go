package rules

import (
	"io"
	"net/netip"

	"pcapmill/model/drift"
)

// ecsSeverity is event.severity, a number in the Elastic Common Schema: the risk scores that
// Elastic's own detection rules have for these names.
var ecsSeverity = map[drift.Severity]int{drift.None: 0, drift.Low: 21, drift.Medium: 47, drift.High: 73, drift.Critical: 99}

// ecsNames are columns that have a name in the Elastic Common Schema.
var ecsNames = map[string]string{
	"src_ip": "source.ip", "src_port": "source.port", "dst_ip": "destination.ip", "dst_port": "destination.port",
	"community_id": "network.community_id", "query_name": "dns.question.name", "server_name": "tls.client.server_name",
}

// WriteJSONL writes an alert a line, with the names of the Elastic Common Schema; what it has
// no name for is in pcapmill.
func WriteJSONL(w io.Writer, r *Report) error {
	var line []byte
	for i := range r.Alerts {
		line = append(appendJSON(line[:0], r.Alerts[i].ecs(), "", 0), '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func (a *Alert) ecs() object {
	o := object{
		{"@timestamp", instantOf(a.Time)}, {"event.kind", "alert"}, {"event.category", []string{"network"}}, {"event.module", "pcapmill"},
		{"event.dataset", "pcapmill.rules"}, {"event.id", a.ID}, {"event.start", instantOf(a.Time)}, {"event.end", instantOf(a.Last)},
		{"event.severity", ecsSeverity[a.Rule.Severity]}, {"rule.id", a.Rule.ID}, {"rule.name", a.Rule.Title},
	}
	if len(a.Rule.References) > 0 {
		o = append(o, member{"rule.reference", a.Rule.References[0]})
	}
	if host := a.host(); host != "" {
		o = append(o, member{"host.ip", []string{host}})
	}
	o = append(o, a.named()...)
	if len(a.Rule.Tags) > 0 {
		o = append(o, member{"tags", a.Rule.Tags})
	}
	return append(o,
		member{"message", a.Message()}, member{"pcapmill.severity", a.Rule.Severity.String()}, member{"pcapmill.table", a.Rule.Table},
		member{"pcapmill.count", a.Count}, member{"pcapmill.rows", a.Rows}, member{"pcapmill.keys", fieldObject(a.Keys)},
		member{"pcapmill.value", a.valueObject()}, member{"pcapmill.evidence", fieldObject(a.Evidence)},
	)
}

// host is the address that an alert is about: the host, else the one that began.
func (a *Alert) host() string {
	for _, name := range []string{"host", "src_ip"} {
		for i := range a.Keys {
			f := &a.Keys[i]
			if f.Name == name && !f.Null {
				if address, err := netip.ParseAddr(f.Value); err == nil {
					return address.String()
				}
			}
		}
	}
	return ""
}

// named are the keys and the evidence that have names in the schema, keys first.
func (a *Alert) named() object {
	var o object
	seen := map[string]bool{}
	for _, fields := range [][]Field{a.Keys, a.Evidence} {
		for i := range fields {
			name := ecsNames[fields[i].Name]
			if name != "" && !fields[i].Null && !seen[name] {
				seen[name] = true
				o = append(o, member{name, fields[i].json()})
			}
		}
	}
	return o
}
