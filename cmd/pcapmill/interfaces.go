package main

import (
	"errors"
	"os"

	"pcapmill/cmd/job"
	"pcapmill/cmd/show"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/live"
	"pcapmill/outputs/usage"
)

// interfacesCmd are the arguments of interfaces.
type interfacesCmd struct {
	Format    string `enum:"table,text,csv,tsv,json,jsonl" default:"table" help:"Format: ${enum}. text has a line a value."`
	Separator string `placeholder:"CHAR" help:"What stands between the values of csv and tsv: a character, tab or space."`
	Header    bool   `negatable:"" default:"true" help:"Whether csv and tsv begin with the columns' names."`
	Units     bool   `help:"Put units behind the columns' names; not in json and jsonl."`
}

// Help implements kong.HelpProvider: what there is to know of interfaces.
func (interfacesCmd) Help() string {
	return `
Lists the interfaces of this network namespace, and "any", which is all of them
together. why_not says what keeps one from being captured: it is down, or CAP_NET_RAW
is missing; nothing else here needs a capability. link_type is that of the frames that a
capture would have.

offloads are those that are on and change the sizes of packets: with gro and lro the
kernel or the card joins received packets before they are captured, with tso and gso it
cuts sent ones after that. ethtool -K turns them off.

Counters are the interface's own, since it was made. rx_dropped are packets that the
kernel had no room or no use for, rx_missed those that the card had no room for.

    pcapmill interfaces
    pcapmill interfaces --format json`
}

// Run implements the command.
func (c *interfacesCmd) Run(s streams) error {
	o := show.Options{Format: c.Format, NoHeader: !c.Header, Units: c.Units}
	if f, ok := s.out.(*os.File); ok {
		o.Width, _ = terminalWidth(f)
	}
	var err error
	if o.Separator, err = separator(c.Separator); err != nil {
		return coded{job.ExitUsage, err}
	}
	all, err := live.List()
	switch {
	case errors.Is(err, live.ErrUnsupported):
		return coded{job.ExitUsage, err}
	case err != nil:
		return coded{job.ExitRejected, err}
	}
	err = show.Batch(o, interfaceRows(all), s.out)
	if errors.Is(err, usage.Err) {
		return coded{job.ExitUsage, err}
	}
	return written(err)
}

// interfaceColumn is a column of the list, and how it is filled.
type interfaceColumn struct {
	column.Column
	fill func(v *batch.Vector, i *live.Interface)
}

// interfaceColumns are the columns, those first that a narrow terminal should have.
var interfaceColumns = []interfaceColumn{
	words("name", "name; any is all interfaces", func(i *live.Interface) string { return i.Name }),
	words("state", "up, down, no carrier, or another state of RFC 2863", func(i *live.Interface) string { return i.State }),
	words("link_type", "of captured frames", func(i *live.Interface) string { return i.Link.String() }),
	words("why_not", "what keeps it from being captured", func(i *live.Interface) string { return i.WhyNot }),
	lists("addresses", "with the length of the network", func(i *live.Interface) []string { return i.Addresses }),
	words("mac", "hardware address", func(i *live.Interface) string { return i.MAC }),
	counts("mtu", column.Bytes, "largest packet", func(i *live.Interface) int64 { return int64(i.MTU) }),
	words("driver", "driver", func(i *live.Interface) string { return i.Driver }),
	words("kind", "of virtual interfaces: veth, bridge, tun and others", func(i *live.Interface) string { return i.Kind }),
	counts("speed_mbit", column.None, "rate in Mbit/s", func(i *live.Interface) int64 { return i.SpeedMbit }),
	counters("rx_packets", column.Packets, "received", func(i *live.Interface) int64 { return i.RxPackets }),
	counters("rx_bytes", column.Bytes, "received", func(i *live.Interface) int64 { return i.RxBytes }),
	counters("rx_dropped", column.Packets, "received, but the kernel had no room or no use for them", func(i *live.Interface) int64 { return i.RxDropped }),
	counters("rx_missed", column.Packets, "the card had no room for them", func(i *live.Interface) int64 { return i.RxMissed }),
	counters("tx_packets", column.Packets, "sent", func(i *live.Interface) int64 { return i.TxPackets }),
	counters("tx_bytes", column.Bytes, "sent", func(i *live.Interface) int64 { return i.TxBytes }),
	counters("tx_dropped", column.Packets, "not sent", func(i *live.Interface) int64 { return i.TxDropped }),
	lists("offloads", "that are on and change the sizes of packets", func(i *live.Interface) []string { return i.Offloads }),
	lists("timestamps", "who can stamp received frames", func(i *live.Interface) []string { return i.Timestamps }),
	counts("index", column.None, "number in the system", func(i *live.Interface) int64 { return int64(i.Index) }),
	words("note", "what of its frames is not decoded", func(i *live.Interface) string { return i.Note }),
}

// words is a column of text, null where that is empty.
func words(name, doc string, of func(*live.Interface) string) interfaceColumn {
	c := column.Column{Name: name, Type: column.Text, Role: column.Identity, Doc: doc, Null: "not known, or there is none"}
	return interfaceColumn{c, func(v *batch.Vector, i *live.Interface) {
		s := of(i)
		v.AppendText([]byte(s))
		v.Valid = append(v.Valid, isTrue(s != ""))
	}}
}

// counts is a column of numbers, null where that is 0.
func counts(name string, unit column.Unit, doc string, of func(*live.Interface) int64) interfaceColumn {
	c := column.Column{Name: name, Type: column.Int64, Unit: unit, Role: column.Identity, Doc: doc, Null: "not known, or there is none"}
	return interfaceColumn{c, func(v *batch.Vector, i *live.Interface) {
		n := of(i)
		v.Int64 = append(v.Int64, n)
		v.Valid = append(v.Valid, isTrue(n != 0))
	}}
}

// counters is a column of counters, which all interfaces have but any.
func counters(name string, unit column.Unit, doc string, of func(*live.Interface) int64) interfaceColumn {
	c := counts(name, unit, doc, of)
	c.Null = "of any"
	c.fill = func(v *batch.Vector, i *live.Interface) {
		v.Int64 = append(v.Int64, of(i))
		v.Valid = append(v.Valid, isTrue(i.Index != 0))
	}
	return c
}

// lists is a column of lists of text.
func lists(name, doc string, of func(*live.Interface) []string) interfaceColumn {
	c := column.Column{Name: name, Type: column.ListString, Role: column.Identity, Doc: doc}
	return interfaceColumn{c, func(v *batch.Vector, i *live.Interface) {
		if len(v.Offsets) == 0 {
			v.Offsets = append(v.Offsets, 0)
		}
		for _, s := range of(i) {
			v.Codes = append(v.Codes, int32(len(v.Dict)))
			v.Dict = append(v.Dict, s)
		}
		v.Offsets = append(v.Offsets, int32(len(v.Codes)))
	}}
}

func isTrue(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// interfaceRows is the list as a table.
func interfaceRows(all []live.Interface) *batch.Batch {
	schema := &column.Schema{Table: "interfaces", Version: 1}
	for _, c := range interfaceColumns {
		schema.Columns = append(schema.Columns, c.Column)
	}
	b := batch.New(schema)
	for i := range all {
		for k, c := range interfaceColumns {
			c.fill(&b.Vectors[k], &all[i])
		}
		b.Rows++
	}
	return b
}
