package source

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"pcapmill/datasets/label"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// DefaultMaxEvents is about a GiB of events.
const DefaultMaxEvents = 4_000_000

// DefaultMaxScores is 16 bytes each, 320 MB.
const DefaultMaxScores = 20_000_000

// What of an alert is its label.
const (
	LabelCategory  = "category"  // its classification, or where it has none its signature
	LabelSignature = "signature" // the text of its signature
)

// Options say what files do not say of themselves. Zero fields take their defaults.
type Options struct {
	Zone       *time.Location // of times without one; nil: these are refused
	Format     string         // name of the kind that all files are of; empty: their content says it
	Preset     string         // of tables, one of Presets; empty: the header says it
	Mapping    string         // of a table's columns, as time=Timestamp,src_ip=Source IP,label=Label; empty: as Preset
	SkipLabels []string       // of rows of tables and of conn.log that are left out, in any case, such as BENIGN
	MaxEvents  int64          // events and rules kept; more are ErrLimit
	MaxScores  int64          // scores kept; more are ErrLimit
	AlertLabel string         // LabelCategory, which is the default, or LabelSignature

	View     *tables.View // by which tables of scores are read; nil: Read looks at them first
	Captures []string     // paths of the captures, for FromName
	FromName []string     // GLOB=LABEL, or an expression with the groups label, category, campaign

	ScoreColumn string   // of the table; empty: score, or confidence
	ScoreLabel  string   // of rows at or above Threshold; empty: the table has a label column
	Threshold   *float64 // scores below do not count; nil: 0.5 with ScoreLabel, else all count
}

// validate reports the first setting that is wrong.
func (o *Options) validate() error {
	switch {
	case o.Format != "" && !slices.Contains(label.Kinds(), o.Format):
		return fmt.Errorf("%w: \"%s\" is no format%s; there are %s", ErrOptions, text.Escape(o.Format), text.Suggest(o.Format, label.Kinds()), strings.Join(label.Kinds(), ", "))
	case o.Preset != "" && !slices.Contains(Presets(), o.Preset):
		return fmt.Errorf("%w: \"%s\" is no preset%s; there are %s", ErrOptions, text.Escape(o.Preset), text.Suggest(o.Preset, Presets()), strings.Join(Presets(), ", "))
	case o.MaxEvents < 0 || o.MaxScores < 0:
		return fmt.Errorf("%w: a limit is below 0", ErrOptions)
	case o.Threshold != nil && math.IsNaN(*o.Threshold): // nothing is below it
		return fmt.Errorf("%w: the threshold of scores is no number", ErrOptions)
	case o.AlertLabel != LabelCategory && o.AlertLabel != LabelSignature:
		return fmt.Errorf("%w: the label of alerts is \"%s\" and not %s or %s", ErrOptions, text.Escape(o.AlertLabel), LabelCategory, LabelSignature)
	case o.Mapping == "":
		return nil
	}
	s := shape{}
	if err := s.mapInto(o.Mapping); err != nil {
		return fmt.Errorf("%w: mapping of columns: %w", ErrOptions, err)
	}
	return nil
}

// withDefaults fills the fields left zero.
func (o Options) withDefaults() Options {
	if o.MaxEvents == 0 {
		o.MaxEvents = DefaultMaxEvents
	}
	if o.MaxScores == 0 {
		o.MaxScores = DefaultMaxScores
	}
	if o.AlertLabel == "" {
		o.AlertLabel = LabelCategory
	}
	return o
}

// skips reports whether rows with a label are left out.
func (o *Options) skips(name string) bool {
	for _, s := range o.SkipLabels {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}
