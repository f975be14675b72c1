package publish_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
)

// mustOpen opens the folder itself, not through a hook.
func mustOpen(t *testing.T, dir string, owner publish.Owner) (*publish.Dir, publish.Status) {
	t.Helper()
	d, status, err := publish.Open(dir, owner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Abort() })
	return d, status
}

// finished returns a folder with r complete in it.
func finished(t *testing.T, r run) string {
	t.Helper()
	dir := filepath.Join(tempDir(t), "out")
	d, status := mustOpen(t, dir, r.owner(false))
	if status.State != publish.New {
		t.Fatalf("absent folder: %v", status.State)
	}
	if err := r.fill(d); err != nil {
		t.Fatal(err)
	}
	return dir
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOpenCreatesTheWholePath(t *testing.T) {
	dir := filepath.Join(tempDir(t), "a", "b", "out")
	if _, status := mustOpen(t, dir+"/", newRun("x").owner(false)); status.State != publish.New {
		t.Errorf("state %v", status.State)
	}
}

func TestCompleteRunIsLeftAlone(t *testing.T) {
	r := newRun("x")
	dir := finished(t, r)
	before := tree(t, dir)
	d, status := mustOpen(t, dir, r.owner(true))
	if status.State != publish.Complete || status.Manifest.PlanID != r.plan || status.Execution.RunKey != r.key {
		t.Fatalf("status %+v", status)
	}
	if _, err := d.Table("flows"); !errors.Is(err, publish.ErrState) {
		t.Errorf("a complete folder could be written: %v", err)
	}
	if err := d.Abort(); err != nil {
		t.Error(err)
	}
	sameTree(t, tree(t, dir), before)
}

// TestSamePlan: where stamps cannot tell, the caller compares hashes.
func TestSamePlan(t *testing.T) {
	r := newRun("x")
	moved, unknown := r.owner(false), r.owner(false)
	moved.RunKey, unknown.RunKey = strings.Repeat("0", 64), ""
	for name, owner := range map[string]publish.Owner{"other stamps": moved, "no stamps": unknown} {
		dir := finished(t, r)
		d, status := mustOpen(t, dir, owner)
		if status.State != publish.SamePlan || status.Manifest.InputHashes()[0] != r.sha {
			t.Errorf("%s: %+v", name, status)
		}
		if _, err := d.Replace(); !errors.Is(err, publish.ErrOther) {
			t.Errorf("%s: replaced without force: %v", name, err)
		}
	}
	dir := finished(t, r)
	os.Remove(filepath.Join(dir, manifest.ExecutionName))
	if _, status := mustOpen(t, dir, r.owner(false)); status.State != publish.SamePlan || status.Execution != nil {
		t.Errorf("without execution.json: %+v", status)
	}
}

// TestLostFiles: a run of which a file is gone is not complete, whatever its manifest says.
func TestLostFiles(t *testing.T) {
	r := newRun("x")
	for file := range r.files {
		for name, lose := range map[string]func(string) error{"gone": os.Remove, "short": func(path string) error { return os.Truncate(path, 1) }} {
			dir := finished(t, r)
			if err := lose(filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
			_, _, err := publish.Open(dir, r.owner(false))
			if !errors.Is(err, publish.ErrOther) || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "--force") {
				t.Errorf("%s %s: %v", file, name, err)
			}
			d, _ := mustOpen(t, dir, r.owner(true))
			if _, err := d.Replace(); err != nil {
				t.Fatal(err)
			}
			if err := r.fill(d); err != nil || published(t, dir, r) == nil {
				t.Errorf("%s %s: not made again: %v", file, name, err)
			}
		}
	}
}

func TestReplaceAfterComparing(t *testing.T) {
	r := newRun("x")
	dir := finished(t, r)
	owner := r.owner(true)
	owner.RunKey = ""
	d, _ := mustOpen(t, dir, owner)
	status, err := d.Replace()
	if err != nil || status.State != publish.Replacing {
		t.Fatalf("%v, %v", status.State, err)
	}
	if published(t, dir, r) != nil {
		t.Error("the old run is still published")
	}
	if err := r.fill(d); err != nil {
		t.Fatal(err)
	}
	if published(t, dir, r) == nil {
		t.Error("the new run is not published")
	}
}

func TestOtherRun(t *testing.T) {
	old, fresh := newRun("old"), newRun("new")
	dir := finished(t, old)
	put(t, filepath.Join(dir, "notes.txt"), "mine")
	before := tree(t, dir)
	_, status, err := publish.Open(dir, fresh.owner(false))
	if !errors.Is(err, publish.ErrOther) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "--force") {
		t.Errorf("error %v", err)
	}
	if status.Manifest == nil || status.Manifest.PlanID != old.plan {
		t.Error("the refusal does not say what is there")
	}
	sameTree(t, tree(t, dir), before)

	d, status := mustOpen(t, dir, fresh.owner(true))
	if status.State != publish.Replacing || len(status.Kept) != 1 || status.Kept[0] != "notes.txt" {
		t.Errorf("status %+v", status)
	}
	if err := fresh.fill(d); err != nil {
		t.Fatal(err)
	}
	if published(t, dir, old, fresh).plan != fresh.plan || tree(t, dir)["notes.txt"] != "mine" {
		t.Error("not replaced, or a file of somebody else's is gone")
	}
}

