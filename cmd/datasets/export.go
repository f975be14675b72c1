package datasets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
	"pcapmill/datasets/leak"
	"pcapmill/datasets/pack"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
	"pcapmill/outputs/parts"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// Names of the files of a package, beside its tables.
const (
	CardName       = "README.md"
	RecipeName     = "recipe.json"
	SumsName       = "SHA256SUMS"
	MetaName       = "meta.yaml"
	croissantName  = "croissant.json"
	citationName   = "CITATION.cff"
	reportName     = "report.html"
	columnsName    = "columns.md"
	dictionaryName = "dictionary.json"
	leakageName    = "leakage.json"
)

// ownNames are those that no file of a dataset may have.
var ownNames = []string{CardName, RecipeName, SumsName, MetaName, croissantName, citationName, reportName, columnsName, dictionaryName, leakageName}

// Roles of what a package is made of.
const (
	RoleDataset = "dataset"
	RoleMeta    = "meta"
)

// Export says what is packed, and how.
type Export struct {
	Dataset string
	Out     string
	Meta    string // path of a meta.yaml; empty: none
	License string // instead of meta.yaml's; empty: that
	Title   string // the same
	Version string // the same
	CSV     bool   // a copy of data as CSV too
	Arrow   bool   // a copy as Arrow IPC too
	Keys    bool   // the table of keys too
	Check   bool   // look for leaks, and say what is found
	Force   bool
	Tool    manifest.Tool
	Command []string // for execution.json
	Again   []string // for manifest.json and recipe.json
}

// Exported is what came of it.
type Exported struct {
	Nothing bool // the folder has this result already
	Plan    string
	Rows    int64
	Files   int
	Notes   []string // what a reader of the package should know
}

// Run makes a package. Errors are folder.ErrFolder, pack.ErrDataset, pack.ErrMeta, pack.ErrRecipe,
// those of tables and of publishing.
func (e *Export) Run(ctx context.Context) (*Exported, error) {
	o, err := folder.Open(e.Dataset)
	if err != nil {
		return nil, err
	}
	if o.Kind() != build.Kind {
		return nil, fmt.Errorf("%w: %s is a folder of kind %s; dataset build makes one", pack.ErrDataset, text.Escape(e.Dataset), text.Escape(o.Kind()))
	}
	w := &export{Export: e, ctx: ctx, o: o}
	if err := w.prepare(); err != nil {
		return nil, err
	}
	if w.out, err = folder.Create(e.Out, w.spec); err != nil {
		return nil, err
	}
	if w.out == nil {
		return &Exported{Nothing: true}, nil
	}
	if err := w.write(); err != nil {
		return nil, errors.Join(err, w.out.Abort())
	}
	return &Exported{Plan: w.out.Plan(), Rows: w.facts.Survey.Rows, Files: len(w.out.Files()), Notes: w.notes}, nil
}

// export is one package in the making.
type export struct {
	*Export
	ctx    context.Context
	o      *folder.Opened
	spec   folder.Spec
	facts  *pack.Facts
	recipe *pack.Recipe // nil: it cannot be made again
	meta   []byte       // as it was read
	out    *folder.Folder
	leaks  *leak.Report // nil: nobody looked
	notes  []string
}

