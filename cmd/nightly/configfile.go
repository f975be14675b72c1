package nightly

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"pcapmill/cmd/job"
	"pcapmill/features/window"
	"pcapmill/features/window/host"
	"pcapmill/model/drift"
	"pcapmill/outputs/strictyaml"
	"pcapmill/outputs/text"
)

// maxConfig is far above any configuration.
const maxConfig = 1 << 20

// mostPaths bounds lists.
const mostPaths = 1000

//go:embed example.yaml
var example string

// Example is a configuration with comments, which Read takes.
func Example() string { return example }

// Flag is an option of run by its name on the command line.
type Flag struct{ Name, Value string }

// Grammar is what the command line knows of run.
type Grammar struct {
	Flags   []string                          // names that the file may set
	Options func([]Flag) (job.Options, error) // what they make; takes memory too
}

// ErrConfig: a configuration that cannot be used.
var ErrConfig = errors.New("wrong configuration")

// configError is an ErrConfig whose text is what is wrong, and no more.
type configError struct{ error }

// Is reports whether target is ErrConfig.
func (configError) Is(target error) bool { return target == ErrConfig }

// Unwrap returns what is wrong.
func (e configError) Unwrap() error { return e.error }

func wrongConfig(format string, args ...any) error { return configError{fmt.Errorf(format, args...)} }

// Load reads the configuration of a path. Paths in it are relative to its folder.
func Load(path string, g Grammar) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, configError{err}
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return nil, configError{err}
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, configError{err}
	}
	c, err := Read(data, folder, g)
	if err != nil {
		return nil, wrongConfig("%s: %w", text.Escape(path), err)
	}
	return c, nil
}

// Read reads a configuration; folder is what its paths are relative to.
func Read(data []byte, folder string, g Grammar) (*Config, error) {
	top, err := strictyaml.Parse(data, maxConfig)
	if err != nil {
		return nil, err
	}
	if top == nil {
		return nil, errors.New("it is empty; nightly --example prints one to begin with")
	}
	c := DefaultConfig()
	r := reader{folder: folder, c: &c, grammar: g}
	if err := strictyaml.Mapping(top, "a configuration", r.keys()); err != nil {
		return nil, err
	}
	if c.Run, err = r.options(); err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	c.resolve(folder)
	if err := c.Validate(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	c.Hash = hex.EncodeToString(sum[:])
	return &c, nil
}

// programFlag is the option of run that names a file.
const programFlag = "bpf-ddd"

// reader fills a Config.
type reader struct {
	folder  string // that paths are relative to
	c       *Config
	grammar Grammar
	flags   []Flag
}

func (r *reader) keys() strictyaml.Keys {
	c := r.c
	return strictyaml.Keys{
		"inputs":     r.section("inputs", r.inputs()),
		"nights":     r.section("nights", r.nights()),
		"run":        r.run,
		"output":     required(&c.Output),
		"baseline":   r.section("baseline", r.baseline()),
		"drift":      r.section("drift", r.drift()),
		"rules":      r.rules,
		"reports":    r.section("reports", r.reports()),
		"retention":  r.section("retention", c.Retention.keys()),
		"limits":     r.section("limits", strictyaml.Keys{"memory": bytesOf(&c.Limits.Memory), "wall": duration(&c.Limits.Wall)}),
		"on_failure": r.section("on_failure", strictyaml.Keys{"keep_tables": strictyaml.Bool(&c.Failure.Keep), "tries": count(&c.Failure.Tries)}),
	}
}

func (r *reader) section(name string, keys strictyaml.Keys) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		if strictyaml.Empty(n) { // all of it is behind #
			return nil
		}
		return strictyaml.Mapping(n, name, keys)
	}
}

func (r *reader) inputs() strictyaml.Keys {
	in := &r.c.Inputs
	return strictyaml.Keys{
		"captures": strictyaml.Texts(&in.Captures, mostPaths),
		"segments": required(&in.Segments),
		"tables":   required(&in.Tables),
		"include":  strictyaml.Texts(&in.Filter.Include, mostPaths),
		"exclude":  strictyaml.Texts(&in.Filter.Exclude, mostPaths),
		"settle":   duration(&in.Settle),
	}
}

func (r *reader) nights() strictyaml.Keys {
	n := &r.c.Nights
	return strictyaml.Keys{
		"by":      oneOf(&n.By, ByDay, ByHour),
		"pattern": n.pattern,
		"every":   strictyaml.Bool(&n.Every),
		"since":   date(&n.Since),
	}
}

// pattern takes a regular expression with a group for each part of a date.
func (n *Nights) pattern(node strictyaml.Node) error {
	s, err := strictyaml.Scalar(node)
	if err != nil {
		return err
	}
	if n.Pattern, err = regexp.Compile(s); err != nil {
		return err
	}
	if g := n.Pattern.NumSubexp(); g != 3 && g != 4 {
		return fmt.Errorf("it has %d groups; want three, of year, month and day, or a fourth of the hour", g)
	}
	return nil
}

func (r *reader) baseline() strictyaml.Keys {
	b := &r.c.Baseline
	return strictyaml.Keys{
		"fixed":         required(&b.Fixed),
		"path":          required(&b.Path),
		"nights":        count(&b.Nights),
		"least":         count(&b.Least),
		"max_age":       duration(&b.MaxAge),
		"since":         date(&b.Since),
		"learn_partial": strictyaml.Bool(&b.Partial),
		"hosts":         count(&b.Hosts),
		"keys":          count(&b.Keys),
		"protocols":     strictyaml.Bool(&b.Protocols),
		"labels":        required(&b.Labels),
	}
}

