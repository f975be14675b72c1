package folder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// ErrFolder marks a folder that cannot be read as one of ours.
var ErrFolder = errors.New("folder of tables cannot be read")

// Run is the kind of folders that a run over captures wrote.
const Run = "run"

// maxSteps is how many earlier steps a folder may have: runs and labels of a hundred days are 200.
const maxSteps = 1000

// Opened is a folder that a run, or a later step, finished; or one of live tables as they were when
// it was opened.
type Opened struct {
	Dir      string
	View     *tables.View // by which the tables are read
	Manifest *manifest.Manifest
	SHA256   string // of the manifest's bytes
	bytes    []byte
	steps    []step // those before it, the oldest first
}

// step is the manifest of an earlier step, as it was.
type step struct {
	kind  string
	sum   string
	bytes []byte
}

// Open reads what a folder says of itself. The error is ErrFolder.
func Open(dir string) (*Opened, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() { // a pipe would make us wait
		return nil, fmt.Errorf("%w: %s: not a directory", ErrFolder, text.Escape(dir))
	}
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	defer root.Close() //nolint:errcheck // only read
	o := &Opened{Dir: dir, View: tables.NewView()}
	if o.bytes, o.Manifest, err = readManifest(root, manifest.Name); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFolder, text.Escape(dir), err)
	}
	if o.Manifest.Live != nil {
		if err := o.grown(); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFolder, text.Escape(dir), err)
		}
	}
	o.SHA256 = sumOf(o.bytes)
	for _, f := range o.Manifest.Files {
		if !IsStep(f.Path) {
			continue
		}
		if len(o.steps) == maxSteps {
			return nil, fmt.Errorf("%w: %s: more than %d steps", ErrFolder, text.Escape(dir), maxSteps)
		}
		data, m, err := readManifest(root, f.Path)
		if err == nil && sumOf(data) != f.SHA256 {
			err = fmt.Errorf("%s is not what %s lists", text.Escape(f.Path), manifest.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFolder, text.Escape(dir), err)
		}
		o.steps = append(o.steps, step{kind: kindOf(m), sum: f.SHA256, bytes: data})
	}
	return o, nil
}

// grown takes the manifest of live tables as it is with what their ledger lists.
func (o *Opened) grown() error {
	wrong, err := o.View.Whole(o.Dir, o.Manifest)
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("%s: %s; pcapmill verify says more", manifest.Name, wrong[0])
	}
	if err != nil {
		return err
	}
	o.bytes, err = o.Manifest.Encode()
	return err
}

func readManifest(root *os.Root, name string) ([]byte, *manifest.Manifest, error) {
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("no %s: not a finished folder", text.Escape(name))
	case err != nil:
		return nil, nil, err
	case !info.Mode().IsRegular(): // a pipe would make us wait
		return nil, nil, fmt.Errorf("%s is no regular file", text.Escape(name))
	case info.Size() > manifest.MaxBytes:
		return nil, nil, fmt.Errorf("%s: %w", text.Escape(name), manifest.ErrTooLarge)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, manifest.MaxBytes))
	if err != nil {
		return nil, nil, err
	}
	m, err := manifest.Decode(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", text.Escape(name), err)
	}
	return data, m, nil
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Kind is what the folder is: Run, or what Spec.Kind was.
func (o *Opened) Kind() string { return kindOf(o.Manifest) }

func kindOf(m *manifest.Manifest) string {
	if m.Kind == "" {
		return Run
	}
	return m.Kind
}

// AsOf returns the folder as a step was made of it: itself, or of live tables that have grown since,
// as they were at the record that the step's own copy of their manifest names. It is nil where the
// step was made of something else. The error is ErrFolder.
func (o *Opened) AsOf(made *Opened) (*Opened, error) {
	if made.madeOf(o.SHA256) {
		return o, nil
	}
	if o.Manifest.Live == nil {
		return nil, nil
	}
	for i := range made.steps {
		if s := &made.steps[i]; made.madeOf(s.sum) {
			was, err := o.before(s)
			if was != nil || err != nil {
				return was, err
			}
		}
	}
	return nil, nil
}

