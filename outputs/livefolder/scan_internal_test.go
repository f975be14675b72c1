package livefolder

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"pcapmill/outputs/jsonscan"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/manifest"
)

func drawCounts(t *rapid.T) (c manifest.Counts) {
	names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"in_flow", "malformed_l2", "filtered", "Odd name", "é"}), 0, 4, rapid.ID[string]).Draw(t, "outcomes")
	for _, name := range names {
		c = append(c, manifest.Count{Outcome: name, N: rapid.Int64().Draw(t, "n")})
	}
	return c
}

func drawCommit(t *rapid.T) *Commit {
	number, word := rapid.Int64(), rapid.OneOf(rapid.StringMatching(`[a-z0-9/=.-]{0,70}`), rapid.String())
	c := &Commit{
		Number: number.Draw(t, "number"), SHA256: word.Draw(t, "sha256"), AtEnd: rapid.Bool().Draw(t, "end"),
		Accounting: manifest.Accounting{PacketsRead: number.Draw(t, "read"), Packets: drawCounts(t), WireBy: drawCounts(t), StreamBy: drawCounts(t)},
		At:         ledger.Position{Offset: number.Draw(t, "offset"), Seq: number.Draw(t, "seq"), Head: word.Draw(t, "head")},
		Gaps:       number.Draw(t, "gaps"), Drops: number.Draw(t, "drops"), ClockNs: number.Draw(t, "clock"), Uncounted: rapid.Bool().Draw(t, "uncounted"),
		Evicted: number.Draw(t, "evicted"), TCPBytes: number.Draw(t, "tcp"), TCPGaps: number.Draw(t, "tcp gaps"),
	}
	if rapid.Bool().Draw(t, "input") {
		first := number.Draw(t, "first")
		c.Input = &manifest.Input{Path: word.Draw(t, "path"), Outcome: word.Draw(t, "outcome"), Packets: number.Draw(t, "packets"), FirstNs: &first, Notes: []string{word.Draw(t, "note")}}
	}
	for range rapid.IntRange(0, 4).Draw(t, "tables") {
		c.Tables = append(c.Tables, Part{Name: word.Draw(t, "name"), Path: word.Draw(t, "path"), Rows: number.Draw(t, "rows"), Bytes: number.Draw(t, "bytes"), SHA256: word.Draw(t, "sha")})
	}
	return c
}

// TestCommitsComeBack: any commit, whether the scanner takes it or leaves it to encoding/json.
func TestCommitsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body, err := json.Marshal(drawCommit(t))
		if err != nil {
			t.Fatal(err)
		}
		sameCommit(t, body)
	})
}

// TestUsualCommitsAreScanned: what a commit of ours usually says is not left to encoding/json.
func TestUsualCommitsAreScanned(t *testing.T) {
	when := int64(1772442041083903790)
	for _, c := range []Commit{
		{Number: 1, AtEnd: true, Accounting: manifest.Accounting{Packets: manifest.Counts{{Outcome: "in_flow", N: 1}}}},
		{Number: 7, SHA256: "ab01", Input: &manifest.Input{Path: "/tmp/é", Outcome: manifest.Complete, FirstNs: &when}, Tables: []Part{{Name: "flows", Path: "flows/x"}}},
	} {
		body, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, brief := range []bool{true, false} {
			if from := jsonscan.New(body); !new(Commit).scan(from, body, brief) || !from.End() {
				t.Errorf("%s is not scanned", body)
			}
		}
	}
}

// FuzzCommit: a body that is scanned is one that encoding/json takes, and says the same.
func FuzzCommit(f *testing.F) {
	for _, s := range []string{
		`{"number":4,"sha256":"ab","input":{"path":"x","outcome":"complete","first_ns":null},"tables":[{"name":"flows","path":"p","rows":1,"bytes":2,"sha256":"c"}],"accounting":{"packets_read":1,"packets":{"in_flow":1}},"segments_at":{"offset":1,"seq":2,"head":"d"},"clock_ns":-5,"drops_uncounted":true}`,
		`{"number":4,"number":5}`, `{"Number":4}`, `{"tables":null,"input":null}`, `{"tables":[]}`, `{"input":{"outcome":1}}`, `{"later":[{"x":1}],"number":1}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) { sameCommit(t, body) })
}

func sameCommit(t interface{ Errorf(string, ...any) }, body []byte) {
	want := new(Commit)
	wrong := json.Unmarshal(body, want)
	got, err := decodeCommit(&ledger.Record{Body: body}, false)
	if (err == nil) != (wrong == nil) || err == nil && !reflect.DeepEqual(got, want) {
		t.Errorf("%s is\n%+v, %v, and should be\n%+v, %v", body, got, err, want, wrong)
	}
	got, err = decodeCommit(&ledger.Record{Body: body}, true)
	if wrong != nil {
		return // of an input, that is not seen
	}
	if err != nil || (got.Input == nil) != (want.Input == nil) || got.Input != nil && got.Input.Outcome != want.Input.Outcome {
		t.Errorf("%s in brief is %+v, %v", body, got, err)
		return
	}
	got.Input, want.Input = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s in brief is\n%+v, and should be\n%+v", body, got, want)
	}
}

var partForm = regexp.MustCompile(`^([a-z][a-z0-9_]{0,60})/date=(\d{4}-\d\d-\d\d)/segment-(\d{10})(_end)?(_\d{5})?\.([a-z]{1,10})$`)

// FuzzParsePart compares it with a regular expression, and with what String writes.
func FuzzParsePart(f *testing.F) {
	for _, s := range []string{
		"flows/date=2026-11-29/segment-0000000012.parquet", "a_9/date=2026-11-29/segment-0000000012_end_00007.csv", "flows/date=2026-11-29/segment-0000000012_00000.csv",
		"flows/date=2026-11-29/segment-0000000000.csv", "9/date=2026-11-29/segment-0000000012.csv", "flows/date=2026-11-2x/segment-0000000012.csv", "flows/date=2026-11-29/segment-0000000012_end_.csv",
		"flows/date=2026-11-29/segment-0000000012.parquet/x", "flows/date=2026-11-29/segment-00000000123.csv", "flows//segment-0000000012.csv", "f/date=2026-11-29/segment-0000000012.a.b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, err := ParsePart(path)
		m := partForm.FindStringSubmatch(path)
		want := PartName{}
		if m != nil {
			want = PartName{Table: m[1], Date: m[2], AtEnd: m[4] != "", Ext: m[6]}
			want.Number, _ = strconv.ParseInt(m[3], 10, 64)
			if m[5] != "" {
				want.Piece, _ = strconv.Atoi(m[5][1:])
			}
		}
		if m == nil || want.Number < 1 || want.String() != path {
			if err == nil {
				t.Errorf("%q is %+v", path, got)
			}
			return
		}
		if err != nil || got != want {
			t.Errorf("%q is %+v, %v, and should be %+v", path, got, err, want)
		}
	})
}
