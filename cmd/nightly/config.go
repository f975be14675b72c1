package nightly

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/ingest/input"
	"pcapmill/model/drift"
	"pcapmill/model/drift/alert"
	"pcapmill/model/rules"
	"pcapmill/model/windows"
)

// Config says what a night is and what is done with it. Start from DefaultConfig.
type Config struct {
	Inputs    Inputs
	Nights    Nights
	Run       job.Options // Args, Out and Force are set for each night
	Output    string      // folder of everything that is made; also the state
	Baseline  Baseline
	Drift     Drift
	Rules     *Rules // nil: none are applied
	Reports   Reports
	Retention Retention
	Limits    Limits
	Failure   Failure

	Hash string // SHA-256 of the file that this was read from, for the records
}

// Inputs say where captures come from.
type Inputs struct {
	Captures []string // files, folders and patterns
	Segments string   // folder of live's segments; empty: none
	Tables   string   // folder of live's tables, which are judged as they are; empty: none
	Filter   input.Filter
	Settle   time.Duration // a file changed less long ago is still being written
}

// Nights say how files are grouped.
type Nights struct {
	By      string         // ByDay or ByHour
	Pattern *regexp.Regexp // groups are year, month, day and hour in a file's name; nil: by the first packet
	Every   bool           // a night without files is told
	Since   time.Time      // earlier nights are not looked at; zero: all are
}

// What nights are.
const (
	ByDay  = "day"
	ByHour = "hour"
)

// Length of a night.
func (n *Nights) Length() time.Duration {
	if n.By == ByHour {
		return time.Hour
	}
	return 24 * time.Hour
}

// Baseline says what is normal.
type Baseline struct {
	Fixed     string        // file that is judged by and never changed; empty: learn from good nights
	Path      string        // of the one that is learnt; empty: baseline.bl in Output
	Nights    int           // how many good nights, the newest ones
	Least     int           // so many before drift is judged
	MaxAge    time.Duration // older nights are left out; 0: none
	Since     time.Time     // likewise; zero: none
	Partial   bool          // nights with damaged captures teach too
	Hosts     int           // as baseline build's; 0: the default
	Keys      int           // likewise; -1: the default
	Protocols bool
	Labels    string
}

// Drift says what fails.
type Drift struct {
	FailOn   drift.Severity // None: never
	Suppress string         // file; empty: none
	Covered  float64
	Top      int
}

// Rules say which are applied.
type Rules struct {
	Files   []string
	Shipped bool // those that come with pcapmill, too
	Only    []string
	Without []string
	FailOn  drift.Severity
	Late    time.Duration
}

// Reports say what is written for people and machines.
type Reports struct {
	Formats []string // of ReportFormats
	Index   int      // nights on the index page; 0: no page
	Alerts  bool     // alerts.jsonl
	Period  time.Duration
}

// ReportFormats are the forms that a night's reports can have.
func ReportFormats() []string { return []string{"html", "markdown", "json", "junit", "text"} }

// Limits bound an execution.
type Limits struct {
	Memory int64         // bytes; 0: none
	Wall   time.Duration // 0: none
}

// Failure says what becomes of a night that failed.
type Failure struct {
	Keep  bool // its tables, as far as they are whole
	Tries int  // executions that try it
}

// DefaultConfig returns what is in force where the file says nothing.
func DefaultConfig() Config {
	run := job.DefaultOptions()
	return Config{
		Inputs:   Inputs{Settle: 10 * time.Minute},
		Nights:   Nights{By: ByDay, Every: true},
		Run:      run,
		Baseline: Baseline{Nights: 30, Least: 5, MaxAge: 60 * 24 * time.Hour, Keys: -1},
		Drift:    Drift{FailOn: drift.Medium, Covered: windows.DefaultOptions().Covered, Top: 20},
		Reports:  Reports{Formats: []string{"html", "markdown", "json", "junit"}, Index: 90, Alerts: true, Period: alert.DefaultPeriod},
		Limits:   Limits{Memory: run.Memory},
		Failure:  Failure{Keep: true, Tries: 3},
	}
}

// defaultRules are in force where the file has rules.
func defaultRules() *Rules {
	return &Rules{FailOn: drift.Medium, Late: rules.DefaultConfig().Late}
}

