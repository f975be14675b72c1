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

	"pcapmill/bench/drift"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "driftbench:", err)
		os.Exit(1)
	}
}

// arguments are the parsed flags.
type arguments struct {
	binary, folder, crafted string
	groups                  string
	makeOnly, again         bool
	size                    drift.Size
}

func parse(args []string) (arguments, error) {
	a := arguments{size: drift.DefaultSize()}
	fs := flag.NewFlagSet("driftbench", flag.ContinueOnError)
	fs.StringVar(&a.binary, "pcapmill", "", "our binary")
	fs.StringVar(&a.folder, "o", "", "folder for tables and verdicts")
	fs.StringVar(&a.crafted, "crafted", "", "folder of the crafted captures; empty: without")
	fs.StringVar(&a.groups, "groups", "", "only these groups of networks, separated by commas")
	fs.BoolVar(&a.makeOnly, "make", false, "make tables, judge nothing")
	fs.BoolVar(&a.again, "again", false, "make tables anew that are there already")
	fs.IntVar(&a.size.Networks, "networks", a.size.Networks, "networks of each group")
	fs.IntVar(&a.size.Weeks, "weeks", a.size.Weeks, "networks with a baseline of a week")
	fs.IntVar(&a.size.Reference, "reference", a.size.Reference, "hours of the other baselines")
	fs.IntVar(&a.size.Unchanged, "unchanged", a.size.Unchanged, "unchanged hours of each network")
	fs.Uint64Var(&a.size.Seed, "seed", a.size.Seed, fmt.Sprintf("random seed; %d: what thresholds are tuned on", drift.TuningSeed))
	if err := fs.Parse(args); err != nil {
		return a, err
	}
	if a.binary == "" || a.folder == "" {
		return a, errors.New("--pcapmill and -o are required")
	}
	return a, nil
}

func run(args []string, stdout io.Writer) error {
	a, err := parse(args)
	if err != nil {
		return err
	}
	networks := drift.Networks(a.size)
	var verdicts []drift.Verdict
	for _, n := range networks {
		if a.groups != "" && !strings.Contains(","+a.groups+",", ","+n.Group+",") {
			continue
		}
		said, err := a.network(n)
		if err != nil {
			return err
		}
		verdicts = append(verdicts, said...)
	}
	if a.makeOnly {
		return nil
	}
	return a.report(stdout, verdicts)
}

// network makes and judges one network.
func (a *arguments) network(n drift.Network) ([]drift.Verdict, error) {
	if a.again || !drift.Made(a.folder, n) {
		if err := drift.Make(a.binary, a.folder, n); err != nil {
			return nil, err
		}
	}
	fmt.Fprintln(os.Stderr, n.Name)
	if a.makeOnly {
		return nil, nil
	}
	return drift.Judge(a.binary, a.folder, n)
}

// report prints shares, and what went wrong; it judges the crafted captures, too.
func (a *arguments) report(stdout io.Writer, verdicts []drift.Verdict) error {
	var fixed []drift.Verdict
	if a.crafted != "" {
		var err error
		if fixed, err = drift.JudgeCrafted(a.binary, a.crafted, a.folder); err != nil {
			return err
		}
	}
	all := append(fixed, verdicts...)
	if err := write(filepath.Join(a.folder, "verdicts.jsonl"), all); err != nil {
		return err
	}
	if err := errors.Join(drift.Wrong(stdout, all), drift.Table(stdout, verdicts)); err != nil {
		return err
	}
	return errors.Join(drift.CheckCrafted(fixed), drift.Check(verdicts))
}

// write keeps what was said of each hour.
func write(file string, verdicts []drift.Verdict) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	defer func() { err = errors.Join(err, w.Flush(), f.Close()) }()
	enc := json.NewEncoder(w)
	for i := range verdicts {
		if err := enc.Encode(&verdicts[i]); err != nil {
			return err
		}
	}
	return nil
}
