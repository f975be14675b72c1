package pack

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pcapmill/datasets/build"
	"pcapmill/datasets/scale"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
)

// What a Croissant document conforms to.
const (
	croissantVersion = "http://mlcommons.org/croissant/1.1"
	raiVersion       = "http://mlcommons.org/croissant/RAI/1.0"
)

// croissantContext is the recommended context of Croissant 1.1, with the prefixes of RAI and PROV.
const croissantContext = `{"@language":"en","@vocab":"http://schema.org/","sc":"http://schema.org/","cr":"http://mlcommons.org/croissant/",` +
	`"rai":"http://mlcommons.org/croissant/RAI/","dct":"http://purl.org/dc/terms/","prov":"http://www.w3.org/ns/prov#",` +
	`"annotation":"cr:annotation","arrayShape":"cr:arrayShape","citeAs":"cr:citeAs","column":"cr:column","conformsTo":"dct:conformsTo",` +
	`"containedIn":"cr:containedIn","data":{"@id":"cr:data","@type":"@json"},"dataType":{"@id":"cr:dataType","@type":"@vocab"},` +
	`"equivalentProperty":"cr:equivalentProperty","examples":{"@id":"cr:examples","@type":"@json"},"excludes":"cr:excludes","extract":"cr:extract",` +
	`"field":"cr:field","fileProperty":"cr:fileProperty","fileObject":"cr:fileObject","fileSet":"cr:fileSet","format":"cr:format","includes":"cr:includes",` +
	`"isArray":"cr:isArray","isLiveDataset":"cr:isLiveDataset","jsonPath":"cr:jsonPath","key":"cr:key","md5":"cr:md5","parentField":"cr:parentField",` +
	`"recordSet":"cr:recordSet","references":"cr:references","regex":"cr:regex","readLines":"cr:readLines","sdVersion":"cr:sdVersion","separator":"cr:separator",` +
	`"source":"cr:source","subField":"cr:subField","transform":"cr:transform","unArchive":"cr:unArchive","value":"cr:value"}`

// Media types of the files of packages.
var mediaTypes = []struct{ ending, media string }{
	{".parquet", "application/vnd.apache.parquet"}, {".csv", "text/csv"}, {".arrow", "application/vnd.apache.arrow.file"},
	{".json", "application/json"}, {".md", "text/markdown"}, {".html", "text/html"}, {".yaml", "application/yaml"}, {".cff", "application/yaml"},
}

func mediaOf(path string) string {
	for _, m := range mediaTypes {
		if strings.HasSuffix(path, m.ending) {
			return m.media
		}
	}
	return "text/plain"
}

// Croissant returns croissant.json: Croissant 1.1 with RAI 1.0.
//
// Source: the specifications of MLCommons, docs/croissant-spec-1.1.md and croissant-rai-spec.md.
func (f *Facts) Croissant() ([]byte, error) {
	var d object
	m := f.Meta
	d.put("@context", json.RawMessage(croissantContext))
	d.put("@type", "sc:Dataset")
	d.put("conformsTo", []string{croissantVersion, raiVersion})
	d.put("name", f.name())
	d.put("alternateName", m.Title)
	d.put("description", f.description())
	d.put("license", f.licenceURL())
	d.put("url", m.URL)
	d.put("version", m.Version)
	d.put("datePublished", m.Published)
	d.put("creator", one(f.creators()))
	d.put("publisher", f.publisher())
	d.put("keywords", f.keywords())
	d.put("citeAs", f.citeAs())
	d.put("identifier", doiURL(m.DOI))
	d.put("isLiveDataset", json.RawMessage("false"))
	f.rai(&d)
	f.provenance(&d)
	d.put("distribution", f.distribution())
	d.put("recordSet", f.recordSets())
	return encodeJSON(d)
}

func (f *Facts) licenceURL() string {
	known, _ := licenceNamed(f.Meta.License)
	return cmp.Or(f.Meta.LicenseURL, known.url, f.Meta.License)
}

func doiURL(doi string) string {
	if doi == "" {
		return ""
	}
	return "https://doi.org/" + doi
}

func (f *Facts) creators() []object {
	var all []object
	for i := range f.Meta.Authors {
		a := &f.Meta.Authors[i]
		var o object
		if a.Name != "" {
			o.put("@type", "sc:Organization")
		} else {
			o.put("@type", "sc:Person")
		}
		o.put("name", a.Full())
		o.put("givenName", a.Given)
		o.put("familyName", a.Family)
		o.put("identifier", orcidURL(a.ORCID))
		o.put("affiliation", a.Affiliation)
		o.put("email", a.Email)
		o.put("url", a.URL)
		all = append(all, o)
	}
	return all
}

