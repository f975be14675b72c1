package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pcapmill/cmd/job"
	"pcapmill/datasets/leak"
)

// packed makes a package of the generated capture by the commands that people type.
func packed(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	rules, err := os.ReadFile(filepath.Join("..", "labels", "testdata", "demo.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "what we know.yaml", rules)
	writeFile(t, dir, "meta.yaml", []byte("title: A generated capture\nlicense: CC0-1.0\nauthors: [{name: The generator}]\n"))
	c := call{dir: dir}
	for _, args := range []string{
		"run|--demo|-o|tables|--tcp-idle|90s|--records|dns|--windows|none",
		"label|tables|--rules|what we know.yaml|-o|labels|--after|2s|--from-name|*.pcapng=other, or none",
		"dataset|build|tables|--labels|labels|-o|dataset|--unlabelled|BENIGN, all|--min-class|1|--where|protocol = 6 or protocol = 17|--drop|rev_*,iat_*",
		"dataset|split|dataset|-o|split|--by|time|--embargo|200ms|--scale|standard",
		"dataset|export|split|-o|package|--meta|meta.yaml|--csv|--arrow",
	} {
		c.run(t, strings.Split(args, "|")...).want(t, job.ExitOK)
	}
	return dir
}

// TestRebuildFromTheCapture does all steps again: the capture is the generated one, the rules lie
// elsewhere under another name.
func TestRebuildFromTheCapture(t *testing.T) {
	dir := packed(t)
	if err := os.Mkdir(filepath.Join(dir, "elsewhere"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "what we know.yaml"), filepath.Join(dir, "elsewhere", "r")); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"tables", "labels", "dataset", "split"} {
		if err := os.RemoveAll(filepath.Join(dir, gone)); err != nil {
			t.Fatal(err)
		}
	}
	c := call{dir: dir}
	c.run(t, "verify", "package").want(t, job.ExitOK)
	c.run(t, "dataset", "rebuild", "package/README.md", "--from", "elsewhere", "-o", "new/again").want(t, job.ExitOK).says(t, "are the same, byte by byte, after 5 steps")
	c.run(t, "dataset", "rebuild", "package/README.md", "--from", "elsewhere", "-o", "package").want(t, job.ExitUsage).says(t, "is there already")
	c.run(t, "dataset", "rebuild", "package/README.md", "--from", "new", "-o", "never").want(t, job.ExitRejected).says(t, "were not found", "what we know.yaml")
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".pcapmill-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestRebuildFromATableOfScores finds a folder of parts by what is in it, whatever it is called.
func TestRebuildFromATableOfScores(t *testing.T) {
	dir := packed(t)
	c := call{dir: dir}
	for _, args := range []string{
		"label|tables|--rules|labels/flow_labels|-o|again-labelled", "dataset|build|tables|--labels|again-labelled|-o|scored", "dataset|export|scored|-o|scores-package",
	} {
		c.run(t, strings.Split(args, "|")...).want(t, job.ExitOK)
	}
	kept := filepath.Join(dir, "kept", "by", "day=1")
	if err := os.MkdirAll(filepath.Dir(kept), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "labels", "flow_labels"), kept); err != nil {
		t.Fatal(err)
	}
	c.run(t, "dataset", "rebuild", "scores-package/README.md", "--from", "kept", "-o", "again").want(t, job.ExitOK).says(t, "are the same, byte by byte, after 4 steps")
	writeFile(t, kept, "part-00001.parquet", []byte("another part"))
	c.run(t, "dataset", "rebuild", "scores-package/README.md", "--from", "kept", "-o", "other").want(t, job.ExitRejected).says(t, "were not found", "flow_labels")
}

// TestRebuildSaysWhatDiffers: a package whose data was changed after it was made, sums and all.
func TestRebuildSaysWhatDiffers(t *testing.T) {
	dir := packed(t)
	sums := filepath.Join(dir, "package", "SHA256SUMS")
	data, err := os.ReadFile(sums)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	for i, line := range lines {
		if strings.HasSuffix(line, "  data/split=train/part-00000.parquet\n") {
			lines[i] = strings.Repeat("0", 64) + line[64:]
		}
	}
	if err := os.WriteFile(sums, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	call{dir: dir}.run(t, "dataset", "rebuild", "package/README.md", "--from", ".", "-o", "again", "-q").want(t, job.ExitSelfCheck).
		says(t, "not the same: data/split=train/part-00000.parquet has other bytes, by step 05-package")
}

// TestCardOfADataset goes to standard output or to a file, and says what is wrong in a line.
func TestCardOfADataset(t *testing.T) {
	dir := packed(t)
	c := call{dir: dir}
	for _, name := range []string{"dataset", "split", "package"} {
		r := c.run(t, "dataset", "card", name).want(t, job.ExitOK)
		for _, want := range []string{"---\nlicense:", "## Classes", "| port scan | ", "rules: what we know.yaml", "identity: its role is not kept: "} {
			if !strings.Contains(r.out, want) {
				t.Errorf("the card of %s lacks %q", name, want)
			}
		}
	}
	c.run(t, "dataset", "card", "split", "--check", "-o", "card.md").want(t, job.ExitOK)
	card, err := os.ReadFile(filepath.Join(dir, "card.md"))
	if err != nil || !strings.Contains(string(card), "`pcapmill dataset check`: ") {
		t.Errorf("%v: %.200s", err, card)
	}
	c.run(t, "dataset", "export", "split", "-o", "bare", "--no-keys", "-q").want(t, job.ExitOK)
	c.run(t, "dataset", "card", "bare", "--check").want(t, job.ExitOK) // there are no keys to look into
	for _, name := range []string{"split", "package", "bare"} {        // which says what it was divided by
		if d, err := leak.Open(filepath.Join(dir, name)); err != nil || !slices.Contains(d.Policy.By, "time") {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	c.run(t, "dataset", "card", "split", "-o", filepath.Join("split", "manifest.json")).want(t, job.ExitUsage).says(t, "cannot be the card")
	c.run(t, "dataset", "card", "package", "-o", filepath.Join("package", "README.md")).want(t, job.ExitUsage).says(t, "cannot be the card")
	c.run(t, "dataset", "card", "package", "-o", filepath.Join("package", "more.md")).want(t, job.ExitOK)
	c.run(t, "dataset", "card", "split", "--meta", "card.md", "-o", "card.md").want(t, job.ExitUsage).says(t, "cannot be the card")
	c.run(t, "dataset", "card", "tables").want(t, job.ExitRejected).says(t, "it has no table data")
	c.run(t, "dataset", "card", "none").want(t, job.ExitRejected)
	c.run(t, "dataset", "card", "split", "--meta", "what we know.yaml").want(t, job.ExitUsage).says(t, "line ")
	c.run(t, "dataset", "export", "tables", "-o", "x").want(t, job.ExitRejected)
	c.run(t, "dataset", "export", "split", "-o", "package").want(t, job.ExitOutput).says(t, "--force")
}
