package coverage

import (
	"encoding/json"
	"io"

	"pcapmill/datasets/label"
	"pcapmill/outputs/text"
)

// JSON writes the whole report, indented, with a line end behind it. Lists are never null.
func JSON(w io.Writer, r *Report) error {
	whole := *r
	fill(&whole.Outcomes)
	fill(&whole.Labels)
	fill(&whole.Sources)
	fill(&whole.Rules)
	fill(&whole.Conflicts)
	fill(&whole.Edges)
	fill(&whole.Pairs)
	fill(&whole.Written)
	fill(&whole.Notes)
	fill(&whole.Shifts)
	fill(&whole.Events.Reasons)
	fill(&whole.Events.First)
	return text.WriteJSON(w, whole, "  ")
}

// ReadJSON reads what JSON wrote.
func ReadJSON(in io.Reader) (*Report, error) {
	r := new(Report)
	if err := json.NewDecoder(in).Decode(r); err != nil {
		return nil, err
	}
	if r.Timeline != nil { // the outcomes come last, and have names of their own
		last := r.Timeline.Series[max(0, len(r.Timeline.Series)-2):]
		for i := range last {
			last[i].Rest = last[i].Name == nameOf(label.Ambiguous) || last[i].Name == nameOf(label.Unlabelled)
		}
	}
	return r, nil
}

// fill makes a list that is null an empty one.
func fill[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// WriteLine writes an event that matched nothing as a line of JSON.
func (e *Event) WriteLine(w io.Writer) error {
	return text.WriteJSON(w, *e, "")
}
