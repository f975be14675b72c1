package ledger

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// TestOwnLinesAreScanned: encoding/json is not asked for what appendLine writes.
func TestOwnLinesAreScanned(t *testing.T) {
	for _, r := range []Record{
		{Seq: 1, TimeNs: 1796421600000000000, Event: "session", Body: json.RawMessage(`{"a":[1,"\u003cé\n"],"B c":null}`)},
		{Seq: 9, Event: "x", Body: json.RawMessage(`null`), Prev: "9f86d081"},
		{Seq: 2, TimeNs: -1, Event: "<odd>", Body: json.RawMessage(`1e5`)},
	} {
		line, err := appendLine(nil, &r)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := scanRecord(line[:len(line)-1])
		if odd := r.Event == "<odd>"; ok == odd || ok && !reflect.DeepEqual(got, r) {
			t.Errorf("%s is %+v, %v", line, got, ok)
		}
	}
}

// FuzzRecord: a line that is scanned is one that encoding/json takes, and says the same.
func FuzzRecord(f *testing.F) {
	for _, s := range []string{
		`{"seq":1,"time_ns":2,"event":"a","body":{"x":[1]},"prev":""}`, `{"seq":1,"time_ns":2,"event":"a","body":{},"prev":"","prev":"x"}`,
		`{"seq":1,"time_ns":2,"event":"a","body":{"x":01},"prev":""}`, `{"seq":1,"time_ns":2,"event":"a","body":{},"prev":""} `, `{"seq":1,"event":"a","body":{},"prev":""}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, ok := scanRecord(line)
		if !ok {
			return
		}
		var want Record
		if err := json.Unmarshal(line, &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %+v, and should be %+v, %v", line, got, want, err)
		}
		if bytes.Contains(got.Body, []byte{0}) {
			t.Errorf("%q has a NUL", line)
		}
	})
}
