// Command trafficgen writes a generated capture with known truth.
//
//	go run ./bench/cmd/trafficgen --profile mixed --bytes 1GiB --flows 160000 --seed 1 -o file.pcap --truth file.jsonl
//
// The capture's totals go to standard output as JSON.
//
// With hours as its first word it writes hours of one steady network, each a file,
// some with a named change, and truth.jsonl beside them:
//
//	go run ./bench/cmd/trafficgen hours -o FOLDER --hours 48 --seed 1 --change none,none,sizes:2.5
//
// With week it writes a week with attacks, a file a day, with its truth (truth.jsonl) and
// labels as others write them (rules.yaml, attacks.yml, flows.csv, eve.json), and those
// with a wrong zone:
//
//	go run ./bench/cmd/trafficgen week -o FOLDER --seed 1
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"pcapmill/bench/traffic"
	"pcapmill/ingest/packet"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "trafficgen:", err)
		os.Exit(1)
	}
}

// arguments are the parsed flags.
type arguments struct {
	profile, output, truth, format string
	options                        traffic.Options
	tunnel                         *traffic.Tunnel // around every packet; nil: none
}

func run(args []string, stdout io.Writer) error {
	if len(args) > 0 && args[0] == "hours" {
		return runHours(args[1:], stdout)
	}
	if len(args) > 0 && args[0] == "week" {
		return runWeek(args[1:], stdout)
	}
	a, err := parse(args)
	if err != nil {
		return err
	}
	total, err := generate(a)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(total)
}

// parse reads the flags; those not given keep the profile's defaults.
func parse(args []string) (arguments, error) {
	var a arguments
	fs := flag.NewFlagSet("trafficgen", flag.ContinueOnError)
	fs.Usage = func() { usage(fs) }
	fs.StringVar(&a.profile, "profile", "mixed", "kind of capture")
	fs.StringVar(&a.output, "o", "", "capture to write")
	fs.StringVar(&a.truth, "truth", "", "JSON lines file for the truth of each conversation")
	fs.StringVar(&a.format, "format", "pcap", "pcap or pcapng")
	var want size
	text := fs.String("bytes", "", "wire bytes aimed at, such as 1GiB")
	fs.Int64Var(&want.flows, "flows", 0, "conversations")
	fs.Int64Var(&want.packets, "packets", 0, "packets")
	fs.DurationVar(&want.duration, "duration", 0, "packet time over which flows arrive; 0: grows with the flows")
	tunnel := fs.String("tunnel", "", "put every packet into a tunnel: "+strings.Join(packet.TunnelNames()[1:], ", "))
	seed := fs.Uint64("seed", 1, "random seed")
	bad := fs.Float64("bad-checksums", 0, "share of packets with a wrong transport checksum")
	if err := fs.Parse(args); err != nil {
		return a, err
	}
	if a.output == "" {
		return a, errors.New("-o FILE is required")
	}
	if a.profile == "demo" {
		return a, nil
	}
	var err error
	if a.tunnel, err = parseTunnel(*tunnel); err != nil {
		return a, err
	}
	if want.bytes, err = parseSize(*text); err != nil {
		return a, err
	}
	if a.options, err = traffic.DefaultOptions(a.profile); err != nil {
		return a, err
	}
	a.options = want.apply(a.options)
	a.options.Seed, a.options.BadChecksums = *seed, *bad
	return a, a.options.Validate()
}

// parseTunnel returns a tunnel of the named kind between two hosts.
func parseTunnel(name string) (*traffic.Tunnel, error) {
	if name == "" {
		return nil, nil
	}
	kind := slices.Index(packet.TunnelNames(), name)
	if kind <= 0 {
		return nil, fmt.Errorf("unknown tunnel %q", name)
	}
	return &traffic.Tunnel{
		Kind: packet.TunnelType(kind), ID: 42, Src: netip.MustParseAddr("203.0.113.1"), Dst: netip.MustParseAddr("203.0.113.2"),
	}, nil
}

// size is how long a capture is wanted; 0 where a flag was not given.
type size struct {
	bytes, flows, packets int64
	duration              time.Duration
}

// apply resizes the defaults by the first of flows, bytes and packets that is
// given; the others, where given, then hold as they are.
func (s size) apply(o traffic.Options) traffic.Options {
	switch {
	case s.flows > 0:
		o = o.Times(float64(s.flows) / float64(o.Flows))
		o.Flows = s.flows
	case s.bytes > 0 && o.Bytes > 0:
		o = o.Times(float64(s.bytes) / float64(o.Bytes))
	case s.packets > 0 && o.Packets > 0:
		o = o.Times(float64(s.packets) / float64(o.Packets))
	}
	if s.bytes > 0 {
		o.Bytes, o.Packets = s.bytes, 0
	}
	if s.packets > 0 {
		o.Packets = s.packets
	}
	if s.duration > 0 {
		o.Duration = s.duration
	}
	return o
}

func usage(fs *flag.FlagSet) {
	out := fs.Output()
	fmt.Fprintln(out, "usage: trafficgen --profile NAME -o FILE [flags]\n       trafficgen hours -o FOLDER [flags]\n       trafficgen week -o FOLDER [flags]")
	names, docs := traffic.Profiles()
	for _, name := range names {
		fmt.Fprintf(out, "  %-10s %s\n", name, docs[name])
	}
	fmt.Fprintf(out, "  %-10s %s\n", "demo", "small and varied, as pcapmill run --demo reads it; always the same pcapng")
	fs.PrintDefaults()
}

// parseSize reads a number of bytes with an optional unit of 1024s.
func parseSize(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	units := []string{"KiB", "MiB", "GiB", "TiB"}
	scale := int64(1)
	for i, u := range units {
		if rest, ok := strings.CutSuffix(text, u); ok {
			text, scale = rest, 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("size %q: want a number with KiB, MiB, GiB or TiB", text)
	}
	return int64(n * float64(scale)), nil
}

// generate writes the capture and, where asked, its flows.
func generate(a arguments) (total traffic.Truth, err error) {
	f, err := os.Create(a.output)
	if err != nil {
		return total, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if a.profile == "demo" {
		return traffic.Demo(f)
	}
	done, err := recordFlows(&a)
	if err != nil {
		return total, err
	}
	w, err := traffic.NewCapture(f, a.format)
	if err != nil {
		return total, err
	}
	var out traffic.PacketWriter = w
	if a.tunnel != nil {
		out = a.tunnel.Over(w)
	}
	start := time.Now()
	total, err = traffic.Generate(a.profile, out, a.options)
	seconds := time.Since(start).Seconds()
	fmt.Fprintf(os.Stderr, "%d packets in %.1f s, %.2f M packets/s\n", total.Packets, seconds, float64(total.Packets)/seconds/1e6)
	return total, errors.Join(err, w.Close(), done())
}

// recordFlows opens the truth file, where one is asked for, and lets the options
// write to it. done completes the file.
func recordFlows(a *arguments) (done func() error, err error) {
	if a.truth == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(a.truth)
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewWriterSize(f, 1<<20)
	enc := json.NewEncoder(buffered)
	a.options.OnFlow = func(t *traffic.FlowTruth) error { return enc.Encode(t) }
	return func() error { return errors.Join(buffered.Flush(), f.Close()) }, nil
}
