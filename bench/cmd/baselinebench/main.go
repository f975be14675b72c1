// Command baselinebench measures baselines of many hosts, on simulated ones, each of
// which has all 144 windows of a day. Each step is a process of its own and prints a line
// of JSON with what it took: bench/baseline.sh does them all.
//
//	baselinebench build -o FILE --hosts N [--from I] [--table 40|hosts] [--share K/N]   a baseline, of a share of the windows
//	baselinebench merge -o FILE FILE...   in memory, in this order
//	baselinebench join -o FILE FILE...    from file to file; with --forget and --drop without what these do
//	baselinebench read FILE          Open, and the answers of one hour for every host
//	baselinebench global FILE        Open, and the profile of all hosts
//	baselinebench load FILE          Load, and Check
//	baselinebench forget -o FILE FILE     a host in a thousand, in memory
//	baselinebench drop -o FILE FILE       all but the last day, in memory
//	baselinebench tables -o FOLDER --hosts N --windows W   a table of hosts, of the day behind
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"pcapmill/bench/measure"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "baselinebench:", err)
		os.Exit(1)
	}
}

// arguments are the parsed flags.
type arguments struct {
	output, table string
	hosts, from   int
	windows, day  int
	share, shares int
	forget, drop  bool
	categories    []string
	files         []string
}

// report is what a step prints.
type report struct {
	Step      string             `json:"step"`
	Seconds   float64            `json:"seconds"`
	CPU       float64            `json:"cpu_seconds"`
	PeakBytes int64              `json:"peak_rss_bytes"`
	Numbers   map[string]float64 `json:"numbers"`
}

var steps = map[string]func(*arguments) (map[string]float64, error){
	"build": build, "merge": merge, "join": join, "read": read, "global": global, "load": load, "forget": forget, "drop": drop, "tables": tables,
}

func run(args []string) error {
	if len(args) == 0 || steps[args[0]] == nil {
		return fmt.Errorf("no such step: see the comment in its source")
	}
	a, err := parse(args[0], args[1:])
	if err != nil {
		return err
	}
	begin := time.Now()
	numbers, err := steps[args[0]](a)
	if err != nil {
		return err
	}
	r := report{Step: args[0], Seconds: time.Since(begin).Seconds(), Numbers: numbers}
	r.CPU, r.PeakBytes = measure.Usage()
	return json.NewEncoder(os.Stdout).Encode(r)
}

func parse(step string, args []string) (*arguments, error) {
	a := &arguments{}
	fs := flag.NewFlagSet(step, flag.ContinueOnError)
	fs.StringVar(&a.output, "o", "", "file or folder to write")
	fs.IntVar(&a.hosts, "hosts", 1000, "hosts")
	fs.IntVar(&a.from, "from", 0, "number of the first host")
	fs.IntVar(&a.windows, "windows", 1, "windows of each host in a table")
	fs.IntVar(&a.day, "day", 0, "days after Monday, 2026-11-02, that a baseline is of")
	fs.StringVar(&a.table, "table", "hosts", "hosts: the columns of pcapmill's table; 40: those of the test of sizes")
	share := fs.String("share", "0/1", "K/N: every N-th window alone, beginning with the K-th; all of them for all/N")
	fs.BoolVar(&a.forget, "forget", false, "forget a host in a thousand")
	fs.BoolVar(&a.drop, "drop", false, "drop all but the last day")
	categories := fs.String("categories", "", "names of categories, by comma, of which nothing is counted")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if *categories != "" {
		a.categories = strings.Split(*categories, ",")
	}
	a.files = fs.Args()
	return a, a.parseShare(*share)
}

// parseShare reads which windows are asked for; share is -1 for all.
func (a *arguments) parseShare(s string) error {
	k, n, _ := strings.Cut(s, "/")
	shares, err := strconv.Atoi(n)
	if err != nil || shares < 1 {
		return fmt.Errorf("share %q is not K/N", s)
	}
	if a.shares, a.share = shares, -1; k == "all" {
		return nil
	}
	if a.share, err = strconv.Atoi(k); err != nil || a.share < 0 || a.share >= shares {
		return fmt.Errorf("share %q is not K/N", s)
	}
	return nil
}
