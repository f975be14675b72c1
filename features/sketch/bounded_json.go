package sketch

import (
	"encoding/json"
	"math"
)

// boundedJSON is Bounded in JSON, which has no infinities: an open end is null.
type boundedJSON struct {
	Value float64  `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// MarshalJSON writes an object of value, low and high; low and high are null where they
// are infinite.
func (b Bounded) MarshalJSON() ([]byte, error) {
	j := boundedJSON{b.Value, &b.Low, &b.High}
	if math.IsInf(b.Low, -1) {
		j.Low = nil
	}
	if math.IsInf(b.High, 1) {
		j.High = nil
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads it.
func (b *Bounded) UnmarshalJSON(data []byte) error {
	var j boundedJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	*b = Bounded{j.Value, math.Inf(-1), math.Inf(1)}
	if j.Low != nil {
		b.Low = *j.Low
	}
	if j.High != nil {
		b.High = *j.High
	}
	return nil
}
