package labels

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"pcapmill/datasets/folder"
	"pcapmill/datasets/label"
	"pcapmill/features/record"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

const (
	flowsTable = "flows"
	hostsTable = "hosts"
)

// opened is what there is to label: a dataset, or a flows table by itself.
type opened struct {
	name     string       // for people, without the folders around it
	flows    string       // path
	view     *tables.View // by which all tables are read
	dataset  *folder.Opened
	captures []string // paths, by capture_id
	sources  []folder.Source
	alone    bool // captures were read independently: a flow is of one
}

// open finds the flows that a path names: a dataset's, or a table of flows.
func open(ctx context.Context, path string) (*opened, error) {
	o := &opened{name: nameOf(path), flows: path}
	dir := path
	if info, err := os.Stat(filepath.Join(path, manifest.Name)); err == nil && info.Mode().IsRegular() {
		if o.flows = filepath.Join(path, flowsTable); !exists(o.flows) {
			if err := tables.Readable(path); err != nil {
				return nil, err
			}
		}
	} else {
		dir = filepath.Dir(filepath.Clean(path))
	}
	if err := o.inDataset(dir); err != nil {
		return nil, err
	}
	if o.dataset == nil {
		o.view = tables.NewView()
		if isCapture(path) {
			return nil, fmt.Errorf("%w: %s is no table of flows; of a capture pcapmill run makes one", tables.ErrTable, text.Escape(path))
		}
		return o, o.byParts(ctx)
	}
	o.view = o.dataset.View
	o.sources = []folder.Source{o.dataset.Source("tables")}
	o.alone = o.dataset.Manifest.Options["inputs"] == "independent"
	for i := range o.dataset.Manifest.Inputs {
		in := &o.dataset.Manifest.Inputs[i]
		name, err := manifest.DecodePath(in.Path, in.PathHex)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", folder.ErrFolder, text.Escape(dir), err)
		}
		o.captures = append(o.captures, name)
	}
	return o, nil
}

// inDataset opens the dataset that the flows are a table of, where there is one.
func (o *opened) inDataset(dir string) error {
	d, err := folder.Open(dir)
	switch {
	case err == nil:
	case filepath.Join(dir, flowsTable) == filepath.Clean(o.flows) && !errors.Is(err, fs.ErrNotExist) && exists(filepath.Join(dir, manifest.Name)):
		return err
	default:
		return nil
	}
	if _, has := d.Table(flowsTable); !has {
		if dir == filepath.Dir(filepath.Clean(o.flows)) && filepath.Base(o.flows) == flowsTable {
			return fmt.Errorf("%w: %s has no table of flows", folder.ErrFolder, text.Escape(dir))
		}
		return nil
	}
	if filepath.Clean(o.flows) == filepath.Join(dir, flowsTable) {
		o.dataset = d
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// byParts takes the parts of a table without a manifest as sources, by their bytes.
func (o *opened) byParts(ctx context.Context) error {
	files, err := o.view.Files(o.flows)
	if err != nil {
		return err
	}
	for _, path := range files {
		sum, size, err := manifest.HashFile(ctx, path)
		if err != nil {
			return fmt.Errorf("%w: %w", tables.ErrTable, err)
		}
		o.sources = append(o.sources, folder.FileSource("tables", filepath.Base(path), "parquet", sum, size))
	}
	return nil
}

// records lists the tables of messages of the dataset.
func (o *opened) records() (names []string) {
	if o.dataset == nil {
		return nil
	}
	for _, name := range record.Names() {
		if _, has := o.dataset.Table(name); has {
			names = append(names, name)
		}
	}
	return names
}

// counted is an error where the dataset lists another number of flows than it has: labels say of
// which flows they are by its manifest.
func (o *opened) counted(flows int64) error {
	if o.dataset == nil {
		return nil
	}
	if t, has := o.dataset.Table(flowsTable); has && t.Rows != flows {
		return fmt.Errorf("%w: %s has %d flows, and its manifest lists %d: pcapmill verify says what changed", tables.ErrTable, text.Escape(o.name), flows, t.Rows)
	}
	return nil
}

// hosts is the path of the hosts table, empty where there is none.
func (o *opened) hosts() string {
	if o.dataset == nil {
		return ""
	}
	if _, has := o.dataset.Table(hostsTable); !has {
		return ""
	}
	return o.dataset.Path(hostsTable, "")
}

// capture returns the number of a capture by its path, or the end of it, and whether there is one
// such capture.
func (o *opened) capture(path string) (int32, bool) {
	named := label.Named(path, o.captures)
	found := slices.Index(named, true)
	if found >= 0 && slices.Contains(named[found+1:], true) {
		return 0, false
	}
	return int32(found), found >= 0
}

// nameOf is a path without the folders before it, so that what is written does not hang on where
// things are.
func nameOf(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.Base(path)
}

// namesOf are the names of sources: without the folders before them, so that tables do not hang on
// where sources were; others of the same name have a number, as in "rules.yaml (2)".
func namesOf(paths []string) []string {
	names, seen := make([]string, len(paths)), map[string]bool{}
	for i, path := range paths {
		base := filepath.Base(path)
		names[i] = base
		for n := 2; seen[names[i]]; n++ {
			names[i] = fmt.Sprintf("%s (%d)", base, n)
		}
		seen[names[i]] = true
	}
	return names
}
