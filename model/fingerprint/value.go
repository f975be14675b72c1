package fingerprint

import "encoding/json"

// Value is a finite number, or unknown.
type Value struct {
	X     float64 // 0 where unknown
	Known bool
}

func known(x float64) Value { return Value{x, true} }

// ratio returns a/b, unknown where b is 0.
func ratio(a, b uint64) Value {
	if b == 0 {
		return Value{}
	}
	return known(float64(a) / float64(b))
}

// MarshalJSON writes the shortest number that reads back as the same, or null.
func (v Value) MarshalJSON() ([]byte, error) {
	if !v.Known {
		return []byte("null"), nil
	}
	return json.Marshal(v.X)
}
