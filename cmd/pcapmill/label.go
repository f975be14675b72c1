package main

import (
	"context"
	"errors"
	"time"
	_ "time/tzdata" // names of zones where the machine has none

	"pcapmill/cmd/job"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/label/compare"
	tablesof "pcapmill/datasets/label/labels"
	"pcapmill/datasets/label/match"
	"pcapmill/datasets/label/source"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/usage"
)

// labelCmd are the commands about labels.
type labelCmd struct {
	Run     labelRunCmd     `cmd:"" default:"withargs" help:"Say what each flow of a dataset is called. This is what label does without another command's name."`
	Compare labelCompareCmd `cmd:"" help:"Say how far two labellings agree."`
	Check   labelCheckCmd   `cmd:"" help:"Read sources of labels, and say what is in them."`
	Import  labelImportCmd  `cmd:"" help:"Write rules of other tools as a file of rules, to be kept and changed."`
}

// sourceFlags say how sources of labels are read.
type sourceFlags struct {
	Zone       zone   `placeholder:"ZONE" help:"Zone of times that have none: UTC, +02:00 or America/Halifax. Without, such times are refused."`
	Format     string `placeholder:"FORMAT" help:"Format of all sources, where their content does not tell: ${label_kinds}."`
	Preset     string `placeholder:"NAME" help:"Names of the columns of CSV, where its header does not tell."`
	CSVMap     string `name:"csv-map" placeholder:"time=NAME,label=NAME,…" help:"Which columns of CSV say what; see docs/label-sources.md."`
	AlertLabel string `enum:"category,signature" default:"category" help:"What an alert's label is: ${enum}."`

	ScoreColumn    string   `placeholder:"COLUMN" help:"Of tables of scores, the column that has them."`
	ScoreLabel     string   `placeholder:"LABEL" help:"What rows of tables of scores are called at or above --score-threshold."`
	ScoreThreshold *float64 `placeholder:"SCORE" help:"Scores below do not count."`
}

// options are what the flags ask for.
func (f *sourceFlags) options() source.Options {
	return source.Options{
		Zone: f.Zone.location, Format: f.Format, Preset: f.Preset, Mapping: f.CSVMap, AlertLabel: f.AlertLabel,
		ScoreColumn: f.ScoreColumn, ScoreLabel: f.ScoreLabel, Threshold: f.ScoreThreshold,
		MaxEvents: source.DefaultMaxEvents, MaxScores: source.DefaultMaxScores,
	}
}

// zone is a zone of times on the command line.
type zone struct{ location *time.Location }

// UnmarshalText reads an offset from UTC, or a name of the IANA time zone database.
func (z *zone) UnmarshalText(text []byte) (err error) {
	z.location, err = source.ParseZone(string(text))
	return err
}

// MarshalText is the inverse, empty where there is none.
func (z zone) MarshalText() ([]byte, error) {
	if z.location == nil {
		return nil, nil
	}
	return []byte(z.location.String()), nil
}

// unlabelled is the error of a command about labels.
func unlabelled(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return stopped(ctx)
	}
	return coded{unlabelledCode(err), err}
}

func unlabelledCode(err error) int {
	is := func(targets ...error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
	switch {
	case is(usage.Err, source.ErrOptions, source.ErrZone, source.ErrRules, match.ErrConfig, folder.ErrInput, publish.ErrBusy):
		return job.ExitUsage
	case is(source.ErrLimit, match.ErrLimit, tablesof.ErrLimit, compare.ErrLimit):
		return job.ExitLimit
	case is(source.ErrOpen, source.ErrFormat, source.ErrContent, tables.ErrTable, folder.ErrFolder, tablesof.ErrCapture, compare.ErrLabels):
		return job.ExitRejected
	case is(match.ErrCheck):
		return job.ExitSelfCheck
	}
	return job.ExitOutput
}
