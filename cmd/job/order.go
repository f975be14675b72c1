package job

import (
	"fmt"
	"strconv"

	"pcapmill/stages"
)

// order adds the options about the order of packets and about duplicates.
func (o *Options) order(m map[string]string) {
	c := &o.Stages
	m["merge"] = strconv.FormatBool(c.Merge)
	m["reorder"] = c.Reorder.String()
	m["duplicates"] = string(c.Duplicates.Mode)
	if c.Duplicates.Mode != stages.DuplicatesKeep {
		m["duplicate_key"] = string(c.Duplicates.Key)
		m["duplicate_window"] = c.Duplicates.Window.String()
	}
}

// mergeable fails where there are more inputs than can be open at once.
func mergeable(o *Options, sources []source) error {
	if o.Stages.Merge && len(sources) > stages.MaxTaps {
		return fmt.Errorf("%d captures are to be merged by time, but %d can be: join those of each tap first, or read fewer at a time", len(sources), stages.MaxTaps)
	}
	return nil
}

// orderNotes are what was unusual about the times of an input's packets.
func orderNotes(s *stages.InputSummary) []string {
	var notes []string
	if s.TimeOutliers > 0 {
		notes = append(notes, fmt.Sprintf("time_outliers: %d", s.TimeOutliers))
	}
	if s.ClockSteps > 0 {
		notes = append(notes, fmt.Sprintf("clock_steps_back: %d", s.ClockSteps))
	}
	return notes
}