// madeOf reports whether the folder names a manifest with this hash as a source.
func (o *Opened) madeOf(sum string) bool {
	return slices.ContainsFunc(o.Manifest.Sources, func(s manifest.Source) bool { return s.SHA256 == sum })
}

// before returns live tables as they were when their manifest was that of a step; nil where the
// ledger says that they never were so.
func (o *Opened) before(s *step) (*Opened, error) {
	m, err := manifest.Decode(s.bytes)
	if err != nil || m.Live == nil || m.PlanID != o.Manifest.PlanID || m.Live.Records > o.Manifest.Live.Records {
		return nil, nil
	}
	view, said := tables.NewView(), *m
	view.Hold(o.Dir, m.Live.Records, m.Live.Head)
	wrong, err := view.Whole(o.Dir, &said)
	switch {
	case errors.Is(err, livefolder.ErrAnother):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w: %s: %w", ErrFolder, text.Escape(o.Dir), err)
	case len(wrong) > 0 || identity(m) != identity(&said) || !slices.EqualFunc(m.Tables, said.Tables, sameParts):
		return nil, nil
	}
	return &Opened{Dir: o.Dir, View: view, Manifest: m, SHA256: s.sum, bytes: s.bytes, steps: o.steps}, nil
}

func sameParts(a, b manifest.Table) bool { return a.Name == b.Name && slices.Equal(a.Parts, b.Parts) }

// Steps returns the manifests of the steps before this folder's, the oldest first, each once.
func (o *Opened) Steps() ([]*manifest.Manifest, error) {
	all := make([]*manifest.Manifest, len(o.steps))
	for i := range o.steps {
		var err error
		if all[i], err = manifest.Decode(o.steps[i].bytes); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFolder, err)
		}
	}
	return all, nil
}

// StepSums returns the SHA-256 of the manifests that Steps returns.
func (o *Opened) StepSums() []string {
	sums := make([]string, len(o.steps))
	for i := range o.steps {
		sums[i] = o.steps[i].sum
	}
	return sums
}

// Table returns the table of a name, and whether the folder has it.
func (o *Opened) Table(name string) (*manifest.Table, bool) {
	for i := range o.Manifest.Tables {
		if t := &o.Manifest.Tables[i]; t.Name == name {
			return t, true
		}
	}
	return nil, false
}

// Path returns where a table, or with a partition such as split=train a part of it, is.
func (o *Opened) Path(table, partition string) string {
	return filepath.Join(o.Dir, table, partition)
}

// Read hands over the rows of a table as tables.Read does.
func (o *Opened) Read(ctx context.Context, table string, pick func(*column.Schema) ([]string, error), take func(*batch.Batch) error) error {
	return o.View.Read(ctx, o.Path(table, ""), pick, take)
}

// Partitions returns the partitions of a table, such as split=train, in the order in which its
// parts are read; none where its parts are in none.
func (o *Opened) Partitions(table string) []string {
	t, ok := o.Table(table)
	if !ok {
		return nil
	}
	var names []string
	for _, p := range t.Parts {
		inside := strings.TrimPrefix(path.Dir(p.Path), table)
		if name := strings.TrimPrefix(inside, "/"); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Source is the folder as the source of a later step, in the role that it has there.
func (o *Opened) Source(role string) Source {
	s := Source{identity: identity(o.Manifest), steps: append(slices.Clone(o.steps), step{kind: o.Kind(), sum: o.SHA256, bytes: o.bytes})}
	s.Source = manifest.Source{Role: role, SHA256: o.SHA256, Bytes: int64(len(o.bytes)), Format: o.Kind()}
	s.SetPath(o.Dir)
	return s
}

// identity is the hash of what decides the bytes of a folder's tables: its run_id, and of a run
// the names of its captures, which rules can ask for. Where the folder lay, and where that of
// which it was made, is not in it, so that a step done again elsewhere has the same plan. It is
// empty where there is no run_id.
func identity(m *manifest.Manifest) string {
	if m.RunID == "" || len(m.Inputs) == 0 {
		return m.RunID
	}
	sums := []string{m.RunID}
	for i := range m.Inputs {
		sums = append(sums, sumOf([]byte(m.Inputs[i].Path)))
	}
	return manifest.RunID(m.PlanID, sums)
}
