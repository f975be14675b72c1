package folder

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/parts"
	"pcapmill/outputs/publish"
)

// Source is what a folder was made of.
type Source struct {
	manifest.Source
	identity string // of folders: hash of what decides their tables, wherever they lay; empty: the SHA256
	steps    []step // of folders
}

// id is the hash of what decides the bytes that the source has.
func (s *Source) id() string { return cmp.Or(s.identity, s.SHA256) }

// FileSource is a file of that format as the source of a step.
func FileSource(role, path, format, sha256 string, bytes int64) Source {
	s := Source{Source: manifest.Source{Role: role, SHA256: sha256, Bytes: bytes, Format: format}}
	s.SetPath(path)
	return s
}

// Spec says what a folder will be.
type Spec struct {
	Kind    string            // such as labels; not empty
	Options map[string]string // all that changes a byte of the tables and files, after defaults
	Sources []Source          // in the order that counts
	Tool    manifest.Tool
	Reads   []string // paths that it is made from, which must not be in it: what is there is removed
	Force   bool     // whether a finished folder of another plan is replaced
	Command []string // for execution.json: how it was asked for
	Again   []string // for manifest.json: the command that does the same, without sources and folder
	Parquet parquetfile.Config

	TablesPlan string // plan_id of the tables, where they are copied from a folder of that plan; empty: this one's
}

// plan is the hash of all that decides the bytes.
func (s *Spec) plan() string {
	options := maps.Clone(s.Options)
	if options == nil {
		options = map[string]string{}
	}
	options["(kind)"] = s.Kind
	for i, src := range s.Sources {
		options[fmt.Sprintf("(source %d)", i)] = src.Role + " " + src.Format + " " + src.id()
	}
	options["(parquet)"] = strconv.Itoa(s.Parquet.PartRows) + " " + strconv.Itoa(s.Parquet.RowGroupRows) + " " + s.Parquet.Codec
	return manifest.PlanID(options, nil, s.Tool.Build())
}

// Folder is a folder in the making. It belongs to one goroutine, but for its Writers.
type Folder struct {
	spec    Spec
	plan    string
	path    string       // of the output folder
	dir     *publish.Dir // nil: what is at path is replaced by the first file that is written
	status  publish.Status
	started time.Time
	tables  []*table
	files   []manifest.File
	checks  []manifest.SelfCheck
}

// table is one table, in one folder or in its partitions.
type table struct {
	schema  *column.Schema
	folder  *publish.Table
	writers []*Writer
}

// Writer writes a table, or a partition of it.
type Writer struct{ *parts.Writer }

// Create opens an output folder. Where it is finished for the same plan there is nothing to do,
// and both results are nil. What Force replaces is there until something is written. Errors are ErrInput
// and those of publish.Open. The caller ends with Finish or Abort.
func Create(dir string, s Spec) (*Folder, error) {
	if err := spare(dir, s.Reads); err != nil {
		return nil, err
	}
	f := &Folder{spec: s, plan: s.plan(), path: dir, started: time.Now()}
	var err error
	f.dir, f.status, err = publish.Open(dir, f.owner(false))
	switch {
	case s.Force && errors.Is(err, publish.ErrOther):
		f.dir = nil
		return f, nil
	case err != nil:
		return nil, err
	case f.status.State == publish.Complete || f.status.State == publish.SamePlan:
		if err := f.dir.Abort(); err != nil || !s.Force {
			return nil, err
		}
		f.dir = nil
	}
	return f, nil
}

func (f *Folder) owner(force bool) publish.Owner {
	return publish.Owner{PlanID: f.plan, RunKey: manifest.RunKey(f.plan, nil), Force: force}
}

