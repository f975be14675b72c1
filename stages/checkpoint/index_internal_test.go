package checkpoint

import (
	"bytes"
	"testing"
)

// FuzzIndex: no bytes make it panic, and what is read is written as it was.
func FuzzIndex(f *testing.F) {
	x := &index{number: 9, earlier: []earlier{{3, 100}, {4, 7}}, frames: []frame{{int64(len(magic)), 50, 200}, {int64(len(magic)) + 50, 10, 30}}}
	x.chunks = []chunk{{location{9, 1, 5, 25}, hash{1}}, {location{3, 7, 100, 60}, hash{2}}}
	end := int64(len(magic)) + 60
	f.Add(x.encode(), end)
	f.Fuzz(func(t *testing.T, data []byte, end int64) {
		got, err := decode(9, data, end)
		if err != nil {
			return
		}
		if again, err := decode(9, got.encode(), end); err != nil || !bytes.Equal(again.encode(), got.encode()) {
			t.Fatalf("%v: %+v", err, got)
		}
	})
	if _, err := decode(9, x.encode(), end); err != nil {
		f.Fatal(err)
	}
	if _, err := decode(9, x.encode(), end+1); err == nil {
		f.Fatal("frames may end where they like")
	}
}
