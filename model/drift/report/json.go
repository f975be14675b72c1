package report

import (
	"encoding/json"
	"fmt"
	"io"

	"pcapmill/model/drift"
	"pcapmill/outputs/text"
)

// JSON writes the whole report, indented, with a line end behind it. Lists are never
// null, times are in UTC.
func JSON(w io.Writer, r *drift.Report) error {
	whole := *r
	whole.Items, whole.Hosts, whole.Notes = filled(r.Items), filled(r.Hosts), filled(r.Notes)
	return text.WriteJSON(w, whole, "  ")
}

// filled makes a list that is null an empty one.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Check reports what no form could show: numbers that are none.
func Check(r *drift.Report) error {
	for i := range r.Items {
		if _, err := json.Marshal(&r.Items[i]); err != nil {
			return fmt.Errorf("item %q: %w", r.Items[i].ID, err)
		}
	}
	for i := range r.Hosts {
		if _, err := json.Marshal(&r.Hosts[i]); err != nil {
			return fmt.Errorf("host %q: %w", r.Hosts[i].Host, err)
		}
	}
	_, err := json.Marshal(r)
	return err
}
