package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"text/tabwriter"
)

// report prints the medians and, for each of our variants, the ratios.
func report(w io.Writer, a arguments, field []contender, results [][]sample) error {
	info, err := os.Stat(a.file)
	if err != nil {
		return err
	}
	packets := packetCount(a.totals)
	fmt.Fprintf(w, "\n%s: %.0f MB, medians of %d rounds\n\n", a.file, float64(info.Size())/1e6, a.rounds)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "contender\tCPU s\twall s\tpeak RSS MiB\toutput MB\tflow records\tMpackets/s\tMB/s\t")
	for i, c := range field {
		s := results[i]
		wall := median(s, seconds)
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.0f\t%.1f\t%s\t%s\t%.0f\t\n", c.name, median(s, cpuSeconds), wall,
			median(s, rssMiB), median(s, outputMB), s[0].flows, perSecond(packets, wall), float64(info.Size())/1e6/wall)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, c := range field {
		if c.ours() {
			return ratios(w, field, results)
		}
	}
	return nil
}

// ratios prints our CPU over each peer's.
func ratios(w io.Writer, field []contender, results [][]sample) error {
	fmt.Fprintln(w, "\nCPU ratios (median of the ratios of each round)")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for i, ours := range field {
		if !ours.ours() {
			continue
		}
		fmt.Fprintf(t, "%s\twall/CPU %.2f\t", ours.name, median(results[i], seconds)/median(results[i], cpuSeconds))
		for j, peer := range field {
			if !peer.ours() {
				fmt.Fprintf(t, "/%s %.2f\t", peer.name, paired(results[i], results[j]))
			}
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// paired is the median ratio of the CPU times of two contenders by round. One
// that ran once is compared with the other's first round.
func paired(ours, peer []sample) float64 {
	var list []float64
	for i := range min(len(ours), len(peer)) {
		list = append(list, cpuSeconds(ours[i])/cpuSeconds(peer[i]))
	}
	return middle(list)
}

func cpuSeconds(s sample) float64 { return s.cpu.Seconds() }
func seconds(s sample) float64    { return s.wall.Seconds() }
func rssMiB(s sample) float64     { return float64(s.rss) / (1 << 20) }
func outputMB(s sample) float64   { return float64(s.output) / 1e6 }

func median(samples []sample, value func(sample) float64) float64 {
	list := make([]float64, 0, len(samples))
	for _, s := range samples {
		list = append(list, value(s))
	}
	return middle(list)
}

// middle is the median of a list that is not empty.
func middle(list []float64) float64 {
	sort.Float64s(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// packetCount reads the number of packets from trafficgen's totals; 0: unknown.
func packetCount(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	var totals struct{ Packets int64 }
	if json.Unmarshal(text, &totals) != nil {
		return 0
	}
	return totals.Packets
}

func perSecond(packets int64, wall float64) string {
	if packets == 0 {
		return "?"
	}
	return fmt.Sprintf("%.2f", float64(packets)/wall/1e6)
}
