package labels

import (
	"io"
	"path/filepath"
	"strings"

	"pcapmill/datasets/label/compare"
	"pcapmill/datasets/label/coverage"
	"pcapmill/outputs/report"
	"pcapmill/outputs/usage"
)

// form is one in which reports are written.
type form struct {
	name, ending string
	page         func(w io.Writer, p *report.Page, width int) error // nil: JSON
}

func forms() []form {
	return []form{
		{"text", ".txt", report.Text},
		{"markdown", ".md", func(w io.Writer, p *report.Page, _ int) error { return report.Markdown(w, p) }},
		{"html", ".html", func(w io.Writer, p *report.Page, _ int) error { return report.HTML(w, p) }},
		{"json", ".json", nil},
	}
}

// Forms returns the names of the forms of reports, and the endings of files that have them.
func Forms() (names, endings []string) {
	for _, f := range forms() {
		names, endings = append(names, f.name), append(endings, f.ending)
	}
	return names, endings
}

// formOf finds a form by its name, or the ending of a file.
func formOf(name string) (form, error) {
	for _, f := range forms() {
		if f.name == name || strings.EqualFold(f.ending, name) {
			return f, nil
		}
	}
	_, endings := Forms()
	return form{}, usage.Errorf("%q is no form of report: there are %s", name, strings.Join(endings, ", "))
}

// CheckReport reports whether a file's ending names a form, as a usage.Err.
func CheckReport(path string) error {
	_, err := formOf(filepath.Ext(path))
	return err
}

// mostRows of a table are in reports, but for JSON.
const mostRows = 100

// WriteReport writes a coverage report in a form, named or by the ending of a file. Lines of
// text have at most so many cells, any number for 0.
func WriteReport(w io.Writer, r *coverage.Report, name string, width int) error {
	f, err := formOf(name)
	switch {
	case err != nil:
		return err
	case f.page == nil:
		return coverage.JSON(w, r)
	}
	return f.page(w, r.Page(mostRows), width)
}

// fewRows of a table are in the summary.
const fewRows = 10

// WriteSummary writes the beginning of each table of a coverage report as text.
func WriteSummary(w io.Writer, r *coverage.Report, width int) error {
	return report.Text(w, r.Page(fewRows), width)
}

// WriteComparison writes a comparison in a form. Tables have at most so many rows, but for JSON;
// 0: all.
func WriteComparison(w io.Writer, r *compare.Report, name string, top, width int) error {
	f, err := formOf(name)
	switch {
	case err != nil:
		return err
	case f.page == nil:
		return compare.JSON(w, r)
	}
	return f.page(w, r.Page(top), width)
}

// WriteCheck writes what sources say in a form.
func WriteCheck(w io.Writer, c *Checked, name string, width int) error {
	f, err := formOf(name)
	if err != nil {
		return err
	}
	return f.page(w, c.Page(mostRows), width)
}
