package drift

import (
	"errors"
	"fmt"
)

// bounds are what the shares of flagged hours must be.
type bounds struct {
	name          string
	leastChanged  float64
	mostUnchanged float64
	of            func(*Verdict) bool
}

// tame networks are as the captures of shared/captures/drift, with more or fewer clients,
// and with days. harsh ones are what real ones can be: clients come and go, one download in
// a hundred is longer than all others together, and the week has 168 hours that differ. What
// can be asked there was measured (docs/drift.md), not wanted; it must not become worse.
var (
	tame  = bounds{"hours", 0.95, 0.02, func(v *Verdict) bool { return !harsh.of(v) }}
	harsh = bounds{"hours of rough networks and weeks", 0.75, 0.1, func(v *Verdict) bool { return v.Group == "rough" || v.Group == week }}
)

// Check says where the shares of generated hours are not as they must be.
func Check(verdicts []Verdict) (err error) {
	if unchanged, _ := Flagged(verdicts, Unchanged); unchanged.Of == 0 {
		err = errors.New("no unchanged hours were judged")
	}
	if changed, _ := Flagged(verdicts, Changed); changed.Of == 0 {
		err = errors.Join(err, errors.New("no changed hours were judged"))
	}
	return errors.Join(err, tame.check(verdicts), harsh.check(verdicts))
}

// check does so for the hours that the bounds are for.
func (b *bounds) check(verdicts []Verdict) (err error) {
	changed, named := Flagged(verdicts, func(v *Verdict) bool { return b.of(v) && Changed(v) })
	unchanged, _ := Flagged(verdicts, func(v *Verdict) bool { return b.of(v) && Unchanged(v) })
	if changed.Of > 0 && changed.Value() < b.leastChanged {
		err = errors.Join(err, fmt.Errorf("of changed %s %v are flagged, want %v", b.name, changed, b.leastChanged))
	}
	if named.Of > 0 && named.Value() < b.leastChanged {
		err = errors.Join(err, fmt.Errorf("of changed %s %v are flagged with what changed, want %v", b.name, named, b.leastChanged))
	}
	if unchanged.Of > 0 && unchanged.Value() > b.mostUnchanged {
		err = errors.Join(err, fmt.Errorf("of unchanged %s %v are flagged, want at most %v", b.name, unchanged, b.mostUnchanged))
	}
	return err
}

// CheckCrafted says which of the crafted captures are not told for what they are.
func CheckCrafted(verdicts []Verdict) (err error) {
	for i := range verdicts {
		if v := &verdicts[i]; !v.Right() {
			err = errors.Join(err, fmt.Errorf("%s (%s): flagged %t, what changed named %t", v.Hour, v.Kind, v.Flagged, v.Named))
		}
	}
	return err
}
