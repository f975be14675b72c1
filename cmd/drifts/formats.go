package drifts

import (
	"io"

	"pcapmill/model/drift"
	"pcapmill/model/drift/report"
)

// Format is a form of a report.
type Format struct {
	Name, Ending string // as html and .html
	Write        func(io.Writer, *drift.Report, report.Options) error
}

// Formats lists the forms of a report.
func Formats() []Format {
	return []Format{
		{"text", ".txt", report.Text},
		{"json", ".json", func(w io.Writer, r *drift.Report, _ report.Options) error { return report.JSON(w, r) }},
		{"markdown", ".md", report.Markdown},
		{"junit", ".xml", report.JUnit},
		{"html", ".html", report.HTML},
	}
}
