package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"pcapmill/features/column"
	"pcapmill/outputs/text"
)

// readable writes a value in its unit as people read it; - where it is unknown.
func readable(unit string, v *float64) string {
	if v == nil {
		return "-"
	}
	switch column.Unit(unit) {
	case column.Nanos:
		return duration(*v)
	case column.Millis:
		return duration(*v * 1e6)
	case column.Seconds:
		return duration(*v * 1e9)
	case column.Bytes:
		return bytesOf(*v)
	case column.BytesPerS:
		return bytesOf(*v) + "/s"
	case column.PerSecond, column.PerMilli:
		return short(*v) + strings.TrimPrefix(unit, "1")
	case column.Factor:
		return "×" + short(*v)
	case column.None, column.Count, column.Ratio, column.Packets:
		return short(*v)
	}
	return short(*v) + " " + unit
}

// duration writes nanoseconds with four digits, in the unit that suits them.
func duration(ns float64) string {
	const most = 200 * 365 * 24 * float64(time.Hour) // about what a Duration holds
	if math.IsNaN(ns) || math.Abs(ns) > most {
		return short(ns) + " ns"
	}
	d, step := time.Duration(math.Round(ns)), time.Nanosecond
	for d.Abs()/step >= 10_000 {
		step *= 10
	}
	return d.Round(step).String()
}

// bytesOf writes a number of bytes in units of 1000.
func bytesOf(n float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	i := 0
	for math.Abs(n) >= 999.5 && i < len(units)-1 {
		n, i = n/1000, i+1
	}
	return fmt.Sprintf("%.3g %s", n, units[i])
}

// short writes whole numbers in full, with commas between thousands, and others with four
// digits.
func short(v float64) string {
	if abs := math.Abs(v); v == math.Trunc(v) && abs < 1e15 {
		return text.Grouped(strconv.FormatFloat(v, 'f', 0, 64))
	} else if abs >= 1e3 && abs < 1e15 {
		return text.Grouped(strconv.FormatFloat(math.Round(v), 'f', 0, 64))
	}
	return fmt.Sprintf("%.4g", v)
}

func count[T int | uint64](n T) string { return text.Grouped(fmt.Sprint(n)) }

// plural is a number of things.
func plural[T int | uint64](n T, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return count(n) + " " + thing + "s"
}

// chance writes a p-value.
func chance(p float64) string { return fmt.Sprintf("%.2g", p) }
