package build

import (
	"slices"

	"pcapmill/features/column"
)

// Names of a dataset's tables.
const (
	Data     = "data"
	Keys     = "keys"
	Captures = "captures"
)

// Kind is the kind of a dataset's folder, and Report the file in it that says what it holds.
const (
	Kind   = "dataset"
	Report = "dataset.json"
)

const (
	notFlow    = "the row is a host's window"
	notMessage = "the row is no message"
	notSaid    = "the label's source says none, or the row is no flow"
	notKnown   = "the row is not labelled"
)

// KeysSchema returns the columns of the keys table: what rows of data are about, row by row.
// Splits and checks need it, and no model may see it.
func KeysSchema() *column.Schema {
	id := func(name, doc, null string, t column.Type) column.Column {
		return column.Column{Name: name, Type: t, Role: column.Identity, Doc: doc, Null: null, Group: "rows"}
	}
	at := func(name, doc string) column.Column {
		return column.Column{Name: name, Type: column.Int64, Unit: column.EpochNano, Role: column.Time, Doc: doc, Group: "rows"}
	}
	host := func(name, doc, null string, t column.Type) column.Column {
		return column.Column{Name: name, Type: t, Role: column.LeakProne, Doc: doc, Null: null, Group: "hosts"}
	}
	said := func(name, doc, null string, t column.Type, unit column.Unit) column.Column {
		return column.Column{Name: name, Type: t, Unit: unit, Role: column.Label, Doc: doc, Null: null, Group: "labels"}
	}
	return &column.Schema{Table: Keys, Version: 1, Columns: []column.Column{
		id("flow_id", "flow_id of the flow, or of the flow that the message is part of.", notFlow, column.Int64),
		id("conn_id", "The connection that it is a piece of: no split divides it.", notFlow, column.Int64),
		id("run", "Number of the run whose tables the row comes from, from 0, as in the captures table.", "", column.Int32),
		id("capture_id", "Number of the input in that run's manifest, from 0.", "the run's inputs are one sequence, and the row is a host's window", column.Int32),
		id("capture", "Number of the capture in the captures table, from 0: unlike capture_id it is different for captures of different runs.", "capture_id is null", column.Int32),
		id("packet_index", "Number of the message's packet in its capture, from 1.", notMessage, column.Int64),
		at("start_ns", "Time of the first packet; of a message that of its packet, of a window its begin."),
		at("end_ns", "Time of the last packet; of a message that of its packet, of a window its end."),
		host("src_ip", "Initiator's address; of a message its sender's, of a window the host's.", "", column.String),
		host("src_port", "Port of src_ip.", "the protocol has none, or the row is a host's window", column.Int32),
		host("dst_ip", "Responder's address; of a message its receiver's.", notFlow, column.String),
		host("dst_port", "Port of dst_ip.", "the protocol has none, or the row is a host's window", column.Int32),
		{Name: "protocol", Type: column.Int32, Role: column.Identity, Doc: "IP protocol number.", Null: notFlow, Group: "hosts"},
		said("outcome", "labelled, unlabelled or ambiguous, as labelling left the row.", "", column.String, column.None),
		said("label", "The same as in data.", notKnown+", and has no other label", column.String, column.None),
		id("campaign", "What the row belongs to, which no split may divide: the rule, unless its source names another.", notKnown, column.String),
		said("rule_id", "The rule, or what events of its kind have in common.", notSaid, column.String, column.None),
		said("confidence", "How sure the label's source is, 0 to 1.", notSaid, column.Double, column.Ratio),
		said("overlap", "Share of the flow's time that lies within what the source says.", notSaid, column.Double, column.Ratio),
	}}
}

// CapturesSchema returns the columns of the captures table: the files that a dataset's rows
// come from.
func CapturesSchema() *column.Schema {
	c := func(name string, t column.Type, unit column.Unit, role column.Role, doc, null string) column.Column {
		return column.Column{Name: name, Type: t, Unit: unit, Role: role, Doc: doc, Null: null, Group: Captures}
	}
	return &column.Schema{Table: Captures, Version: 1, Columns: []column.Column{
		c("capture", column.Int32, column.None, column.Identity, "Number of the capture, from 0, over all runs.", ""),
		c("run", column.Int32, column.None, column.Identity, "Number of the run, from 0, in the order in which they were named.", ""),
		c("capture_id", column.Int32, column.None, column.Identity, "Number of the input in that run's manifest, from 0.", ""),
		c("name", column.Text, column.None, column.Identity, "Last element of its path: where captures lie shall not show in a dataset.", ""),
		c("sha256", column.Text, column.None, column.Identity, "SHA-256 of the capture's stored bytes.", "the run did not hash its inputs"),
		c("packets", column.Int64, column.Packets, column.Identity, "Packets that were read.", ""),
		c("first_ns", column.Int64, column.EpochNano, column.Time, "Time of the first packet.", "no packet has a time"),
		c("last_ns", column.Int64, column.EpochNano, column.Time, "Time of the last packet.", "no packet has a time"),
	}}
}

// Columns of data that are not the table's.
const (
	labelColumn  = "label"
	weightColumn = "weight"
)

// labelColumns returns what stands behind the columns of a flow, message or window in data.
func labelColumns(flows, weighted bool) []column.Column {
	c := func(name string, t column.Type, doc, null string) column.Column {
		return column.Column{Name: name, Type: t, Role: column.Label, Doc: doc, Null: null, Group: "labels"}
	}
	all := []column.Column{c(labelColumn, column.String, "What a model shall predict.", notKnown+", and has no other label")}
	if flows {
		attempt := c("attempt", column.Int32, "Why the flow is an attempt that did no harm: 0 no payload by the attacker, 1 port or system closed, 2 start-up or tear-down, 3 no malicious payload, 4 artefact, 5 wrongly implemented, 6 target unresponsive.", "the flow is no attempt")
		attempt.Source = "Liu, Engelen et al., CNS 2022"
		all = append(all,
			c("category", column.String, "The wider class that the label is of.", notSaid),
			c("mitre", column.String, "ATT&CK technique, as T1046.", notSaid),
			attempt)
	}
	if weighted {
		all = append(all, c(weightColumn, column.Double, "How many rows of the whole this one of the sample stands for: sums of weights estimate counts. No target.", ""))
	}
	return all
}

// reserved are names that the columns of a table may not have in data.
func reserved(name string) bool {
	return slices.ContainsFunc(labelColumns(true, true), func(c column.Column) bool { return c.Name == name })
}

// Described returns the schema of one of a dataset's own tables, keys and captures, and what its
// groups of columns are, name and doc; nil for any other.
func Described(table string) (*column.Schema, [][2]string) {
	switch table {
	case Keys:
		return KeysSchema(), [][2]string{{"rows", "which row it is"}, {"hosts", "who takes part"}, {"labels", "what labelling says of it"}}
	case Captures:
		return CapturesSchema(), [][2]string{{Captures, "the captures behind a dataset"}}
	}
	return nil, nil
}
