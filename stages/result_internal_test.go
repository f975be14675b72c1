package stages

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pcapmill/ingest/packet"
)

// eachCount calls visit with every whole number within a value, and where it is.
func eachCount(v reflect.Value, path string, visit func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Int64:
		visit(path, v)
	case reflect.Struct:
		for i := range v.NumField() {
			eachCount(v.Field(i), path+"."+v.Type().Field(i).Name, visit)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			eachCount(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	}
}

// countUp gives each count of a value a number of its own, times a factor.
func countUp(v any, factor int64) {
	n := int64(0)
	eachCount(reflect.ValueOf(v).Elem(), "", func(_ string, v reflect.Value) {
		n++
		v.SetInt(n * factor)
	})
}

// TestSince: of every count of a Result that adds up since the begin a Feed has what came in it, of all others
// what they are now. A count that is added to Result is one of the two.
func TestSince(t *testing.T) {
	made := func(factor int64) *Result {
		r := &Result{
			Records: make([]RecordTable, 2), Windows: []WindowTable{{Sums: make([]packet.Tally, 2)}, {Sums: make([]packet.Tally, 1)}},
			Captures: make([]CaptureFile, 2), Errors: []ErrorCount{{Reason: "a"}, {Reason: "b"}},
		}
		countUp(r, factor)
		return r
	}
	asNow := func(path string) bool {
		return strings.HasPrefix(path, ".Earlier.") || strings.HasPrefix(path, ".Held.") || strings.HasSuffix(path, ".Hop") || slices.Contains([]string{".Reached", ".Clock", ".Open"}, path)
	}
	old, now := made(1), made(3)
	before := made(3)
	d := now.since(old)
	n := int64(0)
	eachCount(reflect.ValueOf(d).Elem(), "", func(path string, v reflect.Value) {
		n++
		want := 2 * n
		if asNow(path) {
			want = 3 * n
		}
		if v.Int() != want {
			t.Errorf("%s is %d, want %d", path, v.Int(), want)
		}
	})
	if !reflect.DeepEqual(now, before) {
		t.Error("the sums were changed")
	}
	if d := now.since(now); len(d.Errors) != 0 {
		t.Errorf("errors without new ones: %+v", d.Errors)
	}
}

// TestBelated: every count of what came of an input adds up, but what is of its packets' own outcomes and times.
func TestBelated(t *testing.T) {
	var s, more InputSummary
	countUp(&s, 1)
	countUp(&more, 10)
	s.Belated(&more)
	n := int64(0)
	eachCount(reflect.ValueOf(&s).Elem(), "", func(path string, v reflect.Value) {
		n++
		want := 11 * n
		if strings.HasPrefix(path, ".Accounting.") || path == ".First" || path == ".Last" {
			want = n
		}
		if v.Int() != want {
			t.Errorf("%s is %d, want %d", path, v.Int(), want)
		}
	})
}

// TestStreamTotalsPlus: every count of streams adds up.
func TestStreamTotalsPlus(t *testing.T) {
	var s, more StreamTotals
	countUp(&s, 1)
	countUp(&more, 10)
	s.plus(&more)
	n := int64(0)
	eachCount(reflect.ValueOf(&s).Elem(), "", func(path string, v reflect.Value) {
		if n++; v.Int() != 11*n {
			t.Errorf("%s is %d, want %d", path, v.Int(), 11*n)
		}
	})
}
