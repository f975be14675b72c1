package main

import (
	"time"

	"pcapmill/cmd/job"
)

// windowFlags say which tables of windows are written, and how long these are.
type windowFlags struct {
	Windows []string      `sep:"," words:"windows" placeholder:"NAME" default:"${windows}" help:"Tables of aligned stretches of time to write: ${window_names}; or all, or none."`
	Tick    time.Duration `default:"${tick}" help:"Length of a row of slots, ${min_tick} to ${max_tick}."`
}

func (f *windowFlags) set(o *job.Options) { o.Stages.Windows, o.Stages.Tick = f.Windows, f.Tick }
