package pack

import (
	"cmp"
	"fmt"
	"slices"

	"pcapmill/datasets/build"
	"pcapmill/features/column"
)

// frontMatter is the head of a card, as the Hugging Face Hub reads it.
//
// Source: datasetcard.md of huggingface/hub-docs.
func (f *Facts) frontMatter() string {
	var d yamlDoc
	f.frontLicence(&d)
	d.put(0, "pretty_name", f.title())
	d.list("tags", f.keywords())
	d.list("task_categories", []string{"tabular-classification"})
	d.list("size_categories", []string{sizeCategory(f.Survey.Rows)})
	if len(f.Steps) > 1 {
		d.list("annotations_creators", []string{"machine-generated"})
	}
	f.frontConfigs(&d)
	f.frontInfo(&d)
	d.put(0, "recipe_sha256", f.Recipe)
	return "---\n" + d.String() + "---\n"
}

func (f *Facts) frontLicence(d *yamlDoc) {
	known, is := licenceNamed(f.Meta.License)
	switch {
	case f.Meta.License == "":
		d.put(0, "license", "unknown")
	case is:
		d.put(0, "license", known.hub)
	default:
		d.put(0, "license", "other")
		d.put(0, "license_name", f.Meta.License)
		d.put(0, "license_link", f.Meta.LicenseURL)
	}
}

// keywords are those of the makers, or what is true of each dataset of ours.
func (f *Facts) keywords() []string {
	if len(f.Meta.Keywords) > 0 {
		return f.Meta.Keywords
	}
	return []string{"network-traffic", "pcapmill"}
}

// sizeCategory is the Hub's word for a number of rows.
func sizeCategory(rows int64) string {
	limits := []struct {
		below int64
		name  string
	}{
		{1e3, "n<1K"}, {1e4, "1K<n<10K"}, {1e5, "10K<n<100K"}, {1e6, "100K<n<1M"}, {1e7, "1M<n<10M"},
		{1e8, "10M<n<100M"}, {1e9, "100M<n<1B"}, {1e10, "1B<n<10B"}, {1e11, "10B<n<100B"}, {1e12, "100B<n<1T"},
	}
	for _, l := range limits {
		if rows < l.below {
			return l.name
		}
	}
	return "n>1T"
}

// hubSplit is the name of a split on the Hub, where a dataset without splits is called train.
func (s *Split) hubSplit() string { return cmp.Or(s.Name, "train") }

// glob matches the Parquet files of a split.
func (s *Split) glob() string {
	if s.Name == "" {
		return build.Data + "/*.parquet"
	}
	return build.Data + "/" + s.Folder() + "/*.parquet"
}

func (f *Facts) frontConfigs(d *yamlDoc) {
	d.WriteString("configs:\n- config_name: default\n  data_files:\n")
	for i := range f.Survey.Splits {
		s := &f.Survey.Splits[i]
		fmt.Fprintf(d, "  - split: %s\n    path: %s\n", yamlText(s.hubSplit()), yamlText(s.glob()))
	}
}

func (f *Facts) frontInfo(d *yamlDoc) {
	s := f.Survey
	d.WriteString("dataset_info:\n  features:\n")
	for i := range s.Schema.Columns {
		c := &s.Schema.Columns[i]
		fmt.Fprintf(d, "  - name: %s\n    %s: %s\n", yamlText(c.Name), hubForm(c.Type), yamlText(hubTypes[c.Type]))
	}
	d.WriteString("  splits:\n")
	arrow, stored := int64(0), int64(0)
	for i := range s.Splits {
		split := &s.Splits[i]
		arrow, stored = arrow+split.Arrow, stored+split.Bytes
		fmt.Fprintf(d, "  - name: %s\n", yamlText(split.hubSplit()))
		d.number(2, "num_bytes", split.Arrow)
		d.number(2, "num_examples", split.Rows)
	}
	d.number(1, "download_size", stored)
	d.number(1, "dataset_size", arrow)
}

// hubTypes are the dtypes of the library datasets.
var hubTypes = map[column.Type]string{
	column.Int64: "int64", column.Int32: "int32", column.Double: "float64", column.String: "string", column.Text: "string",
	column.Binary: "binary", column.Timestamp: "timestamp[us, tz=UTC]",
	column.ListInt64: "int64", column.ListInt32: "int32", column.ListString: "string",
}

// hubForm is the key of a feature's type: lists are sequences of theirs.
func hubForm(t column.Type) string {
	if slices.Contains([]column.Type{column.ListInt64, column.ListInt32, column.ListString}, t) {
		return "sequence"
	}
	return "dtype"
}
