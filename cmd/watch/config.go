package watch

import (
	"fmt"
	"time"

	"pcapmill/features/column"
	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/rules"
	"pcapmill/outputs/livefolder"
	"pcapmill/stages"
)

// AlertsName is the file of alerts in OUT.
const AlertsName = livefolder.AlertsName

// stateName is the file in OUT of what a Watch knows of segments before.
const stateName = livefolder.WatchName

// Config says what is looked for. Empty paths are what is not asked for.
type Config struct {
	Out string // the folder of the tables

	Baseline string         // file; read at New and at Reload
	Suppress string         // what is known of drift and does not count, as YAML
	Labels   string         // of hosts, where the baseline has labels
	Covered  float64        // share of a window that captures must cover
	From     drift.Severity // what is at least so severe is an alert
	Period   time.Duration  // how long drift of one subject is not told again
	Drift    drift.Config

	Rules   []string // files
	Shipped bool     // the rules that come with pcapmill, too
	Late    time.Duration
	Engine  rules.Config
	Schemas []*column.Schema // of the tables that there can be, which rules are checked against; nil: not checked

	// Life is how long after the end of a window all its rows are there, and after its begin all
	// of a flow: the idle and active timeouts of the session. Window is how long windows of hosts are.
	Life   time.Duration
	Window time.Duration

	// Together is how long a stretch of windows is judged as one, a multiple of Window; 0: an hour,
	// or a window that is longer. See Stretch.
	Together time.Duration

	Log alert.LogConfig
}

// DefaultConfig looks for nothing, and tells of what is medium at least. Late is how far
// behind the packet clock rows of messages come: an answer is a row of the time of its question.
func DefaultConfig() Config {
	return Config{
		Covered: 0.95, From: drift.Medium, Period: alert.DefaultPeriod, Drift: drift.DefaultConfig(),
		Late: 2 * time.Minute, Engine: rules.DefaultConfig(), Life: 35 * time.Minute, Window: stages.DefaultConfig().Window,
		Log: alert.DefaultLogConfig(),
	}
}

// Validate reports values out of range.
func (c *Config) Validate() error {
	switch {
	case c.Out == "":
		return fmt.Errorf("%w: no folder of tables", ErrConfig)
	case !(c.Covered >= 0 && c.Covered <= 1):
		return fmt.Errorf("%w: a covered share of %v", ErrConfig, c.Covered)
	case c.From == drift.None:
		return fmt.Errorf("%w: alerts of severity none would be of everything", ErrConfig)
	case c.Period < 0 || c.Late < 0 || c.Life < 0 || c.Window <= 0:
		return fmt.Errorf("%w: a period below 0", ErrConfig)
	}
	if c.Together < 0 || c.Together%c.Window != 0 {
		return fmt.Errorf("%w: %v together are no multiple of windows of %v", ErrConfig, c.Together, c.Window)
	}
	if err := c.Drift.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := c.Engine.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := c.Log.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return nil
}

// judges reports whether windows are compared with a baseline, and rules whether rows are asked.
func (c *Config) judges() bool { return c.Baseline != "" }

func (c *Config) rules() bool { return c.Shipped || len(c.Rules) > 0 }

// idle reports whether nothing is looked for.
func (c *Config) idle() bool { return !c.judges() && !c.rules() }

// usualStretch is how long windows are judged together. Of one window of ten minutes most hosts of a
// baseline are gone, and each looks unlike its day: hours are what drift compares.
const usualStretch = time.Hour

// Stretch is how long a stretch of windows is judged as one.
func (c *Config) Stretch() time.Duration {
	if c.Together > 0 {
		return c.Together
	}
	return (usualStretch + c.Window - 1) / c.Window * c.Window
}