// TestForeign: what is not ours is refused whatever is asked, and not touched.
func TestForeign(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, dir string){
		"file":         func(t *testing.T, dir string) { put(t, filepath.Join(dir, "thesis.tex"), "x") },
		"hidden file":  func(t *testing.T, dir string) { put(t, filepath.Join(dir, ".bashrc"), "x") },
		"folder":       func(t *testing.T, dir string) { os.Mkdir(filepath.Join(dir, "flows"), 0o755) },
		"web manifest": func(t *testing.T, dir string) { put(t, filepath.Join(dir, "manifest.json"), `{"name":"app"}`) },
		"folder named": func(t *testing.T, dir string) { os.Mkdir(filepath.Join(dir, "manifest.json"), 0o755) },
		"strange mark": func(t *testing.T, dir string) { put(t, filepath.Join(dir, ".pcapmill-run.json"), "{}") },
		"hostile mark": func(t *testing.T, dir string) { put(t, filepath.Join(dir, ".pcapmill-run.json"), hostileMarker) },
		"linked mark":  func(t *testing.T, dir string) { os.Symlink("/etc/hostname", filepath.Join(dir, ".pcapmill-run.json")) },
		"mark and file": func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, ".pcapmill-lock"), "")
			put(t, filepath.Join(dir, "x"), "")
		},
	} {
		dir := tempDir(t)
		prepare(t, dir)
		before, _ := os.ReadDir(dir)
		_, _, err := publish.Open(dir, newRun("x").owner(true))
		if !errors.Is(err, publish.ErrForeign) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadDir(dir); len(after) != len(before) {
			t.Errorf("%s: the folder was changed", name)
		}
	}
}

const hostileMarker = `{"format":"pcapmill run marker","version":1,"phase":"writing","owned":["../victim/"]}`

func TestDamagedManifest(t *testing.T) {
	r := newRun("x")
	dir := finished(t, r)
	path := filepath.Join(dir, manifest.Name)
	data, _ := os.ReadFile(path)
	put(t, path, strings.Replace(string(data), "a.pcap", "b.pcap", 1))
	if _, _, err := publish.Open(dir, r.owner(true)); !errors.Is(err, publish.ErrUnreadable) {
		t.Errorf("error %v", err)
	}
}

func TestNotAFolder(t *testing.T) {
	dir := tempDir(t)
	file := filepath.Join(dir, "out")
	put(t, file, "x")
	if _, _, err := publish.Open(file, publish.Owner{}); !errors.Is(err, publish.ErrNotFolder) {
		t.Errorf("file: %v", err)
	}
	var failed *publish.Error
	if _, _, err := publish.Open(filepath.Join(file, "below"), publish.Owner{}); !errors.As(err, &failed) || !strings.Contains(err.Error(), file) {
		t.Errorf("below a file: %v", err)
	}
	if _, _, err := publish.Open("", publish.Owner{}); err == nil {
		t.Error("a folder without a name was opened")
	}
}

