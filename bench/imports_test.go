package bench_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "pcapmill/"

// may lists, per folder, what its packages may import of ours; the longest entry
// that matches a package counts, and a folder always may import itself. This is
// the table of ARCHITECTURE.md.
var may = map[string][]string{
	"ingest":        {},
	"features":      {"ingest/packet"},
	"outputs":       {"features/column", "features/batch"},
	"stages":        {"ingest", "features"},
	"model":         {"features/column", "features/batch", "features/sketch", "outputs"},
	"datasets":      {"features", "outputs", "model", "ingest"},
	"bench":         {"ingest", "features", "outputs", "stages", "model", "datasets", "cmd"},
	"bench/traffic": {"ingest"},
	"bench/hostile": {"ingest", "bench/traffic"},
	"cmd":           {"ingest", "features", "outputs", "stages", "model", "datasets", "bench/traffic"},
}

// rooms lists where a third party may be imported, outside tests.
var rooms = map[string][]string{
	"github.com/google/gopacket":       {"features/record", "ingest"},
	"github.com/apache/arrow/go":       {"features", "outputs", "model", "datasets"},
	"github.com/parquet-go/parquet-go": {"outputs/parquetfile"},
	"github.com/alecthomas/kong":       {"cmd/pcapmill"},
	"github.com/goccy/go-yaml":         {"cmd/pcapmill", "model/rules", "outputs/strictyaml"},
	"github.com/klauspost/compress":    {"ingest", "outputs", "stages/checkpoint"},
	"github.com/pierrec/lz4/v4":        {"ingest"},
	"github.com/ulikunitz/xz":          {}, // tests alone: it allocates what a header claims
	"golang.org/x/sync":                {"stages", "outputs", "model", "datasets"},
	"golang.org/x/sys":                 {"ingest", "stages", "outputs", "cmd", "bench"}, // terminals, locks, CPU times
	"golang.org/x/net":                 {"ingest", "cmd/sandbox"},                       // bpf: instructions of sockets, and of seccomp
	"modernc.org/sqlite":               {"outputs/sqlite"},
	"gonum.org/v1/gonum":               {"model", "bench"}, // laws of probability
}

// testOnly are third parties for tests alone, besides those of rooms.
var testOnly = []string{"pgregory.net/rapid", "github.com/google/go-cmp"}

// unsafeFiles lists the files outside tests that may import it. Each says why in its text.
var unsafeFiles = []string{
	"features/flow/ref.go", "features/prefetch/prefetch_amd64.go",
	"stages/snapshot/memory.go", "ingest/live/sys_linux.go", "cmd/sandbox/threads_linux.go",
}

// forbidden are packages that nobody may import, with the reason.
var forbidden = map[string]string{
	"github.com/apache/arrow/go/v17/parquet": "its writer has known statistics and write-error defects",
}

// TestImportsPointOneWay parses the imports of every file.
func TestImportsPointOneWay(t *testing.T) {
	files := 0
	err := walkSources(func(file string) error {
		if filepath.Ext(file) != ".go" {
			return nil
		}
		files++
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", file), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := wrong(filepath.ToSlash(file), imported); why != "" {
				t.Errorf("%s imports %s: %s", file, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files seen", files)
	}
}

// walkSources visits the Go and assembly files of the repository by their path in it.
func walkSources(visit func(file string) error) error {
	return filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if ext := filepath.Ext(file); d.IsDir() || ext != ".go" && ext != ".s" {
			return nil
		}
		rel, err := filepath.Rel("..", file)
		if err != nil {
			return err
		}
		return visit(rel)
	})
}

// wrong says why a file may not import a package, "" where it may.
func wrong(file, imported string) string {
	folder, isTest := path.Dir(file), strings.HasSuffix(file, "_test.go") || strings.Contains(file, "test/")
	for prefix, why := range forbidden {
		if below(imported, prefix) {
			return why
		}
	}
	if imported == "unsafe" && !isTest && !slices.Contains(unsafeFiles, file) {
		return "unsafe stays in " + strings.Join(unsafeFiles, ", ")
	}
	if own, ok := strings.CutPrefix(imported, module); ok {
		return wrongOwn(folder, own, isTest)
	}
	if !strings.Contains(strings.Split(imported, "/")[0], ".") {
		return "" // the standard library
	}
	for third, where := range rooms {
		if below(imported, third) {
			if isTest || anyBelow(folder, where) {
				return ""
			}
			return "it stays in " + strings.Join(where, ", ")
		}
	}
	for _, third := range testOnly {
		if isTest && below(imported, third) {
			return ""
		}
	}
	return "this third party has no room: see the table in ARCHITECTURE.md"
}

func wrongOwn(folder, own string, isTest bool) string {
	rule := ""
	for known := range may {
		if below(folder, known) && len(known) > len(rule) {
			rule = known
		}
	}
	switch {
	case rule == "":
		return "its folder is none of the architecture's"
	case below(own, rule), anyBelow(own, may[rule]):
		return ""
	case isTest && (below(own, "bench") || below(own, "ingest") || below(own, "features") || below(own, "outputs")):
		return "" // tests make and read what they need
	}
	return "folder " + rule + " may import only itself and " + strings.Join(may[rule], ", ")
}

func below(name, parent string) bool { return name == parent || strings.HasPrefix(name, parent+"/") }

func anyBelow(name string, parents []string) bool {
	for _, p := range parents {
		if below(name, p) {
			return true
		}
	}
	return false
}

// TestTheRuleBites feeds the check imports that it must refuse.
func TestTheRuleBites(t *testing.T) {
	for file, imports := range map[string][]string{
		"ingest/capfile/x.go":        {"pcapmill/features/column", "pcapmill/outputs/text", "github.com/parquet-go/parquet-go"},
		"features/flow/x.go":         {"pcapmill/ingest/capfile", "pcapmill/stages", "golang.org/x/sync/errgroup"},
		"outputs/text/x.go":          {"pcapmill/features/flow", "pcapmill/ingest/packet", "github.com/parquet-go/parquet-go/format"},
		"outputs/ipc/x.go":           {"github.com/apache/arrow/go/v17/parquet/pqarrow"},
		"stages/x.go":                {"pcapmill/outputs/parquetfile", "pcapmill/cmd/job"},
		"stages/x_test.go":           {"pcapmill/cmd/job"},
		"bench/traffic/x.go":         {"pcapmill/features/flow"},
		"bench/hostile/x.go":         {"pcapmill/features/flow", "pcapmill/cmd/job"},
		"cmd/pcapmill/x.go":          {"pcapmill/bench/accuracy", "github.com/spf13/cobra"},
		"cmd/job/x.go":               {"github.com/alecthomas/kong"},
		"helpers/x.go":               {"pcapmill/ingest/packet"},
		"ingest/packet/x.go":         {"unsafe"},
		"outputs/parquetfile/x.go":   {"pgregory.net/rapid"},
		"datasets/x_test.go":         {"github.com/stretchr/testify/require"},
		"features/record/dns/x.go":   {"pcapmill/ingest/decompress"},
		"outputs/publish/faultfs.go": {"golang.org/x/net/http2"},
		"features/flow/y.go":         {"gonum.org/v1/gonum/stat"},
		"stages/y.go":                {"gonum.org/v1/gonum/dsp/fourier", "pcapmill/model/drift"},
	} {
		for _, imported := range imports {
			if wrong(file, imported) == "" {
				t.Errorf("%s may import %s", file, imported)
			}
		}
	}
}
