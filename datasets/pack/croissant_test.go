package pack_test

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"pcapmill/datasets/pack"
	"pcapmill/outputs/manifest"
)

// A validator of Croissant documents, after the specification: what must be there is there,
// identifiers are given once, and every reference to one resolves.
type croissant struct {
	t     *testing.T
	ids   map[string]string // @id ─► @type
	terms map[string]any    // of the context
}

func (c *croissant) errorf(format string, args ...any) {
	c.t.Helper()
	c.t.Errorf(format, args...)
}

type node = map[string]any

func list(v any) []any {
	if l, is := v.([]any); is {
		return l
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

func reference(v any) (string, bool) {
	n, is := v.(node)
	id, has := n["@id"].(string)
	return id, is && has && len(n) == 1
}

// collect notes the identifiers of everything that has a type.
func (c *croissant) collect(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			c.collect(e)
		}
	case node:
		if id, has := v["@id"].(string); has && len(v) > 1 {
			if c.ids[id] != "" && !strings.HasPrefix(id, "urn:") {
				c.errorf("%s is given twice", id)
			}
			c.ids[id] = fmt.Sprint(v["@type"])
		}
		for key, e := range v {
			if key != "data" && key != "@context" {
				c.collect(e)
			}
		}
	}
}

// resolve looks at every reference, and that every key is known to the context or is schema.org's.
func (c *croissant) resolve(where string, v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			c.resolve(where, e)
		}
	case node:
		if id, is := reference(v); is && c.ids[id] == "" {
			c.errorf("%s refers to %s, which is not there", where, id)
		}
		for key, e := range v {
			if prefix, _, is := strings.Cut(key, ":"); is && c.terms[prefix] == nil {
				c.errorf("%s has %s, whose prefix no context has", where, key)
			}
			if key != "data" && key != "@context" {
				c.resolve(where+"."+key, e)
			}
		}
	}
}

func (c *croissant) need(n node, what string, keys ...string) {
	for _, key := range keys {
		if n[key] == nil || n[key] == "" {
			c.errorf("%s has no %s", what, key)
		}
	}
}

var sha256Form = regexp.MustCompile(`^[0-9a-f]{64}$`)

// check validates a document. What makers have to say is asked for where they said everything.
func (c *croissant) check(doc node, full bool) {
	c.terms = doc["@context"].(node)
	c.need(doc, "the dataset", "@type", "conformsTo", "name", "description", "distribution", "recordSet")
	if full {
		c.need(doc, "the dataset", "license", "url", "creator", "datePublished", "version", "citeAs", "keywords", "publisher")
	}
	for _, want := range []string{"http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"} {
		if !slices.Contains(list(doc["conformsTo"]), any(want)) {
			c.errorf("it does not conform to %s", want)
		}
	}
	c.collect(doc)
	c.resolve("dataset", doc)
	files := c.distribution(doc)
	for _, v := range list(doc["recordSet"]) {
		c.recordSet(v.(node), files)
	}
}

func (c *croissant) distribution(doc node) (files []string) {
	for _, v := range list(doc["distribution"]) {
		n := v.(node)
		if n["@type"] == "cr:FileObject" {
			c.need(n, "a file", "@id", "name", "contentUrl", "contentSize", "encodingFormat", "sha256")
			if !sha256Form.MatchString(n["sha256"].(string)) {
				c.errorf("the hash of %v is %v", n["@id"], n["sha256"])
			}
			files = append(files, n["contentUrl"].(string))
		}
	}
	for _, v := range list(doc["distribution"]) {
		n := v.(node)
		if n["@type"] != "cr:FileSet" {
			continue
		}
		c.need(n, "a set of files", "@id", "name", "encodingFormat", "includes")
		fits := func(file string) bool { ok, _ := path.Match(n["includes"].(string), file); return ok }
		if !slices.ContainsFunc(files, fits) {
			c.errorf("no file fits %v", n["includes"])
		}
	}
	return files
}

func (c *croissant) recordSet(n node, files []string) {
	c.need(n, "a record set", "@id", "field")
	var fields []string
	for _, v := range list(n["field"]) {
		f := v.(node)
		id := f["@id"].(string)
		c.need(f, id, "dataType")
		if !strings.HasPrefix(id, n["@id"].(string)+"/") {
			c.errorf("%s is a field of %v", id, n["@id"])
		}
		fields = append(fields, id)
		if n["data"] == nil {
			c.field(f, files)
		}
	}
	for _, key := range list(n["key"]) {
		if id, _ := reference(key); !slices.Contains(fields, id) {
			c.errorf("the key %s is none of the fields", id)
		}
	}
	for _, row := range list(n["data"]) {
		if len(row.(node)) != len(fields) {
			c.errorf("a row of %v has not the fields %v: %v", n["@id"], fields, row)
		}
		for key := range row.(node) {
			if !slices.Contains(fields, key) {
				c.errorf("a row of %v has %s", n["@id"], key)
			}
		}
	}
}

// field looks at where a field's values come from; a path must say the split.
func (c *croissant) field(f node, files []string) {
	source, _ := f["source"].(node)
	set, _ := reference(source["fileSet"])
	if c.ids[set] != "cr:FileSet" {
		c.errorf("%v has no source", f["@id"])
	}
	transform, is := source["transform"].(node)
	if !is {
		return
	}
	form := regexp.MustCompile("^" + transform["regex"].(string))
	table, _, _ := strings.Cut(f["@id"].(string), "/")
	for _, file := range files {
		if strings.HasPrefix(file, table+"/") && (form.FindStringSubmatch(file) == nil || !strings.Contains(file, "split="+form.FindStringSubmatch(file)[1]+"/")) {
			c.errorf("%s does not say its split by %s", file, form)
		}
	}
}

