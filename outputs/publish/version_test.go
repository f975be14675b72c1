package publish_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/publish/faultfs"
)

// edit changes a folder's manifest.json and makes its self hash right again.
func edit(t *testing.T, dir, old, fresh string) {
	t.Helper()
	path := filepath.Join(dir, manifest.Name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(data), old, fresh, 1)
	if changed == string(data) {
		t.Fatalf("no %q in the manifest", old)
	}
	const key = `"manifest_sha256": "`
	head, rest, _ := strings.Cut(changed, key)
	rest = rest[sha256.Size*2:]
	put(t, path, fmt.Sprintf("%s%s%x%s", head, key, sha256.Sum256([]byte(head+key+rest)), rest))
}

// otherVersions are manifests as other builds write them.
var otherVersions = map[string][2]string{
	"older":                 {`"schema_version": 2`, `"schema_version": 1`},
	"newer":                 {`"schema_version": 2,`, `"schema_version": 3, "more": [{"x": null}],`},
	"newer, by mistake not": {`"schema_version": 2,`, `"schema_version": 2, "more": 1,`},
}

// TestOtherVersion: a dataset that another build of ours wrote is replaced when it is
// asked for, by whatever plan.
func TestOtherVersion(t *testing.T) {
	old, fresh := newRun("old"), newRun("new")
	for name, change := range otherVersions {
		for _, next := range []run{fresh, old} {
			dir := finished(t, old)
			edit(t, dir, change[0], change[1])
			put(t, filepath.Join(dir, "notes.txt"), "mine")
			before := tree(t, dir)
			_, _, err := publish.Open(dir, next.owner(false))
			if !errors.Is(err, publish.ErrOther) || !strings.Contains(err.Error(), "--force") || !strings.Contains(err.Error(), "another version") {
				t.Errorf("%s: %v", name, err)
			}
			sameTree(t, tree(t, dir), before)

			if state := next.must(t, dir, true); state != publish.Replacing {
				t.Errorf("%s: %v", name, state)
			}
			if published(t, dir, next) == nil || tree(t, dir)["notes.txt"] != "mine" {
				t.Errorf("%s: not replaced, or a file of somebody else's is gone", name)
			}
			checkTidy(t, dir)
		}
	}
}

// TestOtherVersionStopped ends the replacement at every call: the old dataset is whole
// or none, and the next run replaces it.
func TestOtherVersionStopped(t *testing.T) {
	old, fresh := newRun("old"), newRun("new")
	reference := tempDir(t)
	fresh.must(t, reference, false)
	want := tree(t, reference)
	dead := errors.New("dead")
	for n := 1; !t.Failed(); n++ {
		dir := finished(t, old)
		edit(t, dir, `"schema_version": 2`, `"schema_version": 1`)
		before := tree(t, dir)
		_, err := fresh.into(open(t, dir, func(c faultfs.Call) error {
			if c.N >= n {
				return dead
			}
			return nil
		}), dir, true)
		if err == nil {
			t.Logf("%d calls", n-1)
			return
		}
		after := tree(t, dir)
		if after[manifest.Name] == before[manifest.Name] {
			for file := range old.files {
				if after[file] != before[file] {
					t.Errorf("call %d: the old manifest is there, %s is not", n, file)
				}
			}
		}
		checkNothingHalf(t, dir, old, fresh)
		fresh.must(t, dir, true)
		sameTree(t, tree(t, dir), want)
		checkTidy(t, dir)
		os.RemoveAll(dir)
	}
}

// TestOtherVersionThatCannotBeReliedOn is left alone whatever is asked.
func TestOtherVersionThatCannotBeReliedOn(t *testing.T) {
	r := newRun("x")
	for name, test := range map[string]struct {
		old, fresh string
		want       error
	}{
		"another tool":    {`"name": "pcapmill"`, `"name": "other"`, publish.ErrForeign},
		"no tables":       {`"tables"`, `"folders"`, publish.ErrForeign},
		"table elsewhere": {`"name": "dns"`, `"name": "../dns"`, publish.ErrForeign},
		"file elsewhere":  {`"path": "errors.pcapng"`, `"path": "/etc/passwd"`, publish.ErrForeign},
		"hidden file":     {`"path": "errors.pcapng"`, `"path": ".bashrc"`, publish.ErrUnreadable},
	} {
		dir := finished(t, r)
		edit(t, dir, `"schema_version": 2`, `"schema_version": 1`)
		edit(t, dir, test.old, test.fresh)
		before := tree(t, dir)
		if _, _, err := publish.Open(dir, newRun("y").owner(true)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		sameTree(t, tree(t, dir), before)
	}
	dir := finished(t, r)
	edit(t, dir, `"schema_version": 2`, `"schema_version": 1`)
	path := filepath.Join(dir, manifest.Name)
	data, _ := os.ReadFile(path)
	put(t, path, strings.Replace(string(data), "a.pcap", "b.pcap", 1))
	if _, _, err := publish.Open(dir, r.owner(true)); !errors.Is(err, publish.ErrUnreadable) {
		t.Errorf("damaged: %v", err)
	}
}
