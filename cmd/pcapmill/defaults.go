package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/capture"
	"pcapmill/cmd/datasets"
	"pcapmill/cmd/job"
	"pcapmill/cmd/labels"
	tables "pcapmill/cmd/live"
	"pcapmill/cmd/watch/forward"
	"pcapmill/datasets/build"
	"pcapmill/datasets/label"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/leak"
	"pcapmill/datasets/scale"
	"pcapmill/datasets/split"
	"pcapmill/features/flow"
	"pcapmill/features/record"
	"pcapmill/features/window"
	"pcapmill/features/window/host"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/live"
	"pcapmill/model/baseline"
	"pcapmill/model/drift/alert"
	"pcapmill/model/fingerprint"
	"pcapmill/model/rules"
	"pcapmill/model/windows"
	"pcapmill/outputs/parts"
	"pcapmill/stages"
)

// fillDefaults puts the defaults where the grammar's tags name them, as ${name}. kong
// would do so itself if told the names, but looks for variables in each value again
// for each flag, which took a fifth of a small run.
func fillDefaults(k *kong.Kong) error {
	var pairs []string
	for name, value := range defaults() {
		pairs = append(pairs, "${"+name+"}", value)
	}
	names := strings.NewReplacer(pairs...)
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Value:
			fillValue(names, node)
		case *kong.Flag:
			node.PlaceHolder = names.Replace(node.PlaceHolder)
			fillValue(names, node.Value)
		}
		return next(nil)
	})
}

func fillValue(names *strings.Replacer, v *kong.Value) {
	for _, text := range []*string{&v.Default, &v.Enum, &v.Help} {
		*text = names.Replace(*text)
	}
}

