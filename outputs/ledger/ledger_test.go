package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pcapmill/outputs/ledger"
)

type body struct {
	Text string `json:"text"`
	N    int64  `json:"n"`
}

func open(t testing.TB, path string) *ledger.Log {
	t.Helper()
	l, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l.Now = func() time.Time { return time.Unix(1000, 7) }
	t.Cleanup(func() { l.Close() })
	return l
}

func appendN(t testing.TB, l *ledger.Log, n int) {
	t.Helper()
	for i := range n {
		if err := l.Append("thing", body{fmt.Sprint("<line> ", i), int64(i)}); err != nil {
			t.Fatal(err)
		}
	}
}

// written returns the path and bytes of a ledger of n records.
func written(t testing.TB, n int) (string, []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := open(t, path)
	appendN(t, l, n)
	l.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, data
}

// TestLinesByHand compares the file with lines put together here.
func TestLinesByHand(t *testing.T) {
	_, data := written(t, 2)
	first := `{"seq":1,"time_ns":1000000000007,"event":"thing","body":{"text":"\u003cline\u003e 0","n":0},"prev":""}`
	sum := sha256.Sum256([]byte(first))
	second := `{"seq":2,"time_ns":1000000000007,"event":"thing","body":{"text":"\u003cline\u003e 1","n":1},"prev":"` + hex.EncodeToString(sum[:]) + `"}`
	if want := first + "\n" + second + "\n"; string(data) != want {
		t.Errorf("got\n%swant\n%s", data, want)
	}
}

func TestFollowsWhatAnotherWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	records, at, err := ledger.Read(path, ledger.Position{})
	if err != nil || len(records) != 0 || at != (ledger.Position{}) {
		t.Fatalf("absent file: %v %v %v", records, at, err)
	}
	l := open(t, path)
	seen := int64(0)
	for round := range 5 {
		appendN(t, l, round)
		kept, _ := json.Marshal(at) // as a reader keeps it over its own restart
		at = ledger.Position{}
		if err := json.Unmarshal(kept, &at); err != nil {
			t.Fatal(err)
		}
		if records, at, err = ledger.Read(path, at); err != nil || len(records) != round {
			t.Fatalf("round %d: %d records, %v", round, len(records), err)
		}
		for _, r := range records {
			var b body
			if err := r.Decode(&b); err != nil || !strings.HasPrefix(b.Text, "<line>") {
				t.Error(b, err)
			}
			if seen++; r.Seq != seen {
				t.Errorf("record %d where %d was due", r.Seq, seen)
			}
		}
		if at != l.Head() {
			t.Errorf("read up to %v, written up to %v", at, l.Head())
		}
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestReadIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := open(t, path)
	large := body{Text: strings.Repeat("x", 1<<20)}
	for range 10 {
		if err := l.Append("large", large); err != nil {
			t.Fatal(err)
		}
	}
	calls, total := 0, 0
	for at := (ledger.Position{}); ; calls++ {
		records, next, err := ledger.Read(path, at)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) == 0 {
			break
		}
		if len(records) > 4 {
			t.Errorf("%d records of 1 MiB in one call", len(records))
		}
		at, total = next, total+len(records)
	}
	if total != 10 || calls < 3 {
		t.Errorf("%d records in %d calls", total, calls)
	}
	if err := l.Append("huge", body{Text: strings.Repeat("x", ledger.MaxLine)}); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("above the limit: %v", err)
	}
}

