package labels

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"pcapmill/bench/traffic"
	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest"
)

// Week is a generated week and the tables of its captures.
type Week struct {
	*traffic.Week
	Folder   string   // captures and labels
	Captures []string // paths, in order: capture_id is the index
	Dataset  string
	Rows     []Row
	Truth    []*traffic.WeekFlow // of each row; where several are one row, which background is, the first
}

// MakeWeek writes a week and its tables into a folder.
func MakeWeek(folder string, cfg traffic.WeekConfig) (*Week, error) {
	week, err := traffic.NewWeek(cfg)
	if err != nil {
		return nil, err
	}
	w := &Week{Week: week, Folder: filepath.Join(folder, "captures"), Dataset: filepath.Join(folder, "tables")}
	if err := os.MkdirAll(w.Folder, 0o755); err != nil {
		return nil, err
	}
	if w.Captures, err = week.WriteFolder(w.Folder); err != nil {
		return nil, err
	}
	if err := Tables(w.Dataset, w.Captures...); err != nil {
		return nil, err
	}
	if w.Rows, err = ReadRows(w.Dataset); err != nil {
		return nil, err
	}
	return w, w.join()
}

// Tables makes the tables of captures with default options.
func Tables(out string, captures ...string) error {
	o := job.DefaultOptions()
	o.Args, o.Out = captures, out
	o.Tool = manifest.Tool{Name: "pcapmill", Version: "bench"}
	_, err := job.Run(context.Background(), o, job.IO{})
	return err
}

// join finds the truth of each row by brute force: the flows of its tuple with which it
// shares an instant. Flows of the schedule must be one row each, from the first packet to
// the last, and no row may have both those and others.
func (w *Week) join() error {
	byTuple := map[tuple][]*traffic.WeekFlow{}
	for i := range w.Flows {
		f := &w.Flows[i]
		r := Row{Src: f.Src, Dst: f.Dst, SrcPort: f.SrcPort, DstPort: f.DstPort, Proto: f.Proto, ICMPType: f.ICMPType}
		key := r.tuple()
		byTuple[key] = append(byTuple[key], f)
	}
	w.Truth = make([]*traffic.WeekFlow, len(w.Rows))
	found := map[*traffic.WeekFlow]int{}
	for i := range w.Rows {
		r := &w.Rows[i]
		for _, f := range byTuple[r.tuple()] {
			if f.FirstNs > r.End || f.LastNs < r.Start {
				continue
			}
			found[f]++
			if w.Truth[i] == nil {
				w.Truth[i] = f
			}
			if (f.Scheduled() || w.Truth[i].Scheduled()) && !isRow(f, r) {
				return fmt.Errorf("row %d is not one flow of the schedule: %+v, %+v", i, *r, *f)
			}
		}
		if w.Truth[i] == nil {
			return fmt.Errorf("row %d is nothing that was generated: %+v", i, *r)
		}
	}
	for i := range w.Flows {
		if f := &w.Flows[i]; found[f] == 0 || f.Scheduled() && found[f] != 1 {
			return fmt.Errorf("%d rows of %+v", found[f], *f)
		}
	}
	return nil
}

// Meets reports whether a row and a flow have the same tuple and share an instant.
func (r *Row) Meets(f *traffic.WeekFlow) bool {
	of := Row{Src: f.Src, Dst: f.Dst, SrcPort: f.SrcPort, DstPort: f.DstPort, Proto: f.Proto, ICMPType: f.ICMPType}
	return of.tuple() == r.tuple() && f.FirstNs <= r.End && r.Start <= f.LastNs
}

// isRow reports whether a row is the flow, whole and alone.
func isRow(f *traffic.WeekFlow, r *Row) bool {
	return f.FirstNs == r.Start && f.LastNs == r.End && f.Packets == r.Packets
}
