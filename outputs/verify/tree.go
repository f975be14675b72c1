package verify

import (
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
)

// checkTree walks the folder for parts that are not listed and for modes that let
// others in.
func (f *folder) checkTree() {
	listed := map[string]bool{manifest.Name: true, manifest.ExecutionName: true}
	tables := map[string]bool{}
	for i := range f.m.Tables {
		tables[f.m.Tables[i].Name] = f.m.Tables[i].File == ""
		for _, p := range f.m.Tables[i].Parts {
			listed[p.Path] = true
		}
	}
	for _, file := range f.m.Files {
		listed[file.Path] = true
	}
	_ = fs.WalkDir(f.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && f.went(err):
			return nil
		case err != nil:
			f.find(CheckUnreadable, name, "%v", err)
			return nil
		}
		if f.place(name, e, listed, tables) {
			f.checkMode(name, e)
		}
		return nil
	})
}

// place decides what a name is doing in the folder, and whether it is the run's.
func (f *folder) place(name string, e fs.DirEntry, listed, tables map[string]bool) bool {
	table, _, inside := strings.Cut(name, "/")
	switch {
	case name == "." || listed[name] || tables[name]:
		return true
	case e.IsDir() && inside && !f.ofLive(name, e):
		return tables[table]
	case publish.IsOwn(path.Base(name)): // harmless: no reader takes it for a part
		f.other(name)
	case f.m.Live != nil && f.ofLive(name, e):
		return true
	case inside && (tables[table] || strings.HasPrefix(path.Base(name), "part-")):
		f.find(CheckStray, name, "is not listed")
	case f.replayed(name):
		f.find(CheckStray, name, "SQLite may put what it holds into the database before it reads it")
	case !inside:
		f.other(name)
	}
	return false
}

// replayed reports whether a name is that of a journal of a database: what opens the database
// takes it for a transaction that was cut off, and shows other rows than those that were hashed.
func (f *folder) replayed(name string) bool {
	for _, ending := range []string{"-journal", "-wal"} {
		file, ok := strings.CutSuffix(name, ending)
		if ok && file != "" && slices.ContainsFunc(f.m.Tables, func(t manifest.Table) bool { return t.File == file }) {
			return true
		}
	}
	return false
}

func (f *folder) other(name string) {
	if len(f.report.Others) <= f.cfg.MaxFinds {
		f.report.Others = append(f.report.Others, name)
	}
}

// checkMode asks that nobody else may read or write what packets carried.
func (f *folder) checkMode(name string, e fs.DirEntry) {
	if f.cfg.AnyMode || runtime.GOOS == "windows" {
		return
	}
	info, err := e.Info()
	switch {
	case err != nil && f.went(err):
		return
	case err != nil:
		f.find(CheckUnreadable, name, "%v", err)
		return
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 {
		f.find(CheckMode, name, "mode %04o lets others in", perm)
	}
}
