package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/features/flow"
	"pcapmill/ingest/defrag"
	"pcapmill/ingest/input"
	"pcapmill/stages"
)

// engineFlags say what the stages make of packets, for run and for live tables. Flag names are those
// of the fields; defaults come from the packages that the flags set.
type engineFlags struct {
	Memory     byteSize `placeholder:"SIZE" default:"${memory}" help:"Memory that the run may take, as 512MiB or 4GiB; 0: any. Where more flows are open than fit, those idle longest end early (end_reason evicted). The plan command shows what fits."`
	Workers    int      `default:"0" help:"Flow tables that work in parallel; 0: one for two CPUs, as reading and writing keep the others busy. Changes no table."`
	Inputs     string   `enum:"sequence,independent" default:"${inputs}" help:"sequence: one capture cut into files, flows go on from file to file; independent: unrelated captures."`
	orderFlags `embed:""`

	Timers    string        `enum:"native,zeek" default:"native" help:"When flows end: native, by the timeouts below; zeek, as Zeek ends connections."`
	TCPIdle   time.Duration `name:"tcp-idle" default:"${tcp_idle}" help:"End a TCP flow after this time without a packet."`
	TCPClosed time.Duration `name:"tcp-closed" default:"${tcp_closed}" help:"The same once both sides have closed it, or one has reset it."`
	UDPIdle   time.Duration `name:"udp-idle" default:"${udp_idle}" help:"End a UDP flow after this time without a packet."`
	OtherIdle time.Duration `name:"other-idle" default:"${other_idle}" help:"The same for every other protocol."`
	Active    time.Duration `default:"${active}" help:"Cut flows that last longer into pieces; 0: never."`

	Key               []string      `sep:"," words:"key" placeholder:"PART" help:"Keep flows apart by more than endpoints and protocol: vlan, their VLAN tags; tunnel, the identifier of the tunnel around them."`
	TunnelDepth       int           `default:"${tunnel_depth}" help:"Look into tunnels in tunnels this deep, up to ${max_tunnel_depth}; 0: into none."`
	FragmentIPv4      time.Duration `name:"fragment-ipv4" default:"${fragment_ipv4}" help:"Wait so long, in packet time, for the rest of a fragmented IPv4 datagram."`
	FragmentIPv6      time.Duration `name:"fragment-ipv6" default:"${fragment_ipv6}" help:"The same for IPv6."`
	FragmentDatagrams int           `default:"${fragment_datagrams}" help:"Incomplete datagrams held at a time; the oldest is given up for one more."`
	FragmentBytes     int64         `default:"${fragment_bytes}" help:"Bytes of memory that they may take; the same."`

	Features     []string `sep:"," words:"features" placeholder:"GROUP" default:"${features}" help:"Feature groups to write; all, default, or names from the features command."`
	AddrFormat   string   `enum:"${addr_formats}" default:"${addr_format}" help:"Addresses in the tables: text, src_ip and dst_ip; binary, src_ip_binary and dst_ip_binary, of 4 or 16 bytes, instead; both, all four. CSV, TSV and JSON show bytes in hexadecimal."`
	FirstPackets int      `default:"${first_packets}" help:"Packets that the first_packets group keeps, up to ${max_first}."`
	PayloadBytes int      `default:"${payload_bytes}" help:"Bytes of each direction's payload that the payload group looks at, up to ${max_payload}."`
	Checksums    bool     `negatable:"" default:"${checksums}" help:"Verify IPv4, TCP, UDP and ICMP checksums."`

	messageFlags `embed:""`
	errorFlags   `embed:""`
	windowFlags  `embed:""`
}

// What lists of names that are empty lack. None of them is what leaving its flag out means.
var (
	errNoFeatures = errors.New("no feature group is named: leave --features out, or name core for the least")
	errNoRecords  = errors.New("no record is named: leave --records out for its default, or say none")
	errNoWindows  = errors.New("no table of windows is named: leave --windows out for its default, or say none")
)

// check reports what a list of names lacks, and settles what says nothing.
func (c *engineFlags) check() error {
	switch {
	case len(c.Features) == 0:
		return errNoFeatures
	case len(c.Records) == 0:
		return errNoRecords
	case len(c.Windows) == 0:
		return errNoWindows
	case c.Workers < 0:
		return fmt.Errorf("--workers is at least 1, or 0 for one for two CPUs, not %d", c.Workers)
	}
	_, err := stages.ParseKey(c.Key)
	return errors.Join(c.windowFlags.check(), err)
}