// take removes what the folder replaces, where that is still there.
func (f *Folder) take() error {
	if f.dir != nil {
		return nil
	}
	dir, status, err := publish.Open(f.path, f.owner(true))
	if err != nil {
		return err
	}
	if status.State == publish.Complete || status.State == publish.SamePlan {
		if status, err = dir.Replace(); err != nil {
			return errors.Join(err, dir.Abort())
		}
	}
	f.dir, f.status = dir, status
	return nil
}

// Plan is the hash of all that decides the folder's bytes.
func (f *Folder) Plan() string { return f.plan }

// Table starts a table in Parquet, or a partition of it, such as split and train; with an empty
// key the table has none. Partitions of a table have the same schema.
func (f *Folder) Table(schema *column.Schema, key, value string) (*Writer, error) {
	return f.TableAs(schema, schema.Table, parts.Parquet, key, value)
}

// TableAs is Table for one of parts.Formats, in a folder of its own name.
func (f *Folder) TableAs(schema *column.Schema, name, format, key, value string) (*Writer, error) {
	t, err := f.table(schema, name)
	if err != nil {
		return nil, err
	}
	var where parts.Folder = t.folder
	if key != "" {
		if where, err = t.folder.Partition(key, value); err != nil {
			return nil, err
		}
	}
	c := parts.Config{Format: format, Parquet: f.spec.Parquet, Meta: map[string]string{"plan_id": cmp.Or(f.spec.TablesPlan, f.plan)}}
	w := &Writer{parts.New(where, schema, c)}
	t.writers = append(t.writers, w)
	return w, nil
}

func (f *Folder) table(schema *column.Schema, name string) (*table, error) {
	for _, t := range f.tables {
		if t.folder.Name() != name {
			continue
		}
		if t.schema.Hash() != schema.Hash() {
			return nil, fmt.Errorf("table %s: partitions of other columns", name)
		}
		return t, nil
	}
	if err := f.take(); err != nil {
		return nil, err
	}
	made, err := f.dir.Table(name)
	if err != nil {
		return nil, err
	}
	t := &table{schema: schema, folder: made}
	f.tables = append(f.tables, t)
	return t, nil
}

// File writes a file beside the tables. Its name has no folders in it.
func (f *Folder) File(name string, write func(io.Writer) error) error {
	if err := f.take(); err != nil {
		return err
	}
	file, err := f.dir.Create(name)
	if err != nil {
		return err
	}
	defer file.Abort()
	if err := write(file); err != nil {
		return err
	}
	done, err := file.Commit(nil)
	if err == nil {
		f.files = append(f.files, manifest.File(done))
	}
	return err
}

// Files returns what was written so far, in order: files, and parts of tables that are closed.
func (f *Folder) Files() []manifest.File {
	all := slices.Clone(f.files)
	for _, t := range f.entries() {
		for _, p := range t.Parts {
			all = append(all, manifest.File{Path: p.Path, Bytes: p.Bytes, SHA256: p.SHA256})
		}
	}
	return all
}

// Tables returns the tables written so far, whose parts are closed, as the manifest will have them.
func (f *Folder) Tables() []manifest.Table { return f.entries() }

// Check notes an equation that must hold: verify looks at it again, and OK has its outcome.
func (f *Folder) Check(name string, want, got int64) (ok bool) {
	c := manifest.NewSelfCheck(name, want, got)
	f.checks = append(f.checks, c)
	return c.OK
}

// entries are the tables' places in the manifest; parts come as they are read, by their names.
func (f *Folder) entries() []manifest.Table {
	all := make([]manifest.Table, len(f.tables))
	for i, t := range f.tables {
		all[i] = manifest.Table{Name: t.folder.Name(), SchemaSHA256: t.schema.Hash(), PlanID: f.spec.TablesPlan}
		for _, w := range t.writers {
			for _, p := range w.Parts() {
				all[i].Rows += p.Rows
				all[i].Parts = append(all[i].Parts, p)
			}
		}
		slices.SortFunc(all[i].Parts, func(a, b manifest.Part) int { return strings.Compare(a.Path, b.Path) })
	}
	return all
}