func (r *reader) drift() strictyaml.Keys {
	d := &r.c.Drift
	return strictyaml.Keys{
		"fail_on":  severity(&d.FailOn),
		"suppress": required(&d.Suppress),
		"covered":  strictyaml.Number(&d.Covered),
		"top":      count(&d.Top),
	}
}

func (r *reader) reports() strictyaml.Keys {
	p := &r.c.Reports
	return strictyaml.Keys{
		"formats":      someOf(&p.Formats, ReportFormats()),
		"index":        count(&p.Index),
		"alerts":       strictyaml.Bool(&p.Alerts),
		"alert_period": duration(&p.Period),
	}
}

func (r *reader) rules(n strictyaml.Node) error {
	x := defaultRules()
	r.c.Rules = x
	if err := strictyaml.Mapping(n, "rules", strictyaml.Keys{
		"files":   strictyaml.Texts(&x.Files, mostPaths),
		"shipped": strictyaml.Bool(&x.Shipped),
		"only":    strictyaml.Texts(&x.Only, mostPaths),
		"without": strictyaml.Texts(&x.Without, mostPaths),
		"fail_on": severity(&x.FailOn),
		"late":    duration(&x.Late),
	}); err != nil {
		return err
	}
	if len(x.Files) == 0 && !x.Shipped {
		return errors.New("neither files nor shipped: true; leave rules out where none are to be applied")
	}
	return nil
}

// run takes options of run. Each is tried alone, so that what is wrong has its line.
func (r *reader) run(n strictyaml.Node) error {
	if strictyaml.Empty(n) {
		return nil
	}
	keys := strictyaml.Keys{}
	for _, name := range r.grammar.Flags {
		keys[strings.ReplaceAll(name, "-", "_")] = r.flag(name)
	}
	for _, name := range setElsewhere() {
		keys[name.key] = func(strictyaml.Node) error { return errors.New(name.why) }
	}
	return strictyaml.Mapping(n, "run", keys)
}

func (r *reader) flag(name string) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		var values []string
		if err := strictyaml.Texts(&values, mostPaths)(n); err != nil {
			return err
		}
		for i := range values {
			if len(values) > 1 {
				values[i] = strings.ReplaceAll(values[i], ",", `\,`)
			}
		}
		f := Flag{name, strings.Join(values, ",")}
		if name == programFlag && f.Value != "" && !filepath.IsAbs(f.Value) {
			f.Value = filepath.Join(r.folder, f.Value)
		}
		if _, err := r.grammar.Options([]Flag{f}); err != nil {
			return err
		}
		r.flags = append(r.flags, f)
		return nil
	}
}

// setElsewhere are options of run that this configuration has under other names.
func setElsewhere() []struct{ key, why string } {
	return []struct{ key, why string }{
		{"out", "each night has a folder of its own below output"},
		{"memory", "it is limits: memory, which holds for all steps"},
		{"include", "it is inputs: include"}, {"exclude", "it is inputs: exclude"},
		{"input_hash", "captures are always hashed here, so that changed ones are found"},
		{"save_streams", "streams have no place in a night's folder"},
	}
}

func (r *reader) options() (job.Options, error) {
	memory := Flag{"memory", "0"}
	if m := r.c.Limits.Memory; m > 0 {
		memory.Value = fmt.Sprintf("%dB", m)
	}
	return r.grammar.Options(append(slices.Clone(r.flags), memory))
}

// wantsHosts reports whether a choice of window tables has hosts.
func wantsHosts(names []string) bool {
	tables, err := window.Select(names)
	return err == nil && slices.Contains(tables, host.HostsTable)
}

// resolve makes paths of the file relative to its folder.
func (c *Config) resolve(folder string) {
	abs := func(path *string) {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(folder, *path)
		}
	}
	for _, path := range []*string{&c.Inputs.Segments, &c.Inputs.Tables, &c.Output, &c.Baseline.Fixed, &c.Baseline.Path, &c.Baseline.Labels, &c.Drift.Suppress} {
		abs(path)
	}
	for i := range c.Inputs.Captures {
		abs(&c.Inputs.Captures[i])
	}
	if c.Rules != nil {
		for i := range c.Rules.Files {
			abs(&c.Rules.Files[i])
		}
	}
}

// required takes a text that is not empty.
func required(to *string) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		if err := strictyaml.Text(to)(n); err != nil {
			return err
		}
		if *to == "" {
			return errors.New("is empty: leave it out")
		}
		return nil
	}
}

func oneOf(to *string, known ...string) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		if err := strictyaml.Text(to)(n); err != nil {
			return err
		}
		return knownOf(*to, known)
	}
}

func someOf(to *[]string, known []string) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		if err := strictyaml.Texts(to, len(known))(n); err != nil {
			return err
		}
		for _, s := range *to {
			if err := knownOf(s, known); err != nil {
				return err
			}
		}
		return nil
	}
}

func knownOf(s string, known []string) error {
	if slices.Contains(known, s) {
		return nil
	}
	return fmt.Errorf("\"%s\" is none of %s%s", text.Escape(s), strings.Join(known, ", "), text.Suggest(s, known))
}

func severity(to *drift.Severity) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s := ""
		if err := oneOf(&s, "low", "medium", "high", "critical", "never")(n); err != nil {
			return err
		}
		if s == "never" {
			*to = drift.None
			return nil
		}
		var err error
		*to, err = drift.ParseSeverity(s)
		return err
	}
}

// date takes a day, as 2026-11-29.
func date(to *time.Time) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		if *to, err = time.Parse(time.DateOnly, s); err != nil {
			return fmt.Errorf("\"%s\" is no day: want one as 2026-11-29", text.Escape(s))
		}
		return nil
	}
}
