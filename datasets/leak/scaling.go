package leak

import (
	"fmt"
	"math"

	"pcapmill/features/column"
)

// How near numbers are that are the same but for rounding, and how far those that are not.
const (
	sameNumber  = 1e-6
	nearNumber  = 1e-2 // of rows that are all but for a few
	otherNumber = 1e-5 // the training rows' own must be so far away, and 20 times as far as those of all rows
)

// scaling compares saved scalers with training rows, and looks for columns that were scaled with
// what only all rows together have.
func (j *judge) scaling() {
	saved := map[string]bool{}
	for i := range j.d.Scalers {
		s := &j.d.Scalers[i]
		for k := range j.scan.columns {
			if c := &j.scan.columns[k]; c.Name == s.Column && numeric(c.Type) && c.split[Train].n > 0 {
				saved[c.Name] = true
				j.saved(s, c)
			}
		}
	}
	minMax := j.scaledToOne()
	for k := range j.scan.columns {
		c := &j.scan.columns[k]
		if c.Type != column.Double || saved[c.Name] || c.split[Train].n < leastMeasured {
			continue
		}
		if all, train := standardOff(c.all()), standardOff(c.split[Train]); all <= otherNumber && train >= 20*otherNumber {
			j.fittedOnAll(c, "has mean 0 and standard deviation 1 over all rows, and not over training", all, train)
		} else if minMax && oneOff(c.all()) == 0 && oneOff(c.split[Train]) > 0 {
			j.fittedOnAll(c, "reaches 0 and 1 over all rows, as all columns do, and not in training", 0, oneOff(c.split[Train]))
		}
	}
}

func (j *judge) fittedOnAll(c *columnScan, detail string, all, train float64) {
	t, a := c.split[Train], c.all()
	j.add(ScalerFittedOnAll, Error, c, detail, Number{"distance_over_all", all}, Number{"distance_over_training", train},
		Number{"training_mean", t.mean}, Number{"training_std", t.std(0)}, Number{"all_mean", a.mean}, Number{"all_std", a.std(0)})
}

// standardOff is how far moments are from mean 0 and deviation 1, of the whole or with n−1.
func standardOff(m moments) float64 {
	return max(math.Abs(m.mean), min(math.Abs(m.std(0)-1), math.Abs(m.std(1)-1)))
}

// oneOff is how far moments are from reaching from 0 to 1.
func oneOff(m moments) float64 { return max(math.Abs(m.low), math.Abs(m.high-1)) }

// scaledToOne reports whether all columns of fractions, of three and more, reach from 0 to 1: data
// that was scaled so, as one column alone may be a share.
func (j *judge) scaledToOne() bool {
	n := 0
	for k := range j.scan.columns {
		c := &j.scan.columns[k]
		if all := c.all(); c.Type == column.Double && all.n > 0 && all.low != all.high {
			if oneOff(all) != 0 {
				return false
			}
			n++
		}
	}
	return n >= 3
}

// saved compares a saved scaler with what it should have been fitted on.
func (j *judge) saved(s *Scaler, c *columnScan) {
	of := c
	if j.d.Log {
		of = &columnScan{Column: c.Column, split: c.logs}
	}
	train, all := s.off(of.split[Train]), s.off(of.all())
	switch {
	case train <= sameNumber:
	case all <= sameNumber:
		j.fittedOnAll(c, "has a scaler with the numbers of all rows", all, train)
	case all <= nearNumber && 10*all <= train: // of all rows there were: a split leaves some out
		j.fittedOnAll(c, "has a scaler with nearly the numbers of all rows, and far from those of training", all, train)
	default:
		j.add(ScalerStale, Warning, c, "has a scaler with numbers of other rows than those of training", Number{"distance_over_training", train}, Number{"distance_over_all", all})
	}
}

// off is how far a scaler is from the numbers of rows, relative to them.
func (s *Scaler) off(m moments) (d float64) {
	if s.Standard {
		scale := max(m.std(0), math.Abs(m.mean)*1e-3, math.SmallestNonzeroFloat64)
		d = max(math.Abs(s.Mean-m.mean), min(math.Abs(s.Std-m.std(0)), math.Abs(s.Std-m.std(1)))) / scale
	}
	if s.MinMax {
		scale := max(m.high-m.low, math.SmallestNonzeroFloat64)
		d = max(d, max(math.Abs(s.Min-m.low), math.Abs(s.Max-m.high))/scale)
	}
	return d
}

// transformed looks whether the scaled rows of training are what scaling makes of them.
func (j *judge) transformed(standard bool, c *columnScan) {
	off := oneOff
	if standard {
		off = standardOff
	}
	train, all := off(c.split[Train]), off(c.all())
	switch {
	case train <= otherNumber:
	case all <= otherNumber:
		j.fittedOnAll(c, "was scaled with the numbers of all rows", all, train)
	default:
		j.add(ScalerStale, Warning, c, fmt.Sprintf("was not scaled with the numbers of training: mean %s, standard deviation %s, from %s to %s there",
			short(c.split[Train].mean), short(c.split[Train].std(0)), short(c.split[Train].low), short(c.split[Train].high)), Number{"distance_over_training", train})
	}
}
