package watch

import (
	"encoding/json"
	"testing"
)

// FuzzState: whatever a state file has, it is refused, or has parts inside of OUT alone, in order.
func FuzzState(f *testing.F) {
	start := int64(7)
	good, err := json.Marshal(state{stateVersion, 3, false, 1, []*kept{{Commit: Commit{Segment: 2, Parts: []Part{{"hosts", "hosts/date=2026-03-02/x.parquet", 1}}}, Judged: &start, Windows: []window{{Start: 0, Length: 1}}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"version":1,"last":9,"commits":[{"segment":3,"parts":[{"path":"a/../../b"}]}]}`))
	f.Add([]byte(`{"version":1,"commits":[null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := parseState(data)
		if err != nil {
			return
		}
		for i, k := range s.Commits {
			if !k.valid() || k.Segment > s.Last || i > 0 && k.Segment < s.Commits[i-1].Segment {
				t.Errorf("%+v", k)
			}
		}
		w := &Watch{config: DefaultConfig(), commits: s.Commits}
		if len(s.Commits) > 0 {
			w.due(1<<62, false)
			w.decide(s.Commits[0].Clock)
			w.forget()
		}
	})
}