func (w *export) note(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

// prepare reads what there is to say, and decides the plan.
func (w *export) prepare() error {
	meta, err := w.readMeta()
	if err != nil {
		return err
	}
	survey, err := pack.Look(w.ctx, w.o)
	if err != nil {
		return err
	}
	if w.facts, err = pack.Gather(w.o, meta, survey); err != nil {
		return err
	}
	if w.recipe, err = pack.MakeRecipe(w.o); errors.Is(err, pack.ErrRecipe) {
		w.note("the package cannot be rebuilt: %v", err)
	} else if err != nil {
		return err
	}
	w.spec = folder.Spec{
		Reads: []string{w.Dataset},
		Kind:  pack.Kind, Tool: w.Tool, Force: w.Force, Command: w.Command, Again: w.Again, Parquet: parquetfile.DefaultConfig(),
		Options: map[string]string{
			"csv": strconv.FormatBool(w.CSV), "arrow": strconv.FormatBool(w.Arrow), "keys": strconv.FormatBool(w.Keys), "check": strconv.FormatBool(w.Check),
			"license": w.License, "title": w.Title, "version": w.Version,
		},
		Sources: []folder.Source{w.o.Source(RoleDataset)}, TablesPlan: w.o.Manifest.PlanID, // words change no table
	}
	if w.meta != nil {
		w.spec.Sources = append(w.spec.Sources, folder.FileSource(RoleMeta, w.Meta, "yaml", pack.Sum(w.meta), int64(len(w.meta))))
	}
	return nil
}

func (w *export) readMeta() (meta *pack.Meta, err error) {
	meta = new(pack.Meta)
	if w.Meta != "" {
		if meta, w.meta, err = pack.ReadMeta(w.Meta); err != nil {
			return nil, err
		}
	}
	instead(meta, w.License, w.Title, w.Version)
	return meta, meta.Validate()
}

// instead puts what options say in the place of what a meta.yaml says.
func instead(m *pack.Meta, license, title, version string) {
	if license != "" && license != m.License {
		m.LicenseURL = "" // it is the other one's
	}
	m.License, m.Title, m.Version = cmp.Or(license, m.License), cmp.Or(title, m.Title), cmp.Or(version, m.Version)
}

// write fills the folder: tables first, then what is said of them, then the sums.
func (w *export) write() error {
	for i := range w.o.Manifest.Tables {
		if t := &w.o.Manifest.Tables[i]; t.Name != build.Keys || w.Keys {
			if err := w.table(t); err != nil {
				return err
			}
		}
	}
	if err := w.others(); err != nil {
		return err
	}
	if err := w.check(); err != nil {
		return err
	}
	if w.meta != nil {
		if err := w.file(MetaName, w.meta); err != nil {
			return err
		}
	}
	if err := w.writeRecipe(); err != nil {
		return err
	}
	if err := w.documents(); err != nil {
		return err
	}
	if err := w.file(SumsName, pack.Sums(w.out.Files())); err != nil {
		return err
	}
	return w.out.Finish(w.notes)
}

// table copies a table, by its partitions, and data as text and Arrow too.
func (w *export) table(t *manifest.Table) error {
	partitions := w.o.Partitions(t.Name)
	if len(partitions) == 0 {
		partitions = []string{""}
	}
	copies := []struct{ name, format string }{{t.Name, parts.Parquet}}
	if t.Name == build.Data && w.CSV {
		copies = append(copies, struct{ name, format string }{parts.CSV, parts.CSV})
	}
	if t.Name == build.Data && w.Arrow {
		copies = append(copies, struct{ name, format string }{parts.Arrow, parts.Arrow})
	}
	for _, partition := range partitions {
		key, value, _ := strings.Cut(partition, "=")
		for _, c := range copies {
			if err := w.copy(t, c.name, c.format, partition, key, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *export) copy(t *manifest.Table, name, format, partition, key, value string) error {
	var to *folder.Writer
	plan := func(s *column.Schema) ([]string, error) {
		if to != nil {
			return nil, nil
		}
		named := *s
		named.Table = t.Name
		var err error
		to, err = w.out.TableAs(&named, name, format, key, value)
		return nil, err
	}
	err := tables.Read(w.ctx, w.o.Path(t.Name, partition), plan, func(b *batch.Batch) error { return to.Write(b) })
	if err != nil {
		return err
	}
	return to.Close()
}

// others copies the files that stand beside the dataset's tables: scalers, its own report. The
// manifests of steps are written by the folder.
func (w *export) others() error {
	for i := range w.o.Manifest.Files {
		f := &w.o.Manifest.Files[i]
		if folder.IsStep(f.Path) {
			continue
		}
		if slices.Contains(ownNames, f.Path) || strings.Contains(f.Path, "/") {
			return fmt.Errorf("%w: its file %s has a name that a package needs", pack.ErrDataset, text.Escape(f.Path))
		}
		data, err := pack.ReadListed(w.o, f)
		if err == nil {
			err = w.file(f.Path, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *export) file(name string, data []byte) error {
	return w.out.File(name, func(to io.Writer) error {
		_, err := to.Write(data)
		return err
	})
}

// check looks for leaks between splits.
func (w *export) check() (err error) {
	if !w.Check {
		return nil
	}
	if w.leaks, err = leaksOf(w.ctx, w.o); err != nil || w.leaks == nil {
		return err
	}
	if !w.Keys {
		w.leaks.WithoutKeys()
	}
	w.facts.Checked = pack.CheckedOf(w.leaks)
	if w.facts.Checked.Findings > 0 {
		w.note("dataset check: %s; see %s", w.facts.Checked.Headline, leakageName)
	}
	failOn, err := leak.ParseFailure("error")
	if err != nil {
		return err
	}
	return w.out.File(leakageName, func(to io.Writer) error { return leak.WriteJSON(to, w.leaks, failOn) })
}

// leaksOf is what `dataset check` finds in a dataset; nil where there are no splits to compare.
func leaksOf(ctx context.Context, o *folder.Opened) (*leak.Report, error) {
	if len(o.Partitions(build.Data)) < 2 {
		return nil, nil
	}
	d, err := leak.Open(o.Dir)
	if err != nil {
		return nil, err
	}
	return leak.Check(ctx, d, leak.DefaultConfig())
}

// writeRecipe writes how the package is made again, its own step included.
func (w *export) writeRecipe() error {
	if w.recipe == nil || len(w.Again) == 0 {
		return nil
	}
	steps := &w.recipe.Steps
	last := pack.Step{
		Name: fmt.Sprintf("%02d-%s", len(*steps)+1, pack.Kind), Kind: pack.Kind, Tool: w.Tool.Build(), Again: w.Again,
		Inputs: []pack.Input{{Role: RoleDataset, Step: (*steps)[len(*steps)-1].Name, Format: build.Kind}},
	}
	if w.meta != nil {
		last.Inputs = append(last.Inputs, pack.Input{Role: RoleMeta, Name: MetaName, SHA256: pack.Sum(w.meta), Bytes: int64(len(w.meta)), Format: "yaml"})
	}
	last.Tables = pack.TableHashes(&manifest.Manifest{Tables: w.out.Tables()})
	*steps = append(*steps, last)
	data, err := w.recipe.Encode()
	if err != nil {
		return err
	}
	w.facts.Recipe = pack.Sum(data)
	return w.file(RecipeName, data)
}

// documents writes what people and catalogues read. Croissant comes last: it lists the others.
func (w *export) documents() error {
	f := w.facts
	f.Describe(w.out.Files())
	dictionary, err := f.Dictionary()
	if err != nil {
		return err
	}
	err = errors.Join(w.file(dictionaryName, dictionary), w.file(columnsName, f.Columns()), w.out.File(reportName, f.Report), w.file(CardName, f.Card()))
	if err != nil {
		return err
	}
	if cite, ok := f.Citation(); ok {
		if err := w.file(citationName, cite); err != nil {
			return err
		}
	} else {
		w.note("no %s: its format asks for authors, and nobody names them", citationName)
	}
	if missing := f.Meta.Missing(); len(missing) > 0 {
		w.note("nobody has said: %s; name them in the file of --meta", strings.Join(missing, ", "))
	}
	f.Describe(w.out.Files())
	croissant, err := f.Croissant()
	if err != nil {
		return err
	}
	return w.file(croissantName, croissant)
}

// Card returns the card of any dataset or package; check looks for leaks in it.
func Card(ctx context.Context, dir, meta string, check bool) ([]byte, error) {
	o, err := folder.Open(dir)
	if err != nil {
		return nil, err
	}
	m, err := metaOf(o, meta)
	if err != nil {
		return nil, err
	}
	survey, err := pack.Look(ctx, o)
	if err != nil {
		return nil, err
	}
	f, err := pack.Gather(o, m, survey)
	if err != nil {
		return nil, err
	}
	leaks, err := ownOf(o, f)
	if err == nil && check {
		leaks, err = leaksOf(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	if leaks != nil {
		f.Checked = pack.CheckedOf(leaks)
	}
	return f.Card(), nil
}

// ownOf adds what only a package has, its recipe, and returns what was found when it was made; nil where
// nobody looked.
func ownOf(o *folder.Opened, f *pack.Facts) (leaks *leak.Report, err error) {
	if o.Kind() != pack.Kind {
		return nil, nil
	}
	for i := range o.Manifest.Files {
		switch file := &o.Manifest.Files[i]; file.Path {
		case RecipeName:
			f.Recipe = file.SHA256
		case leakageName:
			data, err := pack.ReadListed(o, file)
			if err != nil {
				return nil, err
			}
			if leaks, err = leak.ReadJSON(data); err != nil {
				return nil, err
			}
		}
	}
	return leaks, nil
}

// metaOf is what the makers of a dataset say of it: in a file that is named, or of a package in its own, which
// can be a stranger's.
func metaOf(o *folder.Opened, path string) (*pack.Meta, error) {
	if path != "" {
		m, _, err := pack.ReadMeta(path)
		return m, err
	}
	m := new(pack.Meta)
	if o.Kind() != pack.Kind {
		return m, nil
	}
	if i := slices.IndexFunc(o.Manifest.Files, func(f manifest.File) bool { return f.Path == MetaName }); i >= 0 {
		data, err := pack.ReadListed(o, &o.Manifest.Files[i])
		if err != nil {
			return nil, err
		}
		if m, err = pack.ParseMeta(data); err != nil {
			return nil, err
		}
	}
	instead(m, o.Manifest.Options["license"], o.Manifest.Options["title"], o.Manifest.Options["version"])
	return m, m.Validate()
}

// readOwn reads a file of a package, which can be a stranger's: no link leads elsewhere, and no pipe
// makes us wait.
func readOwn(path string) ([]byte, error) {
	const most = 64 << 20
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", text.Escape(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("%s: more than %d bytes", text.Escape(path), most)
	}
	return data, err
}
