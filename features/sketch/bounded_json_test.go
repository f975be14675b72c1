package sketch_test

import (
	"encoding/json"
	"math"
	"testing"

	"pcapmill/features/sketch"
)

func TestBoundedJSON(t *testing.T) {
	for text, b := range map[string]sketch.Bounded{
		`{"value":0.25,"low":0.125,"high":0.5}`: {Value: 0.25, Low: 0.125, High: 0.5},
		`{"value":0,"low":0,"high":null}`:       {High: math.Inf(1)},
		`{"value":-1,"low":null,"high":null}`:   {Value: -1, Low: math.Inf(-1), High: math.Inf(1)},
	} {
		data, err := json.Marshal(b)
		if err != nil || string(data) != text {
			t.Errorf("%v: %s, %v", b, data, err)
		}
		var back sketch.Bounded
		if err := json.Unmarshal(data, &back); err != nil || back != b {
			t.Errorf("%s: %v, %v", data, back, err)
		}
	}
	if _, err := json.Marshal(sketch.Bounded{Value: math.NaN()}); err == nil {
		t.Error("a value that is no number is written")
	}
}
