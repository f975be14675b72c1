// Command trafficgen writes a generated capture with known truth.
//
//	go run ./bench/cmd/trafficgen --profile mixed --bytes 1GiB --flows 160000 --seed 1 -o file.pcap --truth file.jsonl
//
// The capture's totals go to standard output as JSON.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"pcapmill/bench/traffic"
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
}

func run(args []string, stdout io.Writer) error {
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
	size := fs.String("bytes", "", "wire bytes aimed at, such as 1GiB (mixed)")
	flows := fs.Int64("flows", 0, "conversations")
	packets := fs.Int64("packets", 0, "packets")
	seed := fs.Uint64("seed", 1, "random seed")
	duration := fs.Duration("duration", 0, "packet time over which flows arrive; 0: as the profile, in proportion to flows")
	bad := fs.Float64("bad-checksums", 0, "share of packets with a wrong transport checksum")
	if err := fs.Parse(args); err != nil {
		return a, err
	}
	if a.output == "" {
		return a, errors.New("-o FILE is required")
	}
	o, err := traffic.DefaultOptions(a.profile)
	if err != nil {
		return a, err
	}
	o.Seed, o.BadChecksums = *seed, *bad
	if *size != "" {
		if o.Bytes, err = parseSize(*size); err != nil {
			return a, err
		}
		o.Packets = 0
	}
	if *packets > 0 {
		o.Packets = *packets
	}
	o.Scale(*flows, *duration)
	a.options = o
	return a, o.Validate()
}

func usage(fs *flag.FlagSet) {
	out := fs.Output()
	fmt.Fprintln(out, "usage: trafficgen --profile NAME -o FILE [flags]")
	names, docs := traffic.Profiles()
	for _, name := range names {
		fmt.Fprintf(out, "  %-10s %s\n", name, docs[name])
	}
	fs.PrintDefaults()
}

// parseSize reads a number of bytes with an optional unit of 1024s.
func parseSize(text string) (int64, error) {
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
	if a.truth != "" {
		flows, err := os.Create(a.truth)
		if err != nil {
			return total, err
		}
		buffered := bufio.NewWriterSize(flows, 1<<20)
		enc := json.NewEncoder(buffered)
		a.options.OnFlow = func(t *traffic.FlowTruth) error { return enc.Encode(t) }
		defer func() { err = errors.Join(err, buffered.Flush(), flows.Close()) }()
	}
	start := time.Now()
	w := newCapture(f)
	if total, err = traffic.Generate(a.profile, w, a.options); err != nil {
		return total, err
	}
	seconds := time.Since(start).Seconds()
	fmt.Fprintf(os.Stderr, "%d packets in %.1f s, %.2f M packets/s\n", total.Packets, seconds, float64(total.Packets)/seconds/1e6)
	return total, w.Flush()
}