func orcidURL(s string) string {
	if s == "" || strings.HasPrefix(s, "https://") {
		return s
	}
	return "https://orcid.org/" + s
}

func (f *Facts) publisher() any {
	if f.Meta.Publisher == "" {
		return nil
	}
	return object{{"@type", "sc:Organization"}, {"name", f.Meta.Publisher}}
}

// distribution lists every file, and the sets that records are read from.
func (f *Facts) distribution() []object {
	var all []object
	add := func(path string, bytes int64, sum string) {
		all = append(all, object{
			{"@type", "cr:FileObject"}, {"@id", path}, {"name", path}, {"contentUrl", path}, {"contentSize", fmt.Sprintf("%d B", bytes)},
			{"encodingFormat", mediaOf(path)}, {"sha256", sum},
		})
	}
	for i := range f.Tables {
		for _, p := range f.Tables[i].Parts {
			add(p.Path, p.Bytes, p.SHA256)
		}
	}
	for _, file := range f.Files {
		add(file.Path, file.Bytes, file.SHA256)
	}
	for i := range f.Tables {
		if t := &f.Tables[i]; f.described(t.Name) != nil {
			all = append(all, f.fileSet(t))
		}
	}
	return all
}

// described returns the columns of a table whose records are described, nil of others.
func (f *Facts) described(table string) *column.Schema {
	for _, s := range f.Survey.Tables {
		if s.Table == table {
			return s
		}
	}
	return nil
}

// divided reports whether the parts of a table are in folders of splits.
func divided(t *manifest.Table) bool {
	return len(t.Parts) > 0 && strings.HasPrefix(t.Parts[0].Path, t.Name+"/"+splitKey+"=")
}

func setID(table string) string { return table + "-files" }

func (f *Facts) fileSet(t *manifest.Table) object {
	include := t.Name + "/*.parquet"
	if divided(t) {
		include = t.Name + "/" + splitKey + "=*/*.parquet"
	}
	return object{
		{"@type", "cr:FileSet"}, {"@id", setID(t.Name)}, {"name", setID(t.Name)}, {"description", "The Parquet files of the table " + t.Name + "."},
		{"encodingFormat", mediaOf(include)}, {"includes", include},
	}
}

// split reports whether the dataset has splits.
func (f *Facts) split() bool { return f.Survey.Splits[0].Name != "" }

func ref(id string) object { return object{{"@id", id}} }

// Names of record sets that are lists of what a field can be.
const (
	splitsSet  = "splits"
	classesSet = "classes"
)

func (f *Facts) recordSets() []object {
	var all []object
	if f.split() {
		all = append(all, f.splitsSet())
	}
	if classes := f.classNames(); len(classes) > 0 {
		all = append(all, classesRecords(classes))
	}
	for i := range f.Tables {
		if schema := f.described(f.Tables[i].Name); schema != nil {
			all = append(all, f.records(&f.Tables[i], schema))
		}
	}
	return all
}

// splitClasses are the meanings of names of splits; others have none in Croissant.
var splitClasses = map[string]string{"train": "cr:TrainingSplit", "validation": "cr:ValidationSplit", "test": "cr:TestSplit"}

func (f *Facts) splitsSet() object {
	var rows []object
	for i := range f.Survey.Splits {
		name := f.Survey.Splits[i].Name
		rows = append(rows, object{{splitsSet + "/name", name}, {splitsSet + "/url", cmp.Or(splitClasses[name], "cr:Split")}})
	}
	return object{
		{"@type", "cr:RecordSet"}, {"@id", splitsSet}, {"name", splitsSet}, {"description", "The splits, and what each is for."}, {"dataType", "cr:Split"},
		{"key", ref(splitsSet + "/name")},
		{"field", []object{
			{{"@type", "cr:Field"}, {"@id", splitsSet + "/name"}, {"dataType", "sc:Text"}},
			{{"@type", "cr:Field"}, {"@id", splitsSet + "/url"}, {"dataType", "sc:URL"}},
		}},
		{"data", rows},
	}
}