func TestSymlinkedFolder(t *testing.T) {
	dir := tempDir(t)
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	os.Mkdir(target, 0o700)
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	for _, path := range []string{link, link + "/", link + "/."} {
		if _, _, err := publish.Open(path, publish.Owner{}); !errors.Is(err, publish.ErrUnsafe) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestPlantedLink: a link that takes a table folder's place leads no write out.
func TestPlantedLink(t *testing.T) {
	dir, outside := tempDir(t), tempDir(t)
	d, _ := mustOpen(t, dir, newRun("x").owner(false))
	flows, err := d.Table("flows")
	if err != nil {
		t.Fatal(err)
	}
	os.Rename(filepath.Join(dir, "flows"), filepath.Join(dir, "moved"))
	if err := os.Symlink(outside, filepath.Join(dir, "flows")); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	if f, err := flows.Part(0, "csv"); err == nil {
		f.Abort()
		t.Error("a part was made through a link")
	}
	if err := d.Abort(); !errors.Is(err, publish.ErrForeign) {
		t.Errorf("Abort through a link: %v", err)
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Errorf("the link led out: %v", left)
	}
}

func TestBusy(t *testing.T) {
	dir, r := tempDir(t), newRun("x")
	d, _ := mustOpen(t, dir, r.owner(false))
	_, _, err := publish.Open(dir, r.owner(true))
	if !errors.Is(err, publish.ErrBusy) || !strings.Contains(err.Error(), publish.ProcessName()) {
		t.Fatalf("second process: %v", err)
	}
	if err := r.fill(d); err != nil {
		t.Fatal(err)
	}
	if _, status := mustOpen(t, dir, r.owner(false)); status.State != publish.Complete {
		t.Errorf("after the first: %v", status.State)
	}
}

// TestAbortOfWhatIsGone: a file that somebody put in the folder's place is not ours to remove.
func TestAbortOfWhatIsGone(t *testing.T) {
	dir := filepath.Join(tempDir(t), "out")
	d, _ := mustOpen(t, dir, newRun("x").owner(false))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "another's")
	if err := d.Abort(); err == nil {
		t.Error("the folder was not missed")
	}
	if content, err := os.ReadFile(dir); err != nil || string(content) != "another's" {
		t.Errorf("%q, %v", content, err)
	}
}

func TestAbort(t *testing.T) {
	parent := tempDir(t)
	created, given := filepath.Join(parent, "created"), filepath.Join(parent, "given")
	os.Mkdir(given, 0o755)
	for _, dir := range []string{created, given} {
		d, _ := mustOpen(t, dir, newRun("x").owner(false))
		if _, err := newRun("x").tables(d); err != nil {
			t.Fatal(err)
		}
		if err := d.Abort(); err != nil {
			t.Error(err)
		}
		if left := tree(t, dir); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	}
	if _, err := os.Stat(created); err == nil {
		t.Error("the folder that was created is still there")
	}
	if _, err := os.Stat(given); err != nil {
		t.Error("the folder that was given is gone")
	}
}

// TestForeignFileInTable: a file that somebody put into a table's folder is not
// removed with an unfinished run; the run stops and says so.
func TestForeignFileInTable(t *testing.T) {
	dir, r := tempDir(t), newRun("x")
	if killed(t, dir, 60, "") {
		put(t, filepath.Join(dir, "flows", "notes.txt"), "mine")
	}
	_, _, err := publish.Open(dir, r.owner(true))
	if !errors.Is(err, publish.ErrForeign) || !strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("error %v", err)
	}
	if tree(t, dir)["flows/notes.txt"] != "mine" {
		t.Error("the file is gone")
	}
	os.Remove(filepath.Join(dir, "flows", "notes.txt"))
	put(t, filepath.Join(dir, "flows", "part-00007.parquet"), "of the run before")
	before := tree(t, dir)
	_, status := mustOpen(t, dir, r.owner(false))
	if status.State != publish.Restarted || status.Previous.PID == 0 {
		t.Errorf("without it: %+v", status)
	}
	after, gone := tree(t, dir), 0
	for name := range before {
		if _, still := after[name]; !still {
			gone++
		}
	}
	if gone == 0 || status.Previous.Removed != gone {
		t.Errorf("%d files cleared away, said to be %d", gone, status.Previous.Removed)
	}
}

// TestForeignFileInCompleteTable: what cannot be replaced stays whole.
func TestForeignFileInCompleteTable(t *testing.T) {
	fresh := newRun("new")
	dir := finished(t, newRun("old"))
	notes := filepath.Join(dir, "flows", "notes.txt")
	put(t, notes, "mine")
	before := tree(t, dir)
	if _, _, err := publish.Open(dir, fresh.owner(true)); !errors.Is(err, publish.ErrForeign) || !strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("error %v", err)
	}
	sameTree(t, tree(t, dir), before)
	os.Remove(notes)
	if state := fresh.must(t, dir, true); state != publish.Replacing {
		t.Errorf("without it: %v", state)
	}
}

// unlisted is a folder that cannot be listed at one time.
type unlisted struct {
	publish.FS
	left int // lists up to then
}

func (u *unlisted) ReadDir(name string) ([]fs.DirEntry, error) {
	if u.left--; u.left == 0 {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: syscall.EIO}
	}
	return u.FS.ReadDir(name)
}

