package main

import (
	"time"

	"pcapmill/cmd/job"
)

// windowFlags say which tables of windows are written, and how long these are.
type windowFlags struct {
	Windows []string      `sep:"," words:"windows" placeholder:"NAME" default:"${windows}" help:"Tables of aligned stretches of time to write: ${window_names}; or all, or none."`
	Tick    time.Duration `default:"${tick}" help:"Length of a row of slots, ${min_tick} to ${max_tick}."`
	Window  time.Duration `default:"${window}" help:"Length of the windows of hosts and pairs, ${min_window} to ${max_window}, in whole seconds."`
}

func (f *windowFlags) set(o *job.Options) {
	o.Stages.Windows, o.Stages.Tick, o.Stages.Window = f.Windows, f.Tick, f.Window
}
