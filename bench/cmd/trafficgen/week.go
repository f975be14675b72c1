package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // the schedule is in a zone that the machine may not know

	"pcapmill/bench/traffic"
)

// runWeek writes a week with attacks: a pcap file a day, its truth, and labels in several
// formats. What it has of each label goes to standard output as JSON.
func runWeek(args []string, stdout io.Writer) error {
	folder, cfg, err := parseWeek(args)
	if err != nil {
		return err
	}
	w, err := traffic.NewWeek(cfg)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if _, err := w.WriteFolder(folder); err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(weekTotals(w))
}

func parseWeek(args []string) (folder string, cfg traffic.WeekConfig, err error) {
	cfg = traffic.DefaultWeekConfig()
	fs := flag.NewFlagSet("trafficgen week", flag.ContinueOnError)
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "usage: trafficgen week -o FOLDER [flags]")
		fs.PrintDefaults()
	}
	fs.StringVar(&folder, "o", "", "folder to write")
	fs.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "random seed")
	fs.IntVar(&cfg.Clients, "clients", cfg.Clients, "clients of the network")
	fs.Float64Var(&cfg.Scale, "scale", cfg.Scale, "how many conversations attacks have, times the default")
	fs.IntVar(&cfg.Calm, "calm", cfg.Calm, "hours of background before each hour with attacks, 0 to 3")
	fs.StringVar(&cfg.Zone, "zone", cfg.Zone, "zone of the schedule")
	if err := fs.Parse(args); err != nil {
		return "", cfg, err
	}
	if folder == "" {
		return "", cfg, errors.New("-o FOLDER is required")
	}
	return folder, cfg, nil
}

// weekTotals counts flows by outcome and label.
func weekTotals(w *traffic.Week) map[string]int {
	totals := map[string]int{}
	for i := range w.Flows {
		f := &w.Flows[i]
		totals["outcome: "+f.Outcome]++
		if f.Label != "" {
			totals["label: "+f.Label]++
		}
	}
	return totals
}
