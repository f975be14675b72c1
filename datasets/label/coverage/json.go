package coverage

import (
	"io"

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