// TestUnlisted: an unfinished run stays one that is known, whenever its folder cannot be listed.
func TestUnlisted(t *testing.T) {
	dir, r := tempDir(t), newRun("new")
	if !killed(t, dir, 60, "") {
		t.Fatal("it was over before")
	}
	for n := 1; ; n++ {
		fsys := &unlisted{open(t, dir, noFault), n}
		state, err := r.into(fsys, dir, false)
		switch {
		case fsys.left > 0: // so often it was not listed
			if err != nil || state != publish.Restarted || n < 4 {
				t.Errorf("list %d: %v, %v", n, state, err)
			}
			return
		case !errors.Is(err, syscall.EIO):
			t.Fatalf("list %d: %v", n, err)
		}
	}
}

func TestCallsOutOfOrder(t *testing.T) {
	dir, r := tempDir(t), newRun("x")
	d, _ := mustOpen(t, dir, r.owner(false))
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, ".hidden", "manifest.json", "execution.json", "a\nb", strings.Repeat("x", 101)} {
		if _, err := d.Table(name); err == nil {
			t.Errorf("table %q", name)
		}
		if _, err := d.Create(name); err == nil {
			t.Errorf("file %q", name)
		}
	}
	put(t, filepath.Join(dir, "taken"), "x")
	if _, err := d.Create("taken"); !errors.Is(err, publish.ErrExists) {
		t.Errorf("a file of somebody else's: %v", err)
	}
	flows, err := d.Table("flows")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Table("flows"); err == nil {
		t.Error("one table twice")
	}
	first, _ := flows.Part(0, "csv")
	if _, err := write(first, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Write([]byte("y")); !errors.Is(err, publish.ErrState) {
		t.Errorf("Write after Commit: %v", err)
	}
	second, _ := flows.Part(0, "csv")
	if _, err := write(second, []byte("z")); !errors.Is(err, publish.ErrExists) {
		t.Errorf("one part twice: %v", err)
	}
	if err := d.Finish(&manifest.Manifest{PlanID: r.plan}, &manifest.Execution{}); err == nil || !strings.Contains(err.Error(), "flows/part-00000.csv") {
		t.Errorf("a manifest that lists nothing: %v", err)
	}
	if err := d.Finish(&manifest.Manifest{PlanID: "other"}, &manifest.Execution{}); err == nil {
		t.Error("a manifest of another plan")
	}
	if err := flows.Abort(); err != nil {
		t.Error(err)
	}
	if err := d.Finish(&manifest.Manifest{PlanID: r.plan, Files: []manifest.File{{Path: "x"}}}, &manifest.Execution{}); err == nil {
		t.Error("a manifest that lists what is not there")
	}
}

func TestCheckRefuses(t *testing.T) {
	dir := tempDir(t)
	d, _ := mustOpen(t, dir, newRun("x").owner(false))
	f, err := d.Create("table.csv")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("rows"))
	wrong := errors.New("no footer")
	if _, err := f.Commit(func(r io.ReaderAt, size int64) error {
		b := make([]byte, size)
		if _, err := r.ReadAt(b, 0); err != nil || string(b) != "rows" {
			t.Errorf("the check sees %q, %v", b, err)
		}
		return wrong
	}); !errors.Is(err, wrong) || !strings.Contains(err.Error(), "table.csv") {
		t.Errorf("error %v", err)
	}
	if _, ok := tree(t, dir)["table.csv"]; ok {
		t.Error("a refused file was published")
	}
}

// TestPartitions: what is in partitions is published, aborted and cleared away as other parts.
func TestPartitions(t *testing.T) {
	dir := tempDir(t)
	d, _ := mustOpen(t, dir, newRun("x").owner(false))
	table, err := d.Table("data")
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range []string{"train", "test"} {
		p, err := table.Partition("split", split)
		if err != nil {
			t.Fatal(err)
		}
		f, err := p.Part(0, "csv")
		if err == nil {
			_, err = f.Write([]byte(split))
		}
		if err == nil {
			_, err = f.Commit(nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := tree(t, dir)["data/split=train/part-00000.csv"]; got != "train" {
		t.Errorf("%q", got)
	}
	if _, err := table.Partition("split", "test"); err == nil {
		t.Error("a partition is made twice")
	}
	if _, err := table.Partition("split", ".."); err == nil {
		t.Error("a partition leaves its table")
	}
	if err := d.Abort(); err != nil {
		t.Error(err)
	}
	if left := tree(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
