package interop_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// card is the part of a card's head that loaders read.
type card struct {
	Configs []struct {
		Files []struct{ Split, Path string } `yaml:"data_files"`
	} `yaml:"configs"`
	Info struct {
		Features []struct{ Name, DType, Sequence string } `yaml:"features"`
		Splits   []struct {
			Name string
			Rows int64 `yaml:"num_examples"`
		} `yaml:"splits"`
	} `yaml:"dataset_info"`
}

// duckTypes are the dtypes of the Hub as DuckDB calls them.
var duckTypes = map[string]string{
	"int64": "BIGINT", "int32": "INTEGER", "float64": "DOUBLE", "string": "VARCHAR", "binary": "BLOB", "timestamp[us, tz=UTC]": "TIMESTAMP WITH TIME ZONE",
}

// TestPackage reads a package as a loader does that knows its card alone: by the globs of its
// splits, with the rows and types that it names. Copies as CSV have the same rows.
func TestPackage(t *testing.T) {
	needDuckDB(t)
	dir := makePackage(t)
	text, err := os.ReadFile(filepath.Join(dir, "package", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(strings.TrimPrefix(string(text), "---\n"), "\n---\n")
	var c card
	if err := yaml.Unmarshal([]byte(head), &c); err != nil {
		t.Fatal(err)
	}
	for i, f := range c.Configs[0].Files {
		from := fmt.Sprintf("read_parquet('package/%s', hive_partitioning = false)", f.Path)
		csv := fmt.Sprintf("read_csv('package/%s', all_varchar = true)", strings.NewReplacer("data/", "csv/", ".parquet", ".csv").Replace(f.Path))
		results := query(t, dir, fmt.Sprintf("SELECT count(*) AS n FROM %s; DESCRIBE SELECT * FROM %s; SELECT count(*) AS n FROM %s", from, from, csv))
		want := fmt.Sprint(c.Info.Splits[i].Rows)
		if got, copied := fmt.Sprint(results[0][0]["n"]), fmt.Sprint(results[2][0]["n"]); got != want || copied != want || f.Split != c.Info.Splits[i].Name {
			t.Errorf("%s: %s rows, %s as CSV, and the card says %s", f.Split, got, copied, want)
		}
		if len(results[1]) != len(c.Info.Features) {
			t.Fatalf("%d columns, and the card says %d", len(results[1]), len(c.Info.Features))
		}
		for k, feature := range c.Info.Features {
			wanted := duckTypes[feature.DType]
			if feature.Sequence != "" {
				wanted = duckTypes[feature.Sequence] + "[]"
			}
			if got := results[1][k]; got["column_name"] != feature.Name || got["column_type"] != wanted {
				t.Errorf("column %d is %v %v, and the card says %s %s", k, got["column_name"], got["column_type"], feature.Name, wanted)
			}
		}
	}
	checkClasses(t, dir)
}

// checkClasses compares the classes of croissant.json with those that DuckDB sees.
func checkClasses(t *testing.T, dir string) {
	data, err := os.ReadFile(filepath.Join(dir, "package", "croissant.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		RecordSet []struct {
			ID   string `json:"@id"`
			Data []map[string]string
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	rows := query(t, dir, "SELECT DISTINCT label FROM read_parquet('package/data/**/*.parquet') WHERE label IS NOT NULL ORDER BY label")[0]
	for _, set := range doc.RecordSet {
		if set.ID != "classes" {
			continue
		}
		if len(set.Data) != len(rows) {
			t.Fatalf("%d classes, and croissant.json has %d", len(rows), len(set.Data))
		}
		for i, row := range rows {
			if set.Data[i]["classes/name"] != row["label"] {
				t.Errorf("class %v, and croissant.json has %s", row["label"], set.Data[i]["classes/name"])
			}
		}
		return
	}
	t.Error("croissant.json has no classes")
}

// makePackage makes one of the generated capture, lists among its columns.
func makePackage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "pcapmill")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/pcapmill").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	rules, err := filepath.Abs("../../cmd/labels/testdata/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"run --demo -q -o tables --features default,first_packets", "label tables -q -o labels --rules " + rules,
		"dataset build tables -q -o dataset --labels labels --unlabelled BENIGN --min-class 1 --lists", "dataset split dataset -q -o split --by conn",
		"dataset export split -q -o package --csv",
	} {
		cmd := exec.Command(program, strings.Fields(args)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", args, err, out)
		}
	}
	return dir
}
