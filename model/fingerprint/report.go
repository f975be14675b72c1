package fingerprint

import (
	"encoding/json"
	"io"

	"pcapmill/outputs/text"
)

// The documents of comparisons and views have keys in the order of their bytes. Names
// are escaped as in text: they may hold what JSON cannot.

type comparisonDocument struct {
	Compared      int             `json:"compared"`
	Deltas        []deltaDocument `json:"deltas"`
	Format        string          `json:"format"`
	Match         bool            `json:"match"`
	Metric        Metric          `json:"metric"`
	OneSided      int             `json:"one_sided"`
	Reason        string          `json:"reason"`
	SchemaVersion int             `json:"schema_version"`
	Source        string          `json:"source"`
	Target        string          `json:"target"`
	Threshold     float64         `json:"threshold"`
	Value         Value           `json:"value"`
	VectorVersion int             `json:"vector_version"`
}

type deltaDocument struct {
	Feature string `json:"feature"`
	Percent Value  `json:"percent"`
	Scaled  Value  `json:"scaled"`
	Source  Value  `json:"source"`
	Target  Value  `json:"target"`
	Unit    string `json:"unit"`
}

// WriteComparison writes it as JSON.
func WriteComparison(w io.Writer, source, target string, c *Comparison) error {
	d := comparisonDocument{
		Compared: c.Compared, Deltas: []deltaDocument{}, Format: "pcapmill-comparison", Match: c.Match, Metric: c.Metric,
		OneSided: c.OneSided, Reason: c.Why, SchemaVersion: SchemaVersion, Source: text.Escape(source), Target: text.Escape(target),
		Threshold: c.Threshold, Value: c.Value, VectorVersion: VectorVersion,
	}
	for _, x := range c.Deltas {
		d.Deltas = append(d.Deltas, deltaDocument{x.Feature.Name, x.Percent, x.Scaled, x.Source, x.Target, string(x.Feature.Unit)})
	}
	return writeIndented(w, d)
}

type viewDocument struct {
	Bars          []barDocument     `json:"bars"`
	Classes       []Class           `json:"classes"`
	Format        string            `json:"format"`
	OlderWindows  int               `json:"older_windows"`
	Perhaps       []perhapsDocument `json:"perhaps"`
	SchemaVersion int               `json:"schema_version"`
	Timeline      []pointDocument   `json:"timeline"`
	Title         string            `json:"title"`
	VectorVersion int               `json:"vector_version"`
}

type barDocument struct {
	Band    string  `json:"band"`
	Feature string  `json:"feature"`
	Fill    float64 `json:"fill"`
	Unit    string  `json:"unit"`
	Usual   Value   `json:"usual"`
	Value   Value   `json:"value"`
	Z       Value   `json:"z"`
}

type perhapsDocument struct {
	Class   string   `json:"class"`
	Unknown []string `json:"unknown"`
}

type pointDocument struct {
	Bar   barDocument `json:"bar"`
	Start int64       `json:"window_start_ns"`
}

// WriteView writes it as JSON.
func WriteView(w io.Writer, title string, v *View) error {
	d := viewDocument{
		Bars: []barDocument{}, Classes: v.Classes, Format: "pcapmill-inspection", Perhaps: []perhapsDocument{},
		SchemaVersion: SchemaVersion, Timeline: []pointDocument{}, Title: text.Escape(title), VectorVersion: VectorVersion,
	}
	for i := range v.Bars {
		d.Bars = append(d.Bars, barDocumentOf(&v.Bars[i]))
	}
	for _, u := range v.Undecided {
		d.Perhaps = append(d.Perhaps, perhapsDocument{u.Name, u.Unknown})
	}
	if v.Timeline != nil {
		d.OlderWindows = v.Timeline.Before
		for i := range v.Timeline.Points {
			p := &v.Timeline.Points[i]
			d.Timeline = append(d.Timeline, pointDocument{barDocumentOf(&p.Bar), p.Start})
		}
	}
	return writeIndented(w, d)
}

func barDocumentOf(b *Bar) barDocument {
	return barDocument{b.Word, b.Feature.Name, b.Fill, string(b.Feature.Unit), b.Usual, b.Value, b.Z}
}

func writeIndented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
