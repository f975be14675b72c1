package drifts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"

	"pcapmill/cmd/baselines"
	"pcapmill/model/baseline"
	"pcapmill/model/drift"
	"pcapmill/model/drift/suppress"
	"pcapmill/model/windows"
	"pcapmill/outputs/text"
)

// Tables says what is compared with what.
type Tables struct {
	Baseline string   // file
	Paths    []string // datasets, folders of hosts tables or files of these
	Labels   string   // file of labels of hosts; empty: none
	Covered  float64  // share of a window that captures must cover
	Picked   bool     // something is picked from the report, so that all of it is wanted
	From, To int64    // windows that begin in [From, To), in ns; both 0: all

	Hosts []netip.Addr // that are asked for; see drift.Config.Asked
}

// Judge compares the tables with the baseline. Errors are those of the function Judge.
func (t *Tables) Judge(ctx context.Context) (*drift.Report, error) {
	base, err := baseline.Open(t.Baseline, baseline.DefaultFileBytes)
	if err != nil {
		return nil, err
	}
	defer base.Close() //nolint:errcheck // only read
	labels, err := readLabels(t.Labels)
	if err != nil {
		return nil, err
	}
	o, notes, err := Reading(base, t.Covered, labels)
	if err != nil {
		return nil, err
	}
	o.From, o.To = t.From, t.To
	now, err := windows.Open(ctx, t.Paths, o)
	if err != nil {
		return nil, err
	}
	config := drift.DefaultConfig()
	if t.Picked {
		ForSuppressions(&config)
	}
	for _, host := range t.Hosts {
		if host = host.Unmap().WithZone(""); !slices.Contains(config.Asked, host) {
			config.Asked = append(config.Asked, host)
		}
	}
	return Judge(ctx, base, now, config, notes)
}

// readLabels returns nil where no file is named.
func readLabels(path string) (*windows.Labels, error) {
	if path == "" {
		return nil, nil
	}
	return windows.ReadLabels(path)
}

// Suppressions reads a list of what is known and does not count, which is empty where no file
// is named. What is wrong with the file names it.
func Suppressions(path string) (suppress.List, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	list, err := suppress.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Escape(path), err)
	}
	return list, nil
}

// Advice says what to do about tables that could not be judged, "" where nothing is known.
func Advice(err error) string {
	switch {
	case errors.Is(err, drift.ErrTooMany):
		return "judge fewer tables at once"
	case errors.Is(err, drift.ErrMismatch):
		return "build a baseline of such tables, or run the captures again"
	case errors.Is(err, fs.ErrNotExist):
		return "tables are made by run, baselines by baseline build"
	}
	return baselines.Advice(err)
}