// Validate reports the first thing that cannot be. It looks at no file.
func (c *Config) Validate() error {
	switch {
	case c.Output == "":
		return errors.New("output: no folder is named; all that is made goes there")
	case len(c.Inputs.Captures) == 0 && c.Inputs.Segments == "" && c.Inputs.Tables == "":
		return errors.New("inputs: no captures, segments or tables are named")
	case c.Inputs.Tables != "" && (len(c.Inputs.Captures) > 0 || c.Inputs.Segments != ""):
		return errors.New("inputs: tables are judged as they are, captures and segments are run first: name the one or the others")
	case c.Inputs.Tables != "" && (c.Nights.By != ByDay || c.Nights.Pattern != nil):
		return errors.New("nights: live's tables are in folders of days: leave by and pattern out")
	case c.isOutput(c.Inputs.Tables):
		return errors.New("output: is the folder of live's tables: name another one")
	case slices.ContainsFunc(append([]string{c.Inputs.Segments}, c.Inputs.Captures...), c.isOutput):
		return errors.New("output: is the folder of the captures, and would not be looked at: name another one, below it or elsewhere")
	case c.Nights.By == ByHour && c.Nights.Pattern != nil && c.Nights.Pattern.NumSubexp() < 4:
		return errors.New("nights: by hour, and pattern has no group of the hour: add a fourth one")
	case c.Inputs.Settle < 0:
		return errors.New("inputs: settle below 0")
	case c.Nights.By != ByDay && c.Nights.By != ByHour:
		return fmt.Errorf("nights: by %q is neither day nor hour", c.Nights.By)
	case c.Limits.Wall < 0 || c.Limits.Memory < 0:
		return errors.New("limits: below 0")
	case c.Failure.Tries < 1 || c.Failure.Tries > 100:
		return errors.New("on_failure: tries is 1 to 100")
	case c.Reports.Index < 0 || c.Reports.Index > mostIndexed:
		return fmt.Errorf("reports: index is 0 to %d nights", mostIndexed)
	case !(c.Drift.Covered >= 0 && c.Drift.Covered <= 1):
		return fmt.Errorf("drift: covered %v is no share from 0 to 1", c.Drift.Covered)
	case c.Drift.Top < 0:
		return errors.New("drift: top below 0")
	}
	if err := c.Baseline.validate(); err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	if err := c.runValid(); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	return errors.Join(c.Inputs.Filter.Validate(), c.Retention.validate())
}

func (b *Baseline) validate() error {
	switch {
	case b.Nights < 1 || b.Nights > mostLearnt:
		return fmt.Errorf("nights is 1 to %d", mostLearnt)
	case b.Least < 1 || b.Least > b.Nights:
		return fmt.Errorf("least is 1 to nights, which is %d", b.Nights)
	case b.MaxAge < 0:
		return errors.New("max_age below 0")
	case b.Fixed != "" && b.Path != "":
		return errors.New("fixed is judged by as it is, and path is where one is learnt: leave one out")
	}
	return nil
}

// runValid reports options of run that leave nothing to judge.
func (c *Config) runValid() error {
	if c.Run.Format != job.FormatParquet {
		return fmt.Errorf("format %s cannot be judged: leave it out", c.Run.Format)
	}
	if !wantsHosts(c.Run.Stages.Windows) {
		return fmt.Errorf("windows %s: without the table hosts there is nothing to judge", strings.Join(c.Run.Stages.Windows, ","))
	}
	o := c.Run
	o.Args, o.Out = []string{"x"}, "y"
	return o.Validate()
}

// isOutput reports whether a path is the output folder.
func (c *Config) isOutput(path string) bool {
	return path != "" && filepath.Clean(path) == filepath.Clean(c.Output)
}

// at returns a path below the output folder.
func (c *Config) at(elements ...string) string {
	return filepath.Join(append([]string{c.Output}, elements...)...)
}

// baselinePath is where the baseline is that is learnt.
func (c *Config) baselinePath() string {
	if c.Baseline.Path != "" {
		return c.Baseline.Path
	}
	return c.at("baseline.bl")
}

// Bounds of what the file can ask for.
const (
	mostIndexed = 2000 // nights on a page
	mostLearnt  = 400  // nights in a baseline, each of which is an open file while they are joined
)
