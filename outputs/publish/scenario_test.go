package publish_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/publish/faultfs"
)

// tempDir returns an empty folder, in memory where the system has such a place:
// these tests make thousands of files and wait for no disk.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pcapmill-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// A run of the tests: two tables, one of two parts, and a file.
type run struct {
	plan, key string
	sha       string // of its one input
	files     map[string][]byte
}

func newRun(name string) run {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	content := func(file string, n int) []byte { return bytes.Repeat([]byte(name+" "+file+"\n"), n) }
	return run{
		plan: hash("plan " + name), key: hash("key " + name), sha: hash("input " + name),
		files: map[string][]byte{
			"dns/part-00000.parquet":   content("dns 0", 10),
			"flows/part-00000.parquet": content("flows 0", 20000), // several writes
			"flows/part-00001.parquet": content("flows 1", 3),
			"errors.pcapng":            content("errors", 1),
		},
	}
}

func (r run) owner(force bool) publish.Owner {
	return publish.Owner{PlanID: r.plan, RunKey: r.key, Force: force}
}

// into writes the run, or finds that there is nothing to do.
func (r run) into(fsys publish.FS, path string, force bool) (publish.State, error) {
	d, status, err := publish.OpenFS(fsys, path, r.owner(force))
	if err != nil {
		return status.State, err
	}
	defer d.Abort()
	if status.State == publish.Complete {
		return status.State, nil
	}
	return status.State, r.fill(d)
}

func (r run) fill(d *publish.Dir) error {
	m, err := r.tables(d)
	if err != nil {
		return err
	}
	return d.Finish(m, &manifest.Execution{})
}

// tables writes everything but the documents.
func (r run) tables(d *publish.Dir) (*manifest.Manifest, error) {
	m := &manifest.Manifest{PlanID: r.plan, RunID: manifest.RunID(r.plan, []string{r.sha})}
	m.Tool.Name = manifest.ToolName
	m.Inputs = []manifest.Input{{Path: "a.pcap", SHA256: r.sha, Outcome: manifest.Complete}}
	for _, table := range []string{"dns", "flows"} {
		t, err := d.Table(table)
		if err != nil {
			return nil, err
		}
		entry := manifest.Table{Name: table, SchemaSHA256: r.sha}
		for n := 0; r.files[partPath(table, n)] != nil; n++ {
			f, err := t.Part(n, "parquet")
			if err != nil {
				return nil, err
			}
			p, err := write(f, r.files[partPath(table, n)])
			if err != nil {
				return nil, err
			}
			entry.Parts = append(entry.Parts, manifest.Part{Path: p.Path, Bytes: p.Bytes, SHA256: p.SHA256})
		}
		m.Tables = append(m.Tables, entry)
	}
	f, err := d.Create("errors.pcapng")
	if err != nil {
		return nil, err
	}
	p, err := write(f, r.files["errors.pcapng"])
	if err != nil {
		return nil, err
	}
	m.Files = append(m.Files, manifest.File(p))
	return m, nil
}

func partPath(table string, n int) string {
	return table + "/part-0000" + string(rune('0'+n)) + ".parquet"
}

func write(f *publish.File, data []byte) (publish.Published, error) {
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return publish.Published{}, err
	}
	return f.Commit(nil)
}

// open returns the folder under a hook.
func open(t testing.TB, dir string, hook faultfs.Hook) *faultfs.FS {
	t.Helper()
	return openOrDie(dir, hook)
}

func openOrDie(dir string, hook faultfs.Hook) *faultfs.FS {
	fsys, _, err := publish.OpenOS(dir)
	if err != nil {
		panic(err)
	}
	return faultfs.New(fsys, hook)
}

func noFault(faultfs.Call) error { return nil }

// must writes the run without faults.
func (r run) must(t testing.TB, dir string, force bool) publish.State {
	t.Helper()
	state, err := r.into(open(t, dir, noFault), dir, force)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// tree returns every file below dir but execution.json.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == manifest.ExecutionName {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return out
}

// published returns the run that the manifest publishes, nil where there is none,
// and fails unless all of its files are whole.
func published(t testing.TB, dir string, runs ...run) *run {
	t.Helper()
	have := tree(t, dir)
	document, ok := have[manifest.Name]
	if !ok {
		return nil
	}
	m, err := manifest.Decode([]byte(document))
	if err != nil {
		t.Fatalf("manifest.json is there but: %v", err)
	}
	for i := range runs {
		if runs[i].plan != m.PlanID {
			continue
		}
		for name, data := range runs[i].files {
			if have[name] != string(data) {
				t.Fatalf("manifest.json is there, but %s is not what it was", name)
			}
		}
		return &runs[i]
	}
	t.Fatalf("manifest.json of an unknown plan %s", m.PlanID)
	return nil
}

// checkNothingHalf fails where a final name has anything but its whole content.
func checkNothingHalf(t testing.TB, dir string, runs ...run) {
	t.Helper()
	for name, data := range tree(t, dir) {
		if name == manifest.Name || publish.IsOwn(filepath.Base(name)) {
			continue
		}
		whole := false
		for _, r := range runs {
			whole = whole || string(r.files[name]) == data
		}
		if !whole {
			t.Errorf("%s has %d bytes that are no whole file", name, len(data))
		}
	}
}

// checkTidy fails where names remain that only an unfinished run has.
func checkTidy(t testing.TB, dir string) {
	t.Helper()
	for name := range tree(t, dir) {
		if publish.IsOwn(filepath.Base(name)) {
			t.Errorf("%s is left", name)
		}
	}
}

func sameTree(t testing.TB, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s differs from that of the uninterrupted run", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && !strings.HasSuffix(name, "notes.txt") {
			t.Errorf("%s is extra", name)
		}
	}
}
