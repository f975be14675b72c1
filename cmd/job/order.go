package job

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"pcapmill/ingest/packet"
	"pcapmill/outputs/text"
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

// overlap is how much earlier than the end of those before it an input may begin, in a series of
// captures, without a word: clocks of parallel writers differ by less.
const overlap = time.Minute

// disorder says which inputs begin long before an earlier one ends. In a series the clock of
// packets does not go back, so flows and windows of theirs are not what they would be alone.
func disorder(o *Options, inputs []InputReport) []string {
	if o.Stages.Merge || o.Stages.Inputs != stages.Sequence {
		return nil
	}
	var first string
	found, latest := 0, -1 // the input that ends last so far
	for i := range inputs {
		s := inputs[i].summary
		if !s.Timed {
			continue
		}
		if latest >= 0 {
			if early := behind(s.First, inputs[latest].summary.Last); early > overlap {
				if found++; found == 1 {
					first = fmt.Sprintf("%s begins %s before %s ends", text.Escape(inputs[i].Name), early.Round(time.Second), text.Escape(inputs[latest].Name))
				}
			}
		}
		if latest < 0 || s.Last > inputs[latest].summary.Last {
			latest = i
		}
	}
	if found == 0 {
		return nil
	}
	if found > 1 {
		first += fmt.Sprintf(", and %d more begin early", found-1)
	}
	return []string{first + ": in a series, what is earlier is late for flows and windows. Name the captures in the order of their times, or their folder; " +
		"or use --merge for parallel captures, --inputs independent for unrelated ones"}
}

// behind returns how much earlier a is than b, 0 where it is not.
func behind(a, b packet.Nanos) time.Duration {
	if a >= b {
		return 0
	}
	return time.Duration(min(uint64(b)-uint64(a), math.MaxInt64)) // times of a capture can be anything
}
