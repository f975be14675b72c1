package text

import (
	"math"
	"strconv"

	"pcapmill/features/batch"
)

// appendDouble appends the shortest decimal that reads back as f, in the form
// JSON allows. NaN and infinities come out as NaN, Infinity and -Infinity.
func appendDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	// The exponent form starts where ECMAScript starts it: outside [1e-6, 1e21).
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// bytesAt returns row i of a Binary vector, to be read only.
func bytesAt(v *batch.Vector, i int) []byte {
	if v.Dict != nil {
		return []byte(v.Dict[v.Codes[i]])
	}
	return v.Bytes[v.Offsets[i]:v.Offsets[i+1]]
}

// AppendTimestamp appends microseconds since the epoch as RFC 3339 in UTC with
// six decimals. Years outside 0000–9999 keep their digits, before year 0 with a
// minus sign, so that no instant is changed or refused.
func AppendTimestamp(dst []byte, micros int64) []byte {
	const day = 24 * 3600 * 1_000_000
	days, rest := micros/day, micros%day
	if rest < 0 {
		days, rest = days-1, rest+day
	}
	year, month, date := civil(days)
	dst = appendYear(dst, year)
	dst = appendPadded(append(dst, '-'), month, 2)
	dst = appendPadded(append(dst, '-'), date, 2)
	dst = appendPadded(append(dst, 'T'), rest/3_600_000_000, 2)
	dst = appendPadded(append(dst, ':'), rest/60_000_000%60, 2)
	dst = appendPadded(append(dst, ':'), rest/1_000_000%60, 2)
	dst = appendPadded(append(dst, '.'), rest%1_000_000, 6)
	return append(dst, 'Z')
}

// civil converts days since 1970-01-01 to a date of the proleptic Gregorian
// calendar, counting in years that begin in March so that the leap day is last.
func civil(days int64) (year, month, date int64) {
	const daysPerEra, daysToEpoch = 146097, 719468 // 400 years; 0000-03-01 to 1970-01-01
	days += daysToEpoch
	era := days / daysPerEra
	if days < 0 {
		era = (days - daysPerEra + 1) / daysPerEra
	}
	doe := days - era*daysPerEra
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	fromMarch := (5*doy + 2) / 153
	date = doy - (153*fromMarch+2)/5 + 1
	year, month = era*400+yoe, fromMarch+3
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, date
}

func appendYear(dst []byte, year int64) []byte {
	if year < 0 {
		dst, year = append(dst, '-'), -year
	}
	return appendPadded(dst, year, 4)
}

// appendPadded appends n >= 0 with at least width digits.
func appendPadded(dst []byte, n int64, width int) []byte {
	for limit := int64(10); width > 1; width, limit = width-1, limit*10 {
		if n < limit {
			for ; width > 1; width-- {
				dst = append(dst, '0')
			}
			break
		}
	}
	return strconv.AppendInt(dst, n, 10)
}
