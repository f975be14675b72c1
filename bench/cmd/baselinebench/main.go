// Command baselinebench measures baselines of many hosts, on simulated ones, each of
// which has all 144 windows of a day. Each step is a process of its own and prints a line
// of JSON with what it took: bench/baseline.sh does them all.
//
//	baselinebench build -o FILE --hosts N [--from I] [--table 40|hosts]   a baseline
//	baselinebench merge -o FILE FILE...
//	baselinebench read FILE          Open, and the answers of one hour for every host
//	baselinebench global FILE        Open, and the profile of all hosts
//	baselinebench load FILE          Load, and Check
//	baselinebench forget -o FILE FILE     a host in a thousand
//	baselinebench drop -o FILE FILE       all but the last day
//	baselinebench tables -o FOLDER --hosts N --windows W   a table of hosts, of the day behind
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
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
	"build": build, "merge": merge, "read": read, "global": global, "load": load, "forget": forget, "drop": drop, "tables": tables,
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
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return err
	}
	r.CPU, r.PeakBytes = float64(u.Utime.Nano()+u.Stime.Nano())/1e9, u.Maxrss<<10
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
	categories := fs.String("categories", "", "names of categories, by comma, of which nothing is counted")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if *categories != "" {
		a.categories = strings.Split(*categories, ",")
	}
	a.files = fs.Args()
	return a, nil
}
