package traffic

import (
	"time"

	"pcapmill/ingest/packet"
)

// written is how times are written in a file of labels, rightly or not.
type written struct {
	zone   *time.Location // whose clock is written
	says   string         // the zone that the file names
	twelve bool           // the clock has twelve hours; what is not of the afternoon or evening is left out
}

// clock is an instant in a layout.
func (c *written) clock(at packet.Nanos, layout string) string {
	t := time.Unix(0, at).In(c.zone)
	if c.twelve {
		t = t.Add(-12 * time.Hour)
	}
	return t.Format(layout)
}

// leaves reports whether the file has nothing of that time.
func (c *written) leaves(at packet.Nanos) bool {
	return c.twelve && time.Unix(0, at).In(c.zone).Hour() < 13
}

// offset is how far the zone that the file names is ahead of UTC then, as in +0200.
func (c *written) offset(at packet.Nanos) string {
	zone, err := time.LoadLocation(c.says)
	if err != nil {
		panic(err) // the configuration was valid
	}
	return time.Unix(0, at).In(zone).Format("-0700")
}
