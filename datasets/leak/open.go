package leak

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/scale"
	"pcapmill/outputs/text"
)

// Files in which a split dataset has what was fitted on training.
const (
	scalersName  = "scalers.json"
	encodersName = "encoders.json"
)

// Open reads what a dataset's folder says of itself. Errors are folder.ErrFolder and ErrDataset.
func Open(dir string) (*Dataset, error) {
	o, err := folder.Open(dir)
	if err != nil {
		return nil, err
	}
	d := &Dataset{Label: scale.LabelColumn, Ours: true}
	_, keyed := o.Table(build.Keys) // packages can be without
	for _, part := range o.Partitions(build.Data) {
		name, ok := strings.CutPrefix(part, "split=")
		if !ok {
			continue
		}
		s, err := ParseSplit(name)
		if err != nil {
			return nil, err
		}
		p := Part{Split: s, Data: o.Path(build.Data, part)}
		if keyed {
			p.Keys = o.Path(build.Keys, part)
		}
		d.Parts = append(d.Parts, p)
	}
	if len(d.Parts) == 0 {
		return nil, fmt.Errorf("%w: %s is not split; use dataset split, or name the column that says it with --split", ErrDataset, text.Escape(dir))
	}
	steps, err := o.Steps()
	if err != nil {
		return nil, err
	}
	options := o.Manifest.Options
	for _, step := range append(steps, o.Manifest) {
		d.Predicates = append(d.Predicates, folder.SplitList(step.Options["predicate_columns"])...)
		if step.Options["split_by"] != "" { // of a package it is a step before
			options = step.Options
		}
	}
	if d.Policy, err = policyOf(options); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDataset, text.Escape(dir), err)
	}
	slices.Sort(d.Predicates)
	d.Predicates = slices.Compact(d.Predicates)
	if _, ok := o.Table(scale.Table); ok && (options["impute"] == scale.None || options["impute"] == "") {
		d.Scaled = scaledTable{method: options["scale"]}
		for i := range d.Parts {
			d.Scaled.parts = append(d.Scaled.parts, o.Path(scale.Table, "split="+splits[d.Parts[i].Split]))
		}
	}
	for _, err := range []error{d.ReadScalers(filepath.Join(dir, scalersName)), d.ReadEncoders(filepath.Join(dir, encodersName))} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return d, nil
}

// policyOf reads what dataset split wrote into its manifest.
func policyOf(options map[string]string) (p Policy, err error) {
	by := options["split_by"]
	p.Known = by != ""
	p.Benign = folder.SplitList(options["benign"])
	p.By = append(p.By, folder.SplitList(options["groups"])...)
	switch by {
	case "conn", "random":
		p.By = append(p.By, connColumn)
	case "capture", "campaign", byTime:
		p.By = append(p.By, by)
	case "host":
		if options["hosts"] == "initiator" {
			p.By = append(p.By, srcColumn)
			break
		}
		for _, s := range folder.SplitList(options["internal"]) {
			prefix, err := netip.ParsePrefix(s)
			if err != nil {
				return p, fmt.Errorf("option internal: %s is no prefix", clip(s))
			}
			p.Internal = append(p.Internal, prefix)
		}
	}
	if e := options["embargo"]; e != "" {
		d, err := time.ParseDuration(e)
		if err != nil || d < 0 {
			return p, fmt.Errorf("option embargo: %s is no duration", clip(e))
		}
		p.Embargo = int64(d)
	}
	return p, nil
}

// Foreign says how a dataset of others is divided.
type Foreign struct {
	Path   string
	Label  string   // column
	Split  string   // column; empty: folders or files are called train, validation and test
	Groups []string // columns that are keys: addresses, captures, campaigns
	Time   string   // column; empty: none
}

// OpenForeign returns a dataset of others, in Parquet. Errors are ErrConfig and ErrDataset.
func OpenForeign(f *Foreign) (*Dataset, error) {
	if f.Label == "" {
		return nil, fmt.Errorf("%w: a dataset of others needs the column of its label", ErrConfig)
	}
	groups := slices.Clone(f.Groups)
	if f.Time != "" && !slices.Contains(groups, f.Time) {
		groups = append(groups, f.Time)
	}
	d := &Dataset{Label: f.Label, SplitColumn: f.Split, Groups: groups, Time: f.Time, Policy: Policy{Benign: []string{"benign", "normal"}}}
	if f.Split != "" {
		d.Parts = []Part{{Data: f.Path}}
		return d, nil
	}
	entries, err := os.ReadDir(f.Path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDataset, err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(strings.TrimPrefix(e.Name(), "split="), ".parquet")
		if s, err := ParseSplit(name); err == nil {
			d.Parts = append(d.Parts, Part{Split: s, Data: filepath.Join(f.Path, e.Name())})
		}
	}
	if len(d.Parts) == 0 {
		return nil, fmt.Errorf("%w: %s has nothing called train, validation or test; name the column that says it with --split", ErrDataset, text.Escape(f.Path))
	}
	return d, nil
}
