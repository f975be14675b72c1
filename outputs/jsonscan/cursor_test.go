package jsonscan_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/outputs/jsonscan"
)

// TestByHand: what each method takes, and what it leaves to others.
func TestByHand(t *testing.T) {
	skip := func(s string) bool { c := jsonscan.New([]byte(s)); return c.Skip() && c.End() }
	for _, s := range []string{
		`0`, `-0`, `-12.5e+7`, `1E9`, `"a\u00Ff\n"`, `"ü"`, `[]`, `{}`, `[ 1 , {"A b" : [null,true,false]} ]`, `{"a":{"b":[[]]}}`, "[1]\n",
	} {
		if !skip(s) || !json.Valid([]byte(s)) {
			t.Errorf("%s is not read", s)
		}
	}
	for _, s := range []string{
		``, `01`, `+1`, `1.`, `.5`, `1e`, `-`, `"`, `"\x"`, `"\u12G4"`, "\"\x01\"", `[1,]`, `[,1]`, `{"a"}`, `{"a":}`, `{a:1}`, `{"a":1,}`, `[1 2]`, `nul`, `1 2`, "[1",
		strings.Repeat("[", 40) + strings.Repeat("]", 40),
	} {
		if skip(s) {
			t.Errorf("%s is read", s)
		}
	}
	for s, want := range map[string]bool{`"abc_9 ~"`: true, `""`: true, `"a\n"`: false, `"ü"`: false, `"a`: false, `1`: false} {
		if got, ok := jsonscan.New([]byte(s)).Text(); ok != want || ok && string(got) != s[1:len(s)-1] {
			t.Errorf("%s is %q, %v", s, got, ok)
		}
	}
	for s, want := range map[string]bool{
		`0`: true, `-0`: true, `17`: true, `-17`: true, `9223372036854775807`: true, `9223372036854775808`: false, `-9223372036854775807`: true,
		`99999999999999999999`: false, `1.0`: false, `1e3`: false, `007`: false, `-`: false, ``: false, `x`: false,
	} {
		var x int64
		got, ok := jsonscan.New([]byte(s)).Int()
		if ok != want || ok && (json.Unmarshal([]byte(s), &x) != nil || x != got) {
			t.Errorf("%s is %d, %v", s, got, ok)
		}
	}
	for s, want := range map[string]bool{`{"a":1,"b_2":[2]}`: true, `{"A":1}`: false, `{"a b":1}`: false, `{}`: true, `{"a":1`: false} {
		c := jsonscan.New([]byte(s))
		if got := c.Object(func([]byte) bool { return c.Skip() }) && c.End(); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

func drawValue(depth int) *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.Float64().AsAny(), rapid.String().AsAny(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return string(b) }),
	)
	if depth == 0 {
		return leaf
	}
	inner := drawValue(depth - 1)
	return rapid.OneOf(leaf, rapid.SliceOfN(inner, 0, 4).AsAny(), rapid.MapOfN(rapid.String(), inner, 0, 4).AsAny())
}

// TestTakesWhatEncodersWrite: all of it, with white space and without.
func TestTakesWhatEncodersWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := drawValue(4).Filter(func(v any) bool { _, err := json.Marshal(v); return err == nil }).Draw(t, "value")
		text, err := json.Marshal(value)
		if rapid.Bool().Draw(t, "indent") {
			text, err = json.MarshalIndent(value, " ", "\t")
		}
		if c := jsonscan.New(text); err != nil || !c.Skip() || !c.End() || c.At() != len(text) {
			t.Fatalf("%s is not read", text)
		}
	})
}

// FuzzCursor: what is read is what encoding/json says, and no input does harm.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e7,"x\u00e4",null,true]}`, `"abc"`, `-9223372036854775808`, `{"A":1}`, "\"\xff\"", fmt.Sprint(uint64(math.MaxUint64))} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if c := jsonscan.New(data); c.Skip() && c.End() && !json.Valid(data) {
			t.Errorf("%q is read, and no JSON", data)
		}
		c := jsonscan.New(data)
		if got, ok := c.Int(); ok && c.End() {
			var want int64
			if err := json.Unmarshal(data, &want); err != nil || want != got {
				t.Errorf("%q is %d, and should be %d, %v", data, got, want, err)
			}
		}
		c = jsonscan.New(data)
		if got, ok := c.Text(); ok && c.End() {
			var want string
			if err := json.Unmarshal(data, &want); err != nil || want != string(got) {
				t.Errorf("%q is %q, and should be %q, %v", data, got, want, err)
			}
		}
		c = jsonscan.New(data)
		keys := map[string]json.RawMessage{}
		if c.Object(func(key []byte) bool {
			from := c.At()
			ok := c.Skip()
			keys[string(key)] = data[from:c.At()]
			return ok
		}) && c.End() {
			var want map[string]json.RawMessage
			if err := json.Unmarshal(data, &want); err != nil || len(want) != len(keys) {
				t.Fatalf("%q has %d members, and should have %d, %v", data, len(keys), len(want), err)
			}
			for k, v := range want {
				if string(keys[k]) != string(v) {
					t.Errorf("%q: %q is %q, and should be %q", data, k, keys[k], v)
				}
			}
		}
	})
}
