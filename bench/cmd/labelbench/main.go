// Command labelbench measures how flows are labelled, on a made-up week. Each step prints a line
// of JSON with what it took: bench/labels.sh does them all.
//
//	labelbench flows -o FOLDER --flows N                     a table of flows, by time
//	labelbench match --flows N --kind K --labels N FOLDER    labels of a kind, matched with it
//
// Kinds: mixed (hosts, networks, times, ports, conditions: what the rules of a data set are),
// networks (/8 to /24, always), times (without hosts), ports (neither), conditions (on columns),
// nothing (hosts that there are, in a port that there is not) and events (alerts on flows).
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"pcapmill/bench/measure"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "labelbench:", err)
		os.Exit(1)
	}
}

// arguments are the parsed flags.
type arguments struct {
	output, kind  string
	flows, labels int
	workers       int
	tables        []string
}

// report is what a step prints.
type report struct {
	Step      string           `json:"step"`
	Kind      string           `json:"kind,omitempty"`
	Seconds   float64          `json:"seconds"`
	CPU       float64          `json:"cpu_seconds"`
	PeakBytes int64            `json:"peak_rss_bytes"`
	Numbers   map[string]int64 `json:"numbers"`
}

func run(args []string) error {
	steps := map[string]func(*arguments) (map[string]int64, error){"flows": writeFlows, "match": matchFlows}
	if len(args) == 0 || steps[args[0]] == nil {
		return errors.New("flows or match: see the comment in its source")
	}
	a := &arguments{}
	fs := flag.NewFlagSet(args[0], flag.ContinueOnError)
	fs.StringVar(&a.output, "o", "", "folder to write")
	fs.StringVar(&a.kind, "kind", "mixed", "kind of labels")
	fs.IntVar(&a.flows, "flows", 1_000_000, "flows of the table")
	fs.IntVar(&a.labels, "labels", 1000, "rules or events")
	fs.IntVar(&a.workers, "workers", 0, "goroutines that match; 0: as many as processors")
	if err := fs.Parse(args[1:]); err != nil {
		return err
	}
	a.tables = fs.Args()
	begin := time.Now()
	numbers, err := steps[args[0]](a)
	if err != nil {
		return err
	}
	r := report{Step: args[0], Seconds: time.Since(begin).Seconds(), Numbers: numbers}
	if args[0] == "match" {
		r.Kind = a.kind
	}
	r.CPU, r.PeakBytes = measure.Usage()
	return json.NewEncoder(os.Stdout).Encode(r)
}
