package accuracy_test

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pcapmill/bench/sharedtest"
)

// record is one row of a truth table, by column name.
type record map[string]string

func (r record) int(name string) int64 {
	n, _ := strconv.ParseInt(r[name], 10, 64)
	return n
}

// openTruth opens a file of the shared folder, unpacked.
func openTruth(t testing.TB, parts ...string) io.Reader {
	t.Helper()
	path := filepath.Join(append([]string{sharedtest.Dir(t)}, parts...)...)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if !strings.HasSuffix(path, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// readTSV calls do for each row of a truth table.
func readTSV(t testing.TB, do func(record), parts ...string) {
	t.Helper()
	lines := bufio.NewScanner(openTruth(t, parts...))
	lines.Buffer(nil, 64<<20)
	var names []string
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if names == nil {
			names = cells
			continue
		}
		r := make(record, len(names))
		for i, name := range names {
			if i < len(cells) {
				r[name] = cells[i]
			}
		}
		do(r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// readCSV calls do for each row of a CSV truth.
func readCSV(t testing.TB, do func(record), parts ...string) {
	t.Helper()
	r := csv.NewReader(openTruth(t, parts...))
	r.FieldsPerRecord = -1
	names, err := r.Read()
	if err != nil {
		return // an empty file: no flows
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		row := make(record, len(names))
		for i, name := range names {
			if i < len(cells) {
				row[name] = cells[i]
			}
		}
		do(row)
	}
}

// readJSONL decodes each line of a truth into a T; lines of another shape are
// passed over.
func readJSONL[T any](t testing.TB, do func(*T), parts ...string) {
	t.Helper()
	lines := bufio.NewScanner(openTruth(t, parts...))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var v T
		if json.Unmarshal(lines.Bytes(), &v) == nil {
			do(&v)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// capturePath returns where a capture of the truth tables lies.
func capturePath(t testing.TB, name string) string {
	return filepath.Join(sharedtest.Dir(t), "captures", filepath.FromSlash(name))
}

// captures returns the rows of captures.tsv, in file order.
func captures(t testing.TB) []record {
	t.Helper()
	var rows []record
	readTSV(t, func(r record) { rows = append(rows, r) }, "truth", "captures.tsv")
	return rows
}

// floor fails a complete sweep in which fewer things are equal than docs/accuracy.md
// says: a rule must not swallow what used to agree.
func floor(t *testing.T, equal, documented int) {
	t.Helper()
	if sharedtest.Accept() && equal < documented {
		t.Errorf("%d equal, fewer than the %d of docs/accuracy.md", equal, documented)
	}
}

// sampled reports whether item i of a long list is in the quick sample; under
// PCAPMILL_ACCEPT=1 all are.
func sampled(i, every int) bool { return sharedtest.Accept() || i%every == 0 }
