package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/features/window"
	"pcapmill/features/window/host"
)

// windowFlags say which tables of windows are written, and how long these are.
type windowFlags struct {
	Windows []string      `sep:"," words:"windows" placeholder:"NAME" default:"${windows}" help:"Tables of aligned stretches of time to write: ${window_names}; or all, or none."`
	Tick    time.Duration `default:"${tick}" help:"Length of a row of slots, ${min_tick} to ${max_tick}."`
	Window  time.Duration `default:"${window}" help:"Length of the windows of hosts and pairs, ${min_window} to ${max_window}, in whole seconds."`
	Hop     hop           `placeholder:"DURATION" help:"From the begin of one of these windows to that of the next, whole seconds that divide --window, at most ${max_offsets} times: they then overlap. By default the window."`
}

// check reports a hop between windows that are not written, and settles one that says nothing.
func (f *windowFlags) check() error {
	if time.Duration(f.Hop) == f.Window { // the manifest is that without
		f.Hop = 0
	}
	wanted, err := window.Select(f.Windows)
	if err == nil && f.Hop != 0 && !slices.Contains(wanted, host.HostsTable) && !slices.Contains(wanted, host.PairsTable) {
		err = errors.New("--hop is of the windows of hosts and pairs, and --windows leaves out both")
	}
	return err
}

func (f *windowFlags) set(o *job.Options) {
	o.Stages.Windows, o.Stages.Tick, o.Stages.Window = f.Windows, f.Tick, f.Window
	o.Stages.Hop = time.Duration(f.Hop)
}

// hop is a length of time, 0 where it is not set.
type hop time.Duration

// UnmarshalText reads a length.
func (h *hop) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*h = 0
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err == nil && d <= 0 {
		err = fmt.Errorf("a hop of %v: leave --hop out where windows are not to overlap", d)
	}
	*h = hop(d)
	return err
}

// MarshalText is the inverse.
func (h hop) MarshalText() ([]byte, error) {
	if h == 0 {
		return nil, nil
	}
	return []byte(time.Duration(h).String()), nil
}
