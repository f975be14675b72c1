package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"time"

	"pcapmill/cmd/watch"
	"pcapmill/cmd/watch/metrics"
	"pcapmill/model/drift"
	"pcapmill/outputs/text"
	"pcapmill/stages"
)

// watchFlags say what live mode looks for while it runs, and where that can be seen.
type watchFlags struct {
	Baseline    string        `placeholder:"FILE" help:"Judge windows by this baseline; read again on SIGHUP."`
	JudgeEvery  time.Duration `placeholder:"DURATION" help:"How long a stretch of windows is judged as one, a multiple of --window; by default an hour, or a window that is longer."`
	Suppress    string        `placeholder:"FILE" help:"What is known of drift and does not count, as YAML; see docs/drift.md."`
	Labels      string        `placeholder:"FILE" help:"Labels of hosts, where the baseline has labels."`
	Covered     float64       `placeholder:"SHARE" default:"${baseline_covered}" help:"Leave out windows of which captures cover a smaller share; by default ${default}."`
	Rules       []string      `sep:"none" placeholder:"FILE" help:"Apply these rules to rows as they come; read again on SIGHUP."`
	Shipped     bool          `help:"Apply the rules that come with pcapmill, too."`
	AlertFrom   string        `enum:"low,medium,high,critical" default:"medium" help:"Alerts of this severity and above are written: ${enum}."`
	AlertPeriod time.Duration `default:"${alert_period}" help:"How long drift of one thing is not told again, by the time of the windows."`

	SaveBaseline string `placeholder:"FILE" help:"At the end, learn what was seen as a baseline, as baseline build does; with --duration windows are then short enough that twelve are whole, unless --window is given."`

	Metrics    string `placeholder:"ADDRESS" help:"Show metrics to Prometheus at this address of the loopback, as 127.0.0.1:9469."`
	MetricsAny bool   `help:"Take any address for --metrics."`
	Pprof      bool   `help:"Show profiles at /debug/pprof/ of --metrics, too."`
}

// check refuses what does not go together.
func (f *watchFlags) check() error {
	switch {
	case f.Metrics == "" && (f.Pprof || f.MetricsAny):
		return errors.New("--pprof and --metrics-any need --metrics, which says where")
	case f.SaveBaseline != "" && isRead(f.SaveBaseline, []string{f.Baseline}):
		return errors.New("--save-baseline would replace the --baseline that windows are judged by")
	case f.Baseline == "" && (f.Suppress != "" || f.Labels != "" || f.JudgeEvery != 0):
		return errors.New("--suppress, --labels and --judge-every need a --baseline")
	}
	if f.Metrics != "" {
		if err := metrics.Check(f.Metrics, f.where()); err != nil {
			return err
		}
	}
	for _, path := range append([]string{f.Baseline, f.Suppress, f.Labels}, f.Rules...) {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return err
		}
	}
	return nil
}

// open begins to look for what the flags say, in tables that a run of these settings writes.
func (f *watchFlags) open(ctx context.Context, out string, run *stages.Config) (*watch.Watch, error) {
	c := watch.DefaultConfig()
	c.Out, c.Baseline, c.Suppress, c.Labels, c.Covered = out, f.Baseline, f.Suppress, f.Labels, f.Covered
	c.Rules, c.Shipped, c.Period, c.Together = f.Rules, f.Shipped, f.AlertPeriod, f.JudgeEvery
	c.Life, c.Window = run.Timeouts.Life(), run.Window
	var err error
	if c.From, err = drift.ParseSeverity(f.AlertFrom); err != nil {
		return nil, err
	}
	if c.Schemas, err = allTables(); err != nil {
		return nil, err
	}
	return watch.New(ctx, c)
}

// listen opens the port of metrics; nil where none is asked for.
func (f *watchFlags) listen() (net.Listener, error) {
	if f.Metrics == "" {
		return nil, nil
	}
	return metrics.Listen(f.Metrics, f.where())
}

// where says which addresses metrics may be shown at.
func (f *watchFlags) where() metrics.Where {
	if f.MetricsAny {
		return metrics.Anywhere
	}
	return metrics.Loopback
}

// profiles says whether profiles are shown.
func (f *watchFlags) profiles() metrics.Profiles {
	if f.Pprof {
		return metrics.WithProfiles
	}
	return metrics.NoProfiles
}

// store begins what metrics show of a Watch.
func (f *watchFlags) store(w *watch.Watch, began time.Time) *metrics.Store {
	build := tool()
	return metrics.NewStore([][2]string{{"version", build.Version}, {"go", runtime.Version()}, {"os", runtime.GOOS}, {"arch", runtime.GOARCH}}, began, w.Totals)
}

// learn makes the baseline that --save-baseline names. A signal ends it as it ends analysis: well.
func (f *watchFlags) learn(ctx context.Context, out string, log *slog.Logger) error {
	if f.SaveBaseline == "" {
		return nil
	}
	o := watch.Observation{Out: out, File: f.SaveBaseline, Covered: f.Covered}
	_, err := o.Save(ctx)
	if err != nil && ctx.Err() != nil {
		log.Warn(fmt.Sprintf("%s is not written, as analysis was stopped before: baseline build makes it", text.Escape(f.SaveBaseline)))
		return nil
	}
	if err != nil {
		err = fmt.Errorf("%s is not written: %w", text.Escape(f.SaveBaseline), err)
	}
	return unlearned(ctx, err)
}

// unlearnt says that there is no baseline, where one was asked for and analysis ended before the capture did.
func (f *watchFlags) unlearnt(log *slog.Logger) {
	if f.SaveBaseline != "" {
		log.Warn(fmt.Sprintf("%s is not written, as the capture has not ended: baseline build makes it of what is there", text.Escape(f.SaveBaseline)))
	}
}
