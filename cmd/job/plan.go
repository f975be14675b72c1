package job

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"pcapmill/features/column"
	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/window"
	"pcapmill/features/window/host"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/manifest"
)

// plan is what decides the bytes of the tables apart from the inputs.
type plan struct {
	options map[string]string
	id      string
	schemas []*column.Schema // of all tables, in the order in which they are opened
}

func newPlan(o *Options) (plan, error) {
	table, err := flow.NewTable(o.Stages.Features, o.Stages.Addresses)
	if err != nil {
		return plan{}, err
	}
	records, err := record.Schemas(o.Stages.RecordOptions())
	if err != nil {
		return plan{}, err
	}
	windows, err := window.Select(o.Stages.Windows)
	if err != nil {
		return plan{}, err
	}
	p := plan{options: o.semantic(table.Schema, records, windows)}
	p.schemas = o.schemas(table.Schema, records, windows)
	var refs []manifest.SchemaRef
	for _, s := range p.schemas {
		refs = append(refs, manifest.SchemaRef{Table: s.Table, SHA256: s.Hash()})
	}
	p.id = manifest.PlanID(p.options, refs, o.Tool.Build())
	return p, nil
}

// schemas lists those of all tables.
func (o *Options) schemas(flows *column.Schema, records []*column.Schema, windows []string) []*column.Schema {
	schemas := append([]*column.Schema{flows}, records...)
	if o.Stages.Errors {
		schemas = append(schemas, record.ErrorsSchema())
	}
	for _, t := range window.Tables() {
		if slices.Contains(windows, t.Name) {
			schemas = append(schemas, t.Schema)
		}
	}
	return schemas
}

// semantic returns the options that show in the tables or in their files.
// Workers, paths, hashing and memory knobs are not among them.
func (o *Options) semantic(flows *column.Schema, records []*column.Schema, windows []string) map[string]string {
	c := &o.Stages
	m := map[string]string{
		"inputs":        string(c.Inputs),
		"timers":        timersName(c.Timeouts.Zeek),
		"tcp_idle":      c.Timeouts.TCPIdle.String(),
		"tcp_closed":    c.Timeouts.TCPClosed.String(),
		"udp_idle":      c.Timeouts.UDPIdle.String(),
		"other_idle":    c.Timeouts.OtherIdle.String(),
		"active":        c.Timeouts.Active.String(),
		"features":      strings.Join(groupsOf(flows), ","),
		"records":       strings.Join(tablesOf(records), ","),
		"errors":        strconv.FormatBool(c.Errors),
		"save_errors":   strconv.FormatBool(c.SaveErrors),
		"unknown":       o.unknown(),
		"addr_format":   string(c.Addresses),
		"first_packets": strconv.Itoa(c.First),
		"payload_bytes": strconv.Itoa(c.Flow.PayloadBytes),
		"checksums":     strconv.FormatBool(c.Checksums),
		"from":          instant(c.From),
		"to":            instant(c.To),
		"packets":       strconv.FormatInt(c.Packets, 10),
		"max_flows":     strconv.FormatInt(c.MaxFlows, 10),
		"include":       strings.Join(o.Filter.Include, ","),
		"exclude":       strings.Join(o.Filter.Exclude, ","),
		"key":           c.Key.String(),
		"tunnel_depth":  strconv.Itoa(c.Tunnels),
		"max_expand":    expansion(&o.Input.Decompress),
		"format":        o.Format,
		"salvage":       strconv.FormatBool(o.Input.Capfile.Salvage),
		"max_packet":    strconv.FormatUint(uint64(o.Input.Capfile.MaxPacket), 10),
		"filter":        c.Filter.Expr,
		"filter_inside": strconv.FormatBool(c.Filter.Inside),
		"bpf_ddd":       textHash(c.Filter.DDD),

		"fragment_ipv4":      c.Fragments.IPv4.String(),
		"fragment_ipv6":      c.Fragments.IPv6.String(),
		"fragment_datagrams": strconv.Itoa(c.Fragments.Datagrams),
		"fragment_bytes":     strconv.FormatInt(c.Fragments.Bytes, 10),
	}
	o.order(m)
	o.windows(m, windows)
	if len(records) > 0 || o.SaveStreams != "" {
		o.messages(m)
	}
	if o.Format != FormatSQLite { // one file, however many rows
		m["part_rows"] = strconv.Itoa(o.Parquet.PartRows)
	}
	if o.Format == FormatParquet {
		m["row_group_rows"] = strconv.Itoa(o.Parquet.RowGroupRows)
		m["codec"] = o.Parquet.Codec
	}
	return m
}

// windows adds the options about the tables of windows that are wanted.
func (o *Options) windows(m map[string]string, wanted []string) {
	m["windows"] = strings.Join(wanted, ",")
	if slices.Contains(wanted, window.Slots) {
		m["tick"] = o.Stages.Tick.String()
	}
	if slices.Contains(wanted, host.HostsTable) || slices.Contains(wanted, host.PairsTable) {
		m["window"] = o.Stages.Window.String()
		if hop := o.Stages.Hop; hop != 0 && hop != o.Stages.Window { // else windows do not overlap
			m["hop"] = hop.String()
		}
		m["window_memory"] = strconv.FormatInt(o.Stages.WindowMemory, 10)
	}
}

// unknown renders how many bytes of packets that no parser claims are kept; empty where
// none are.
func (o *Options) unknown() string {
	if !o.Stages.Unknown {
		return ""
	}
	return strconv.FormatInt(o.UnknownLimit, 10)
}

func timersName(zeek bool) string {
	if zeek {
		return "zeek"
	}
	return "native"
}

// groupsOf lists the feature groups of a schema in column order.
func groupsOf(s *column.Schema) []string {
	var groups []string
	for i := range s.Columns {
		if g := s.Columns[i].Group; len(groups) == 0 || groups[len(groups)-1] != g {
			groups = append(groups, g)
		}
	}
	return groups
}

// tablesOf lists the tables' names.
func tablesOf(schemas []*column.Schema) []string {
	names := make([]string, len(schemas))
	for i, s := range schemas {
		names[i] = s.Table
	}
	return names
}

// textHash is the SHA-256 of a text; empty where there is none.
func textHash(s string) string {
	if s == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// instant renders a bound of the time range; empty where there is none.
func instant(t packet.Nanos) string {
	if t == math.MinInt64 || t == math.MaxInt64 {
		return ""
	}
	return time.Unix(0, t).UTC().Format(time.RFC3339Nano)
}

// expansion renders how far compressed inputs may expand.
func expansion(c *decompress.Config) string {
	return fmt.Sprintf("%d:1 after %d, at most %d", c.MaxExpand, c.ExpandGrace, c.MaxOutput)
}