// classNames are the labels, by name; none where there are too many to list, or none at all.
func (f *Facts) classNames() []string {
	var names []string
	for i := range f.Survey.Classes {
		if c := &f.Survey.Classes[i]; !c.Null {
			names = append(names, c.Label)
		}
	}
	if f.Survey.Rest > 0 {
		return nil
	}
	slices.Sort(names)
	return names
}

func classesRecords(names []string) object {
	rows := make([]object, len(names))
	for i, name := range names {
		rows[i] = object{{classesSet + "/name", name}}
	}
	return object{
		{"@type", "cr:RecordSet"}, {"@id", classesSet}, {"name", classesSet}, {"description", "What the label can be."}, {"dataType", "sc:Enumeration"},
		{"key", ref(classesSet + "/name")},
		{"field", []object{{{"@type", "cr:Field"}, {"@id", classesSet + "/name"}, {"dataType", "sc:Text"}}}},
		{"data", rows},
	}
}

// tableDocs say what tables are for.
var tableDocs = map[string]string{
	build.Data:     "One record a row, what models learn from and predict.",
	build.Keys:     "What each row of data is about, row by row in the same order and the same splits: for splitting and checking, never for models.",
	build.Captures: "The captures that rows come from.",
	scale.Table:    "The rows of data, row by row, scaled by what the rows of training have.",
}

// records describes the rows of a table.
func (f *Facts) records(t *manifest.Table, schema *column.Schema) object {
	table := t.Name
	o := object{{"@type", "cr:RecordSet"}, {"@id", table}, {"name", table}, {"description", cmp.Or(tableDocs[table], "The rows of the table "+table+".")}}
	if i := schema.Index("flow_id"); i >= 0 && !schema.Columns[i].Optional() && (f.Table == "" || f.Table == "flows") { // a flow has several messages
		o.put("key", ref(table+"/flow_id"))
	}
	var fields []object
	for i := range schema.Columns {
		fields = append(fields, f.field(table, &schema.Columns[i]))
	}
	if divided(t) {
		fields = append(fields, f.splitField(table))
	}
	o.put("field", fields)
	return o
}

var croissantTypes = map[column.Type]string{
	column.Int64: "sc:Integer", column.Int32: "sc:Integer", column.Double: "sc:Float", column.String: "sc:Text", column.Text: "sc:Text",
	column.Binary: "sc:Text", column.Timestamp: "sc:DateTime",
	column.ListInt64: "sc:Integer", column.ListInt32: "sc:Integer", column.ListString: "sc:Text",
}

func (f *Facts) field(table string, c *column.Column) object {
	o := object{{"@type", "cr:Field"}, {"@id", table + "/" + c.Name}, {"name", c.Name}}
	o.put("description", fieldDoc(c))
	types := []string{croissantTypes[c.Type]}
	if c.Name == labelName {
		types = append(types, "cr:Label")
	}
	o.put("dataType", one(types))
	if hubForm(c.Type) == "sequence" {
		o.put("isArray", json.RawMessage("true"))
		o.put("arrayShape", "-1")
	}
	o.put("source", object{{"fileSet", ref(setID(table))}, {"extract", object{{"column", c.Name}}}})
	if c.Name == labelName && len(f.classNames()) > 0 {
		o.put("references", ref(classesSet+"/name"))
	}
	return o
}

// fieldDoc says what a column means, in what unit, and when it is null.
func fieldDoc(c *column.Column) string {
	doc := c.Doc
	if c.Unit != column.None {
		doc += " Unit: " + string(c.Unit) + "."
	}
	if c.Optional() {
		doc += " Null where " + c.Null + "."
	}
	return doc + " Role: " + c.Role.String() + "."
}

// splitField is the split of a record, which its file's path says.
func (f *Facts) splitField(table string) object {
	names := make([]string, len(f.Survey.Splits))
	for i := range f.Survey.Splits {
		names[i] = strings.ReplaceAll(f.Survey.Splits[i].Name, ".", `\.`)
	}
	return object{
		{"@type", "cr:Field"}, {"@id", table + "/" + splitKey}, {"name", splitKey}, {"description", "The split that the record is in."}, {"dataType", "sc:Text"},
		{"source", object{
			{"fileSet", ref(setID(table))}, {"extract", object{{"fileProperty", "fullpath"}}},
			{"transform", object{{"regex", `.*` + splitKey + `=(` + strings.Join(names, "|") + `)/.*`}}},
		}},
		{"references", ref(splitsSet + "/name")},
	}
}
