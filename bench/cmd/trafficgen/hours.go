package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"pcapmill/bench/traffic"
)

// hoursArguments are the parsed flags of hours.
type hoursArguments struct {
	folder      string
	from, count int
	seed        uint64
	changes     []traffic.Change // the hours have them in turn
	network     traffic.NetworkConfig
}

// runHours writes hours of one network as pcap files, and their truth as truth.jsonl
// beside them. A line for each hour goes to standard output.
func runHours(args []string, stdout io.Writer) error {
	a, err := parseHours(args)
	if err != nil {
		return err
	}
	n, err := traffic.NewNetwork(a.network)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.folder, 0o755); err != nil {
		return err
	}
	return writeHours(a, n, stdout)
}

func parseHours(args []string) (hoursArguments, error) {
	a := hoursArguments{network: traffic.DefaultNetworkConfig()}
	fs := flag.NewFlagSet("trafficgen hours", flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "usage: trafficgen hours -o FOLDER [flags]")
		fs.PrintDefaults()
	}
	fs.StringVar(&a.folder, "o", "", "folder to write")
	fs.IntVar(&a.count, "hours", 24, "how many hours")
	fs.IntVar(&a.from, "from", 0, "index of the first: hours since Monday 2026-03-02 00:00 UTC")
	fs.Uint64Var(&a.seed, "seed", 1, "random seed of the hours")
	fs.Uint64Var(&a.network.Seed, "network", a.network.Seed, "random seed of the hosts and their habits")
	fs.IntVar(&a.network.Clients, "clients", a.network.Clients, "clients of the network")
	fs.Float64Var(&a.network.DayNight, "day-night", a.network.DayNight, "how far the load swings in a day, 0 to 1")
	fs.Float64Var(&a.network.Unrest, "unrest", a.network.Unrest, "standard deviation of the logarithm of a client's load")
	fs.Float64Var(&a.network.Churn, "churn", a.network.Churn, "share of clients that are away in an hour; half as many guests are there")
	fs.Float64Var(&a.network.Tail, "tail", a.network.Tail, "share of answers that are downloads, with a heavy tail")
	changes := fs.String("change", "none", "changes that the hours have in turn, such as none,sizes:2.5,rate:2:0.5; "+
		"each KIND, KIND:STRENGTH or KIND:STRENGTH:SHARE of the clients. Kinds: "+kinds())
	if err := fs.Parse(args); err != nil {
		return a, err
	}
	if a.folder == "" {
		return a, errors.New("-o FOLDER is required")
	}
	if a.count < 1 {
		return a, errors.New("at least one hour")
	}
	for text := range strings.SplitSeq(*changes, ",") {
		c, err := traffic.ParseChange(text)
		if err != nil {
			return a, err
		}
		a.changes = append(a.changes, c)
	}
	return a, nil
}

// kinds lists the changes.
func kinds() string {
	var names []string
	for k := range traffic.NumChanges {
		names = append(names, k.String())
	}
	return strings.Join(names, ", ")
}

// namedTruth is a line of truth.jsonl.
type namedTruth struct {
	Capture string `json:"capture"`
	traffic.HourTruth
}

func writeHours(a hoursArguments, n *traffic.Network, stdout io.Writer) (err error) {
	f, err := os.Create(filepath.Join(a.folder, "truth.jsonl"))
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(f)
	defer func() { err = errors.Join(err, buffered.Flush(), f.Close()) }()
	enc := json.NewEncoder(buffered)
	for i := range a.count {
		change := a.changes[i%len(a.changes)]
		name := fmt.Sprintf("hour-%06d-%s.pcap", a.from+i, change.Kind)
		truth, err := writeHour(filepath.Join(a.folder, name), n, a.seed, a.from+i, change)
		if err != nil {
			return err
		}
		if err := enc.Encode(namedTruth{name, truth}); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s: %d packets, %d flows\n", name, truth.Packets, truth.Flows)
	}
	return nil
}

func writeHour(file string, n *traffic.Network, seed uint64, index int, change traffic.Change) (truth traffic.HourTruth, err error) {
	f, err := os.Create(file)
	if err != nil {
		return truth, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := traffic.NewCapture(f, "pcap")
	if err != nil {
		return truth, err
	}
	truth, err = n.Hour(w, seed, index, change)
	return truth, errors.Join(err, w.Close())
}