// TestCroissantIsValid after the specification.
func TestCroissantIsValid(t *testing.T) {
	for _, split := range []bool{true, false} {
		m := new(pack.Meta)
		if split {
			m = fullMeta(t)
		}
		data, err := factsOf(t, dataset(t, split), m).Croissant()
		if err != nil {
			t.Fatal(err)
		}
		var doc node
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		c := croissant{t: t, ids: map[string]string{}}
		c.check(doc, split)
		if !strings.Contains(fmt.Sprint(doc["recordSet"]), evil) {
			t.Error("the classes are not those of the table, as they are")
		}
	}
}

// TestFrontMatter is what YAML reads, with globs that fit the files and types of every column.
func TestFrontMatter(t *testing.T) {
	o := dataset(t, true)
	m := fullMeta(t)
	m.Title, m.License, m.LicenseURL = evil+"\n---\n: x", "My own: licence", "https://example.org/l"
	card := string(factsOf(t, o, m).Card())
	head, _, _ := strings.Cut(strings.TrimPrefix(card, "---\n"), "\n---\n")
	var doc struct {
		License     string `yaml:"license"`
		LicenseName string `yaml:"license_name"`
		LicenseLink string `yaml:"license_link"`
		PrettyName  string `yaml:"pretty_name"`
		Configs     []struct {
			Files []struct{ Split, Path string } `yaml:"data_files"`
		} `yaml:"configs"`
		Info struct {
			Features []map[string]string `yaml:"features"`
			Splits   []struct {
				Name string
				Rows int64 `yaml:"num_examples"`
			} `yaml:"splits"`
		} `yaml:"dataset_info"`
	}
	if err := yaml.Unmarshal([]byte(head), &doc); err != nil {
		t.Fatalf("%v:\n%s", err, head)
	}
	if doc.License != "other" || doc.LicenseName != m.License || doc.LicenseLink != m.LicenseURL || doc.PrettyName != m.Title {
		t.Errorf("%+v", doc)
	}
	if len(doc.Info.Features) != len(dataSchema().Columns) || doc.Info.Features[4]["sequence"] != "int64" || doc.Info.Features[7]["dtype"] != "string" {
		t.Errorf("features %v", doc.Info.Features)
	}
	table, _ := o.Table("data")
	for i, want := range []string{"train 9", "validation 2", "test 3"} {
		f := doc.Configs[0].Files[i]
		if got := fmt.Sprint(f.Split, " ", doc.Info.Splits[i].Rows); got != want || doc.Info.Splits[i].Name != f.Split {
			t.Errorf("split %s and not %s", got, want)
		}
		n := int64(0)
		for _, p := range table.Parts {
			if ok, _ := path.Match(f.Path, p.Path); ok {
				n += p.Rows
			}
		}
		if n != doc.Info.Splits[i].Rows {
			t.Errorf("%s fits %d rows", f.Path, n)
		}
	}
}

// TestCitationIsValid: YAML with the keys that the format asks for, and no others.
func TestCitationIsValid(t *testing.T) {
	m := fullMeta(t)
	m.Title = evil
	data, ok := factsOf(t, dataset(t, true), m).Citation()
	if !ok {
		t.Fatal("none")
	}
	var doc node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatalf("%v:\n%s", err, data)
	}
	known := []string{"cff-version", "message", "type", "title", "abstract", "authors", "version", "doi", "date-released", "url", "license", "license-url", "keywords"}
	for key := range doc {
		if !slices.Contains(known, key) {
			t.Errorf("the format has no %s", key)
		}
	}
	for _, key := range []string{"cff-version", "message", "title", "authors"} {
		if doc[key] == nil {
			t.Errorf("no %s", key)
		}
	}
	if doc["title"] != evil || doc["cff-version"] != "1.2.0" || doc["date-released"] != "2026-11-30" || doc["type"] != "dataset" || len(list(doc["authors"])) != 2 {
		t.Errorf("%v", doc)
	}
}

// TestImputation: what stands for nulls in scaled rows is said, and that nothing does where nothing does.
func TestImputation(t *testing.T) {
	for by, want := range map[string]string{
		"": "Nothing is imputed: ", "none": "Nothing is imputed: ", "mean": "became the mean of training, before scaling", "zero": "became zero, before scaling",
	} {
		f := factsOf(t, dataset(t, true), new(pack.Meta))
		f.Steps[len(f.Steps)-1].Options["impute"] = by
		f.Tables = append(f.Tables, manifest.Table{Name: "scaled"})
		doc, err := f.Croissant()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(doc), want) {
			t.Errorf("%q: no %q in\n%s", by, want, doc)
		}
		card, imputed := string(f.Card()), by == "mean" || by == "zero"
		if strings.Contains(card, want) != imputed || strings.Contains(card, "never written as 0") == imputed {
			t.Errorf("%q:\n%s", by, card)
		}
	}
}

// TestKeyOfRows: flow_id is the key of flows, and none of messages, of which a flow has several.
func TestKeyOfRows(t *testing.T) {
	for table, times := range map[string]int{"": 2, "flows": 2, "dns": 1} { // the field, and the key
		f := factsOf(t, dataset(t, true), new(pack.Meta))
		f.Table = table
		doc, err := f.Croissant()
		if got := strings.Count(string(doc), `"@id": "keys/flow_id"`); err != nil || got != times {
			t.Errorf("%q: %d times, %v", table, got, err)
		}
	}
}
