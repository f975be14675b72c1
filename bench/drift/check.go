package drift

import (
	"errors"
	"fmt"
)

// What the shares of flagged hours must be.
const (
	leastChanged  = 0.95
	mostUnchanged = 0.02
)

// Check says where the shares of generated hours are not as they must be.
func Check(verdicts []Verdict) error {
	changed, named := Flagged(verdicts, Changed)
	unchanged, _ := Flagged(verdicts, Unchanged)
	var err error
	if unchanged.Of == 0 {
		err = errors.New("no unchanged hours were judged")
	}
	if changed.Value() < leastChanged {
		err = errors.Join(err, fmt.Errorf("of changed hours %v are flagged, want %v", changed, leastChanged))
	}
	if named.Value() < leastChanged {
		err = errors.Join(err, fmt.Errorf("of changed hours %v are flagged with what changed, want %v", named, leastChanged))
	}
	if unchanged.Value() > mostUnchanged {
		err = errors.Join(err, fmt.Errorf("of unchanged hours %v are flagged, want at most %v", unchanged, mostUnchanged))
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
