package baseline

import "time"

// Time returns the day's begin in UTC.
func (d Day) Time() time.Time { return time.Unix(int64(d)*24*3600, 0).UTC() }

// String returns a day as 2026-03-02.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }
