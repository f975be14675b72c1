package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
)

// folder is an output folder under verification.
type folder struct {
	cfg    Config
	root   *os.Root
	report Report
	m      *manifest.Manifest
	sums   []flowSums        // one a part of the flows table
	flows  []string          // their paths
	spans  []livefolder.Span // the sessions, of a folder of live tables
	view   livefolder.View   // the folder, as its ledger was read
}

// Folder verifies the output folder dir. The error is ErrNoDataset, a failure to
// read the folder itself, or the context's; whatever is wrong inside is in the
// Report.
func Folder(ctx context.Context, dir string, cfg Config) (Report, error) {
	if err := cfg.Validate(); err != nil {
		return Report{}, err
	}
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		return Report{}, err
	}
	defer root.Close()
	f := &folder{cfg: cfg, root: root}
	if err := f.readManifest(); err != nil {
		return Report{}, fmt.Errorf("%s: %w", text.Escape(dir), err)
	}
	if f.m == nil {
		return f.report, nil
	}
	f.checkExecution()
	if f.m.Live != nil && !f.readLedger() {
		return f.report, nil
	}
	if err := f.checkParts(ctx); err != nil {
		return f.report, err
	}
	switch {
	case f.m.Live != nil:
		f.checkSessions()
	case f.m.Kind == "": // else no packets were read
		f.checkFlows()
		f.checkAccounting()
		f.checkErrors()
	}
	f.checkSelf()
	f.checkTree()
	return f.report, nil
}

func (f *folder) find(check, path, format string, args ...any) {
	f.report.find(f.cfg.MaxFinds, Finding{check, path, fmt.Sprintf(format, args...)})
}

// readManifest reads manifest.json. Damage is a finding, absence an error.
func (f *folder) readManifest() error {
	h, err := openRegular(f.root, manifest.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoDataset
	}
	if err != nil {
		return err
	}
	defer h.Close()
	f.m, err = manifest.Read(h)
	if err != nil {
		f.find(CheckManifest, manifest.Name, "%v", err)
	}
	f.report.Manifest = f.m
	return nil
}

// checkExecution looks at execution.json where it is there: it may be left out
// when a dataset is handed on, since it names people and machines.
func (f *folder) checkExecution() {
	h, err := openRegular(f.root, manifest.ExecutionName)
	if errors.Is(err, fs.ErrNotExist) {
		f.report.Unchecked = append(f.report.Unchecked, manifest.ExecutionName+" is not there")
		return
	}
	if err != nil {
		f.find(CheckExecution, manifest.ExecutionName, "%v", err)
		return
	}
	defer h.Close()
	e, err := manifest.ReadExecution(h)
	switch {
	case err != nil:
		f.find(CheckExecution, manifest.ExecutionName, "%v", err)
	case e.PlanID != f.m.PlanID || e.RunID != f.m.RunID: // of live tables it is empty in both
		f.find(CheckExecution, manifest.ExecutionName, "is of run %q, the manifest of %q", e.RunID, f.m.RunID)
	}
}

// checkParts reads every listed file, several at a time; findings keep the
// manifest's order.
func (f *folder) checkParts(ctx context.Context) error {
	parts := f.listed()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(f.cfg.Workers)
	for i := range parts {
		group.Go(func() error { return parts[i].verify(ctx, f.root) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range parts {
		f.report.find(f.cfg.MaxFinds, parts[i].found...)
		f.report.Bytes += parts[i].read
		f.report.Rows += parts[i].counted
		if parts[i].unchecked != "" {
			f.report.Unchecked = append(f.report.Unchecked, parts[i].unchecked)
		}
		if parts[i].has(flowsTable) {
			f.sums, f.flows = append(f.sums, parts[i].sums), append(f.flows, parts[i].path)
		}
	}
	return nil
}

// listed returns every file that the manifest lists, and checks the tables' sums.
func (f *folder) listed() []part {
	var parts []part
	for i := range f.m.Tables {
		t := &f.m.Tables[i]
		var rows int64
		for _, p := range t.Parts {
			rows += p.Rows
			parts = append(parts, part{
				table: t.Name, path: p.Path, rows: p.Rows, bytes: p.Bytes, sha256: p.SHA256,
				schema: t.SchemaSHA256, plan: cmp.Or(t.PlanID, f.m.PlanID),
			})
		}
		if t.File == "" && rows != t.Rows {
			f.find(CheckRows, t.Name, "the table lists %d rows, its parts %d", t.Rows, rows)
		}
	}
	f.report.Tables, f.report.Parts = len(f.m.Tables), len(parts)
	for _, file := range f.m.Files {
		p := part{path: file.Path, bytes: file.Bytes, sha256: file.SHA256, tables: inDatabase(f.m, file.Path), plan: f.m.PlanID}
		if len(p.tables) > 0 {
			f.report.Parts++
		}
		parts = append(parts, p)
	}
	return parts
}

// openRegular opens a regular file: a pipe would make us wait, a link could be
// another's file.
func openRegular(root *os.Root, name string) (*os.File, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", name)
	}
	return root.Open(name)
}
