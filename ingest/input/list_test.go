package input_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pcapmill/ingest/input"
)

// expand expands one directory and returns paths and leftovers relative to it.
func expand(t *testing.T, dir string, filter input.Filter) (paths, left []string) {
	t.Helper()
	list, err := input.Expand([]string{dir}, filter, input.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list.Paths {
		paths = append(paths, relative(t, dir, p))
	}
	for _, l := range list.Left {
		left = append(left, relative(t, dir, l.Path)+" "+l.Reason)
	}
	slices.Sort(left)
	return paths, left
}

func relative(t *testing.T, dir, path string) string {
	t.Helper()
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(rel)
}

// sample fills a directory with captures and with what people keep beside them.
func sample(t *testing.T) string {
	dir := t.TempDir()
	write(t, dir, "b.pcap", pcap(t, 60, 3*second))
	write(t, dir, "a.pcap", pcap(t, 60, 3*second))
	write(t, dir, "a/z.pcap", pcap(t, 60, 3*second))
	write(t, dir, "deep/er/first.dat", pcap(t, 60, 1*second, 9*second))
	write(t, dir, "deep/second.pcap.gz", gzipped(t, pcap(t, 60, 2*second)))
	write(t, dir, "late", zstandard(t, pcap(t, 60, 4*second)))
	write(t, dir, "negative.pcap", pcap(t, 60, 0))
	write(t, dir, "nothing.pcap", pcap(t, 60))
	write(t, dir, "empty.pcap", nil)
	write(t, dir, "text.pcap", []byte("not a capture"))
	write(t, dir, "cut", pcap(t, 60)[:20])
	write(t, dir, "lfs", []byte("version https://git-lfs.github.com/spec/v1\n"))
	write(t, dir, "old.snoop", []byte("snoop\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x04"))
	write(t, dir, "packed.pcap.xz", []byte("\xfd7zXZ\x00\x00\x00\x00\x00\x00"))
	write(t, dir, "tools.zip", []byte("PK\x03\x04............"))
	write(t, dir, "README.md", []byte("# Captures\n"))
	write(t, dir, "notes.txt.gz", gzipped(t, []byte("some notes, compressed")))
	write(t, dir, "out/flows/part-00000.parquet", []byte("PAR1............PAR1"))
	write(t, dir, "empty", nil)
	write(t, dir, ".DS_Store", []byte{0, 0, 0, 1, 'B', 'u', 'd', '1'})
	return dir
}

// TestExpandDirectory holds the order (time of the first packet, then path; files
// without one first) and what counts as a capture.
func TestExpandDirectory(t *testing.T) {
	noLeak(t)
	paths, left := expand(t, sample(t), input.Filter{})
	want := []string{
		"cut", "empty.pcap", "lfs", "nothing.pcap", "old.snoop", "packed.pcap.xz", "text.pcap",
		"negative.pcap", "deep/er/first.dat", "deep/second.pcap.gz", "a.pcap", "a/z.pcap", "b.pcap", "late",
	}
	if !slices.Equal(paths, want) {
		t.Errorf("paths\n got %q\nwant %q", paths, want)
	}
	wantLeft := []string{
		".DS_Store not_a_capture", "README.md not_a_capture", "empty not_a_capture",
		"notes.txt.gz not_a_capture", "out/flows/part-00000.parquet not_a_capture", "tools.zip not_a_capture",
	}
	if !slices.Equal(left, wantLeft) {
		t.Errorf("left\n got %q\nwant %q", left, wantLeft)
	}
}

func TestExpandFilter(t *testing.T) {
	dir := sample(t)
	tests := []struct {
		name   string
		filter input.Filter
		want   []string
	}{
		{"include by name", input.Filter{Include: []string{"a*"}}, []string{"a.pcap"}},
		{"include by two patterns", input.Filter{Include: []string{"b.pcap", "la??"}}, []string{"b.pcap", "late"}},
		{"include what is no capture", input.Filter{Include: []string{"README.md"}}, []string{"README.md"}},
		{"include by path", input.Filter{Include: []string{filepath.Join(dir, "a", "*")}}, []string{"a/z.pcap"}},
		{"exclude wins", input.Filter{Include: []string{"*.pcap"}, Exclude: []string{"[a-e]*", "n*", "t*"}}, []string{"a/z.pcap"}},
		{"nothing", input.Filter{Exclude: []string{"*"}}, nil},
	}
	for _, tt := range tests {
		if got, _ := expand(t, dir, tt.filter); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	_, left := expand(t, dir, input.Filter{Include: []string{"*.pcap"}, Exclude: []string{"b*"}})
	if !slices.Contains(left, "b.pcap excluded") || !slices.Contains(left, "late not_included") {
		t.Errorf("left %q", left)
	}
	if err := (input.Filter{Exclude: []string{"ok", "[a-"}}).Validate(); err == nil || !strings.Contains(err.Error(), `"[a-"`) {
		t.Errorf("malformed pattern: %v", err)
	}
	if err := (input.Filter{Include: []string{"*.pcap", "[a-z]?"}}).Validate(); err != nil {
		t.Error(err)
	}
}

// TestExpandArguments holds that files stay where they are named, whatever they
// hold, and that directories expand in place.
func TestExpandArguments(t *testing.T) {
	dir := t.TempDir()
	late := write(t, dir, "late.pcap", pcap(t, 60, 9*second))
	text := write(t, dir, "text", []byte("hello"))
	x := write(t, dir, "d/x", pcap(t, 60, 2*second))
	y := write(t, dir, "d/y", pcap(t, 60, 1*second))
	sub := filepath.Join(dir, "d")
	list, err := input.Expand([]string{late, sub, input.Stdin, text, late, sub + string(filepath.Separator)}, input.Filter{}, input.DefaultConfig())
	if want := []string{late, y, x, "-", text, late, y, x}; err != nil || !slices.Equal(list.Paths, want) || len(list.Left) != 0 {
		t.Errorf("%q %v %v, want %q", list.Paths, list.Left, err, want)
	}
	list, err = input.Expand([]string{late, input.Stdin, text}, input.Filter{Include: []string{"t*"}}, input.DefaultConfig())
	if err != nil || !slices.Equal(list.Paths, []string{"-", text}) || !slices.Equal(list.Left, []input.Left{{Path: late, Reason: "not_included"}}) {
		t.Errorf("include: %+v %v", list, err)
	}
	list, err = input.Expand([]string{late, text}, input.Filter{Exclude: []string{"*.pcap"}}, input.DefaultConfig())
	if err != nil || !slices.Equal(list.Paths, []string{text}) || !slices.Equal(list.Left, []input.Left{{Path: late, Reason: "excluded"}}) {
		t.Errorf("exclude: %+v %v", list, err)
	}
	if _, err := input.Expand([]string{late, filepath.Join(dir, "mis\x1bsing")}, input.Filter{}, input.DefaultConfig()); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("missing file: %v", err)
	}
	if list, err := input.Expand(nil, input.Filter{}, input.DefaultConfig()); err != nil || len(list.Paths) != 0 {
		t.Errorf("nothing: %+v %v", list, err)
	}
}

// TestExpandOrderIsTotal expands directories with equal times in every order of
// creation to one list.
func TestExpandOrderIsTotal(t *testing.T) {
	names := []string{"c", "a/b", "a.pcap", "a/a", "b"}
	var first []string
	for turn := range names {
		dir := t.TempDir()
		for i := range names {
			write(t, dir, names[(i+turn)%len(names)], pcap(t, 60, 5*second))
		}
		paths, _ := expand(t, dir, input.Filter{})
		if first == nil {
			first = paths
		}
		if !slices.Equal(paths, first) || !slices.IsSorted(paths) {
			t.Errorf("turn %d: %q, first %q", turn, paths, first)
		}
	}
}

func TestShown(t *testing.T) {
	for path, want := range map[string]string{
		"a.pcap":                 "a.pcap",
		"/data/a b (1).pcap":     "/data/a b (1).pcap",
		"-rf":                    "-rf",
		"größe-日本.pcap":          "größe-日本.pcap",
		`back\slash`:             `back\slash`,
		"":                       "",
		"a\nb":                   `"a\nb"`,
		"a\x1b[2Jb":              `"a\x1b[2Jb"`,
		"a\tb":                   `"a\tb"`,
		"bad\xffutf8":            `"bad\xffutf8"`,
		"replacement\ufffd":      `"replacement�"`,
		"right\u202eleft":        `"right\u202eleft"`,
		"zero\u200bwidth":        `"zero\u200bwidth"`,
		"c1\u009bcontrol":        `"c1\u009bcontrol"`,
		"del\x7f":                `"del\x7f"`,
		`"quoted\n"`:             `"\"quoted\\n\""`,
		strings.Repeat("x", 255): strings.Repeat("x", 255),
	} {
		if got := input.Shown(path); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}

// TestStrangeNames lists and reads files whose names attack terminals.
func TestStrangeNames(t *testing.T) {
	noLeak(t)
	dir := t.TempDir()
	var want []string
	for i, name := range []string{"a\nb.pcap", "esc\x1b[31m.pcap", "-o", "bad\xff\xfe.pcap", strings.Repeat("n", 250) + ".pcap"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pcap(t, 60, int64(i+1)*second)[:70], 0o600); err != nil {
			t.Logf("this file system has no name %q: %v", name, err)
			continue
		}
		want = append(want, path)
	}
	list, err := input.Expand([]string{dir}, input.Filter{}, input.DefaultConfig())
	slices.Sort(want)
	slices.Sort(list.Paths)
	if err != nil || !slices.Equal(list.Paths, want) {
		t.Fatalf("%q %v", list.Paths, err)
	}
	for _, path := range list.Paths {
		c, err := input.Open(path, nil, input.DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		if _, err = drain(c); err == nil || strings.ContainsAny(err.Error(), "\n\x1b") || !utf8.ValidString(err.Error()) {
			t.Errorf("%q: %v", path, err)
		}
		if _, err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestManyFiles expands a thousand files.
func TestManyFiles(t *testing.T) {
	noLeak(t)
	dir := t.TempDir()
	for i := range 1000 {
		write(t, dir, fmt.Sprintf("%d/%04d.pcap", i%7, i), pcap(t, 60, int64(2000-i)*second))
	}
	withFewFiles(t, 16, func() {
		paths, left := expand(t, dir, input.Filter{})
		if len(paths) != 1000 || len(left) != 0 {
			t.Fatalf("%d paths, %d left", len(paths), len(left))
		}
		for i, p := range paths {
			if want := fmt.Sprintf("%d/%04d.pcap", (999-i)%7, 999-i); p != want {
				t.Fatalf("path %d is %s, want %s", i, p, want)
			}
		}
	})
}