// defaults are the packages' own defaults under the names that the grammar's tags
// use.
func defaults() map[string]string {
	o := job.DefaultOptions()
	t := &o.Stages.Timeouts
	names, endings := driftNames()
	_, labelEndings := labels.Forms()
	matching := match.DefaultConfig()
	set, divide := build.DefaultConfig(), split.DefaultConfig()
	divided := divide.Options()
	check := leak.DefaultConfig()
	ring, segments := live.DefaultConfig(""), capture.DefaultConfig("")
	return map[string]string{
		"check_formats":    strings.Join(datasets.CheckFormats, ","),
		"check_failures":   strings.Join(leak.Failures(), ","),
		"check_accuracy":   strconv.FormatFloat(check.Accuracy, 'g', -1, 64),
		"check_class":      strconv.FormatInt(check.ClassRows, 10),
		"check_sample":     strconv.Itoa(check.Sample),
		"format":           o.Format,
		"formats":          strings.Join(job.Formats(), ","),
		"live_snaplen":     byteSize(ring.SnapLen).String(),
		"live_rings":       strconv.Itoa(ring.Rings),
		"live_block_bytes": byteSize(ring.BlockBytes).String(),
		"live_blocks":      strconv.Itoa(ring.Blocks),
		"live_timestamps":  ring.Timestamps,
		"live_rotate":      segments.Rotate.String(),
		"inputs":           string(o.Stages.Inputs),
		"tcp_idle":         t.TCPIdle.String(),
		"tcp_closed":       t.TCPClosed.String(),
		"udp_idle":         t.UDPIdle.String(),
		"other_idle":       t.OtherIdle.String(),
		"active":           t.Active.String(),
		"features":         strings.Join(o.Stages.Features, ","),
		"records":          strings.Join(o.Stages.Records, ","),
		"label_kinds":      strings.Join(label.Kinds(), ", "),
		"label_endings":    strings.Join(labelEndings, ", "),
		"label_before":     matching.Before.String(),
		"label_after":      matching.After.String(),
		"tables":           strings.Join(tableNames(), ","),
		"record_names":     strings.Join(record.Names(), ", "),
		"errors":           strconv.FormatBool(o.Stages.Errors),
		"windows":          strings.Join(o.Stages.Windows, ","),
		"window_names":     strings.Join(window.Names(), ", "),
		"tick":             o.Stages.Tick.String(),
		"window":           o.Stages.Window.String(),
		"min_window":       host.LeastLength.String(),
		"max_window":       host.MostLength.String(),
		"max_offsets":      strconv.Itoa(host.MostOffsets),
		"min_tick":         window.MinTick.String(),
		"max_tick":         window.MaxTick.String(),
		"unknown_limit":    byteSize(o.UnknownLimit).String(),
		"stream_bytes":     byteSize(o.Stages.Streams.Bytes).String(),
		"addr_format":      string(o.Stages.Addresses),
		"addr_formats":     strings.Join(flow.AddrFormats(), ","),
		"first_packets":    strconv.Itoa(o.Stages.First),
		"payload_bytes":    strconv.Itoa(o.Stages.Flow.PayloadBytes),
		"max_first":        strconv.Itoa(flow.MaxFirstPackets),
		"max_payload":      strconv.Itoa(flow.MaxPayloadBytes),
		"checksums":        strconv.FormatBool(o.Stages.Checksums),
		"memory":           byteSize(o.Memory).String(),
		"max_expand":       fmt.Sprintf("%d:1", o.Input.Decompress.MaxExpand),
		"max_taps":         strconv.Itoa(stages.MaxTaps),
		"reorder":          o.Stages.Reorder.String(),
		"duplicates":       string(o.Stages.Duplicates.Mode),
		"duplicate_key":    string(o.Stages.Duplicates.Key),
		"duplicate_window": o.Stages.Duplicates.Window.String(),

		"live_formats":     strings.Join(parts.Formats(), ","),
		"checkpoint_every": tables.DefaultOptions().Every.String(),

		"forward_facility":   strconv.Itoa(forward.DefaultMessage().Facility),
		"forward_enterprise": strconv.Itoa(forward.DefaultMessage().Enterprise),
		"forward_bytes":      strconv.Itoa(forward.DefaultMessage().Most),

		"input_hash":     string(o.Input.Hash),
		"max_packet":     strconv.FormatUint(uint64(o.Input.Capfile.MaxPacket), 10),
		"largest_packet": strconv.Itoa(capfile.LargestMaxPacket),
		"row_group_rows": strconv.Itoa(o.Parquet.RowGroupRows),
		"part_rows":      strconv.Itoa(o.Parquet.PartRows),

		"baseline_hosts":   strconv.Itoa(baseline.DefaultConfig().Hosts),
		"baseline_keys":    strconv.Itoa(baseline.DefaultConfig().Keys),
		"drift_formats":    strings.Join(names, ","),
		"drift_endings":    strings.Join(endings, ", "),
		"alert_period":     alert.DefaultPeriod.String(),
		"baseline_covered": strconv.FormatFloat(windows.DefaultOptions().Covered, 'g', -1, 64),

		"rules_memory": byteSize(rules.DefaultConfig().Memory).String(),
		"rules_late":   rules.DefaultConfig().Late.String(),

		"dataset_min_class": strconv.FormatInt(set.MinClass, 10),
		"dataset_seed":      strconv.FormatUint(set.Seed, 10),
		"dataset_memory":    byteSize(set.Memory).String(),
		"split_policies":    strings.Join(split.Policies(), ","),
		"split_by":          divide.By,
		"split_shares":      divided["shares"],
		"split_seed":        divided["seed"],
		"split_hosts":       divide.Hosts,
		"split_internal":    divided["internal"],
		"split_benign":      divided["benign"],
		"split_block":       divided["block"],
		"scale_methods":     strings.Join(scale.Methods(), ","),
		"imputations":       strings.Join(scale.Imputations(), ","),

		"metric":   string(fingerprint.Metrics()[0]),
		"metrics":  strings.Join(fingerprint.MetricNames(), ","),
		"timeline": strconv.Itoa(fingerprint.DefaultLimit),

		"tunnel_depth":       strconv.Itoa(o.Stages.Tunnels),
		"max_tunnel_depth":   strconv.Itoa(stages.MaxTunnelDepth),
		"fragment_ipv4":      o.Stages.Fragments.IPv4.String(),
		"fragment_ipv6":      o.Stages.Fragments.IPv6.String(),
		"fragment_datagrams": strconv.Itoa(o.Stages.Fragments.Datagrams),
		"fragment_bytes":     strconv.FormatInt(o.Stages.Fragments.Bytes, 10),
	}
}