// TestLongestLine: what is appended at the limit can be read again, and nothing beyond it is appended.
func TestLongestLine(t *testing.T) {
	path, data := written(t, 1)
	around := len(data) - len(`\u003cline\u003e 0`) + 64 // the second line carries a hash
	l := open(t, path)
	if err := l.Append("thing", body{Text: strings.Repeat("x", ledger.MaxLine-around+1)}); err == nil {
		t.Error("a line beyond the limit is taken")
	}
	if err := l.Append("thing", body{Text: strings.Repeat("x", ledger.MaxLine-around)}); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != int64(len(data)+ledger.MaxLine) {
		t.Fatalf("%v, %v: want a line of %d bytes", info.Size(), err, ledger.MaxLine)
	}
	if report, err := ledger.Verify(path); err != nil || report.Records != 2 || report.Torn != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestVerifyCounts: the first and last times are those of the first and last lines, and kinds of events
// beyond a hundred are counted together.
func TestVerifyCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := open(t, path)
	for i := range 103 {
		l.Now = func() time.Time { return time.Unix(0, int64(500-i)) }
		if err := l.Append(fmt.Sprint("kind ", i), body{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, event := range []string{"kind 7", "kind 102"} {
		if err := l.Append(event, body{}); err != nil {
			t.Fatal(err)
		}
	}
	report, err := ledger.Verify(path)
	if err != nil || report.Records != 105 || report.FirstNs != 500 || report.LastNs != 398 ||
		len(report.Events) != 101 || report.Events["kind 7"] != 2 || report.Events["kind 99"] != 1 || report.Events["other"] != 4 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestTornAtEveryByte cuts a ledger at each byte: what is whole stays, the rest is cut off,
// and writing goes on.
func TestTornAtEveryByte(t *testing.T) {
	_, data := written(t, 3)
	for size := range len(data) + 1 {
		path := filepath.Join(t.TempDir(), "ledger.jsonl")
		if err := os.WriteFile(path, data[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		whole := bytes.Count(data[:size], []byte("\n"))
		records, _, err := ledger.Read(path, ledger.Position{})
		if err != nil || len(records) != whole {
			t.Fatalf("at %d: a reader sees %d records of %d: %v", size, len(records), whole, err)
		}
		l := open(t, path)
		if want := int64(size - bytes.LastIndexByte(data[:size], '\n') - 1); l.Torn() != want {
			t.Fatalf("at %d: torn %d, want %d", size, l.Torn(), want)
		}
		appendN(t, l, 1)
		if report, err := ledger.Verify(path); err != nil || report.Records != int64(whole+1) || report.Torn != 0 {
			t.Fatalf("at %d: %+v %v", size, report, err)
		}
	}
}

// TestPowerCut has a last line that has its length but not its bytes.
func TestPowerCut(t *testing.T) {
	path, data := written(t, 3)
	last := bytes.LastIndexByte(data[:len(data)-1], '\n') + 1
	clear(data[last : last+20])
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, path)
	if l.Torn() != int64(len(data)-last) || l.Head().Seq != 2 {
		t.Errorf("torn %d, head %+v", l.Torn(), l.Head())
	}
}

// TestEveryChangedByteIsFound flips each byte but those of the last line, which nothing
// vouches for yet.
func TestEveryChangedByteIsFound(t *testing.T) {
	path, data := written(t, 3)
	last := bytes.LastIndexByte(data[:len(data)-1], '\n') + 1
	for i := range data[:last] {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		var damage *ledger.Damage
		if _, err := ledger.Verify(path); !errors.As(err, &damage) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if l, err := ledger.Open(path); err == nil {
			l.Close()
			t.Fatalf("byte %d changed: opened", i)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, changed) {
			t.Fatalf("byte %d changed: the file was touched", i)
		}
	}
}

// TestDamageSaysWhere checks line, offset and advice.
func TestDamageSaysWhere(t *testing.T) {
	path, data := written(t, 4)
	lines := bytes.SplitAfter(data, []byte("\n"))
	offset := len(lines[0]) + len(lines[1])
	without := bytes.Join([][]byte{lines[0], lines[1], lines[3]}, nil)
	if err := os.WriteFile(path, without, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := ledger.Verify(path)
	var damage *ledger.Damage
	if !errors.As(err, &damage) || damage.Line != 3 || damage.Offset != int64(offset) {
		t.Fatalf("%+v", damage)
	}
	want := fmt.Sprintf("line 3 at offset %d: its number is 4 where 3 was due", offset)
	if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("head -c %d", offset)) {
		t.Error(err)
	}
	if report.Records != 2 || report.Events["thing"] != 2 {
		t.Errorf("%+v", report)
	}
}

// TestReaderNoticesALoss: records that were read are no longer there, or are others.
func TestReaderNoticesALoss(t *testing.T) {
	path, data := written(t, 3)
	_, at, err := ledger.Read(path, ledger.Position{})
	if err != nil {
		t.Fatal(err)
	}
	var damage *ledger.Damage
	if err := os.WriteFile(path, data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ledger.Read(path, at); !errors.As(err, &damage) {
		t.Errorf("shorter: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ledger.Read(path, at); err == nil {
		t.Error("gone: no error")
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, path)
	appendN(t, l, 1)
	at.Head = strings.Repeat("0", 64)
	if _, _, err := ledger.Read(path, at); !errors.As(err, &damage) {
		t.Errorf("another history: %v", err)
	}
}

func TestNoLinkIsFollowed(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	link := filepath.Join(dir, "ledger.jsonl")
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if _, err := ledger.Open(link); err == nil {
		t.Error("opened through a link")
	}
	if _, err := os.Stat(target); err == nil {
		t.Error("the link's target was made")
	}
}

func TestClosed(t *testing.T) {
	path, _ := written(t, 1)
	l := open(t, path)
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Error(err)
	}
	if err := l.Append("late", body{}); !errors.Is(err, ledger.ErrClosed) {
		t.Error(err)
	}
}

// TestAnyEvents appends what comes and reads it back, with restarts between.
func TestAnyEvents(t *testing.T) {
	dir := t.TempDir()
	files := 0
	rapid.Check(t, func(r *rapid.T) {
		files++
		path := filepath.Join(dir, fmt.Sprint(files))
		want := rapid.SliceOfN(rapid.String(), 0, 8).Draw(r, "texts")
		for i, text := range want {
			l, err := ledger.Open(path)
			if err != nil {
				r.Fatal(err)
			}
			if err := l.Append("e", body{text, int64(i)}); err != nil {
				r.Fatal(err)
			}
			l.Close()
		}
		records, _, err := ledger.Read(path, ledger.Position{})
		if err != nil || len(records) != len(want) {
			r.Fatal(len(records), err)
		}
		for i, record := range records {
			var got body
			if err := record.Decode(&got); err != nil || got.N != int64(i) || got.Text != strings.ToValidUTF8(want[i], "\ufffd") {
				r.Fatalf("%q became %q: %v", want[i], got.Text, err)
			}
		}
	})
}

// FuzzLedger reads any bytes: no panic, nothing is changed on damage, and what Open leaves
// is sound.
func FuzzLedger(f *testing.F) {
	_, data := written(f, 3)
	f.Add(data)
	f.Add(data[:len(data)-5])
	f.Add(append(bytes.Clone(data), 0, 0, '\n'))
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"seq":1,"event":"x","body":` + strings.Repeat("[", 20_000) + "\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "ledger.jsonl")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		report, verdict := ledger.Verify(path)
		var damage *ledger.Damage
		if verdict != nil && !errors.As(verdict, &damage) {
			t.Fatal(verdict)
		}
		l, err := ledger.Open(path)
		if (err == nil) != (verdict == nil) {
			t.Fatalf("verify: %v, open: %v", verdict, err)
		}
		if err != nil {
			return
		}
		defer l.Close()
		if err := l.Append("more", nil); err != nil {
			t.Fatal(err)
		}
		after, err := ledger.Verify(path)
		if err != nil || after.Records != report.Records+1 || after.Torn != 0 {
			t.Fatalf("%+v then %+v: %v", report, after, err)
		}
	})
}