// set puts the flags into the settings.
func (c *engineFlags) set(o *job.Options) {
	o.Memory = int64(c.Memory)
	p := &o.Stages
	if p.Workers = c.Workers; c.Workers == 0 {
		p.Workers = stages.DefaultConfig().Workers
	}
	o.Parquet.Encoders = max(1, min(p.Workers, runtime.GOMAXPROCS(0)))
	p.Inputs = stages.InputMode(c.Inputs)
	p.Timeouts = stages.Timeouts{
		TCPIdle: c.TCPIdle, TCPClosed: c.TCPClosed, UDPIdle: c.UDPIdle, OtherIdle: c.OtherIdle,
		Active: c.Active, Zeek: c.Timers == "zeek",
	}
	p.Key, _ = stages.ParseKey(c.Key) // check has refused what it does not know
	p.Tunnels = c.TunnelDepth
	p.Fragments = defrag.Config{Datagrams: c.FragmentDatagrams, Bytes: c.FragmentBytes, IPv4: c.FragmentIPv4, IPv6: c.FragmentIPv6}
	c.orderFlags.set(p)
	p.Addresses = flow.AddrFormat(c.AddrFormat)
	c.messageFlags.set(o)
	c.errorFlags.set(o)
	c.windowFlags.set(o)
	p.Features, p.First, p.Flow.PayloadBytes = c.Features, c.FirstPackets, c.PayloadBytes
	p.Checksums = c.Checksums
}

// choiceFlags say which packets are looked at.
type choiceFlags struct {
	From         instant `placeholder:"TIME" help:"Leave out packets before this instant: RFC 3339 with a zone, or seconds since 1970 with up to nine decimals, or nanoseconds (17 digits and more)."`
	To           instant `placeholder:"TIME" help:"Leave out packets at and after this instant."`
	Packets      int64   `placeholder:"N" help:"Stop after N packets; 0: read all."`
	Filter       string  `placeholder:"EXPR" help:"Look only at packets that match, in tcpdump's language: 'tcp port 443 and not net 10.0.0.0/8'."`
	FilterInside bool    `help:"Ask the filter of what the packets carry behind VLAN and MPLS tags, PPPoE and tunnels, instead of the frames' bytes."`
	BPFDDD       string  `name:"bpf-ddd" placeholder:"FILE" help:"Look only at packets that this program accepts: the output of tcpdump -ddd."`
}

// set puts the flags into the settings, but for the program of --bpf-ddd.
func (c *choiceFlags) set(o *job.Options) {
	p := &o.Stages
	p.Packets = c.Packets
	p.Filter = stages.Filter{Expr: c.Filter, Inside: c.FilterInside}
	if c.From.set {
		p.From = c.From.ns
	}
	if c.To.set {
		p.To = c.To.ns
	}
}

// readFlags say how captures are read, and how parts of tables are cut.
type readFlags struct {
	MaxExpand expandLimit `placeholder:"LIMIT" default:"${max_expand}" help:"Stop reading an input that decompresses to more than this: a ratio to the stored bytes (after the first GiB), an amount as 50GiB, both with a comma between, or off."`
	Salvage   bool        `help:"Read on behind damage in a capture, where its records continue. What is lost is listed in the manifest; the outcome stays partial."`
	MaxPacket uint32      `placeholder:"BYTES" default:"${max_packet}" help:"Longest captured packet that is believed, up to ${largest_packet}."`

	InputHash    string `enum:"sha256,none" default:"${input_hash}" help:"Hash the captures while they are read: ${enum}. Without, the manifest cannot prove what was read."`
	RowGroupRows int    `default:"${row_group_rows}" help:"Rows per Parquet row group."`
	PartRows     int    `default:"${part_rows}" help:"Rows per file of a table; does not concern sqlite, which is one file."`
}

// set puts the flags into the settings.
func (c *readFlags) set(o *job.Options) {
	o.Input.Capfile.Salvage = c.Salvage
	o.Input.Capfile.SetMaxPacket(c.MaxPacket)
	o.Input.Hash = input.HashMode(c.InputHash)
	c.MaxExpand.set(&o.Input.Decompress)
	o.Parquet.RowGroupRows, o.Parquet.PartRows = c.RowGroupRows, c.PartRows
}

// logFlags say what is told on stderr, and how.
type logFlags struct {
	LogFormat string `enum:"text,json" default:"text" help:"Format of messages on stderr: ${enum}."`
	Quiet     bool   `short:"q" help:"Say nothing but warnings and errors."`
}

// talkFlags are logFlags of commands that have more to tell.
type talkFlags struct {
	logFlags `embed:""`
	Verbose  bool `short:"v" help:"Say more in the summary."`
	Progress bool `negatable:"" default:"true" help:"Show progress; only ever on a terminal."`
}
