package pack_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pcapmill/datasets/folder"
	"pcapmill/datasets/pack"
	"pcapmill/features/column"
	"pcapmill/features/sketch"
)

// TestLook counts what made has: worked out by hand.
func TestLook(t *testing.T) {
	s, err := pack.Look(context.Background(), dataset(t, true))
	if err != nil {
		t.Fatal(err)
	}
	var splits []string
	for _, x := range s.Splits {
		splits = append(splits, fmt.Sprint(x.Name, " ", x.Rows, " ", (x.Begin-second(0))/1e9, "-", (x.End-second(0))/1e9, " ", x.Classes))
	}
	// Classes are ordered by rows, then by name: benign 10, scan 2, of one row each the null, whose name is empty, before the evil one.
	if got, want := fmt.Sprint(splits), "[train 9 0-8 [8 1 0 0] validation 2 20-21 [1 0 0 1] test 3 40-42 [1 1 1 0]]"; got != want {
		t.Errorf("splits %s\nand not %s", got, want)
	}
	var classes []string
	for i := range s.Classes {
		c := &s.Classes[i]
		classes = append(classes, fmt.Sprintf("%q %v: %d rows, %d hosts, %d connections, %d campaigns", c.Label, c.Null, c.Rows, c.Hosts.Count(), c.Sessions.Count(), c.Campaigns.Count()))
	}
	for i, want := range []string{
		`"benign" false: 10 rows, 4 hosts, 6 connections, 1 campaigns`,
		`"scan" false: 2 rows, 3 hosts, 2 connections, 1 campaigns`,
		`"" true: 1 rows, 2 hosts, 1 connections, 0 campaigns`,
		fmt.Sprintf(`%q false: 1 rows, 2 hosts, 1 connections, 1 campaigns`, evil),
	} {
		if classes[i] != want {
			t.Errorf("class %d: %s\nand not %s", i, classes[i], want)
		}
	}
	// 42 s in 60 parts of 0.7 s: benign at 0 … 7, 20 and 40 s.
	for slot, n := range s.Classes[0].Times {
		want := int64(0)
		for _, at := range []int{0, 1, 2, 3, 4, 5, 6, 7, 20, 40} {
			if min(59, at*60/42) == slot {
				want++
			}
		}
		if n != want {
			t.Errorf("part %d of the time has %d rows and not %d", slot, n, want)
		}
	}
	checkColumns(t, s)
}

func checkColumns(t *testing.T, s *pack.Survey) {
	packets := &s.Columns[1] // 1 … 8, 1 │ null, 2 │ 3, 1, 1
	if fmt.Sprint(packets.Nulls) != "[0 1 0]" || packets.Least != 1 || packets.Most != 8 {
		t.Errorf("fwd_packets: nulls %v, %v to %v", packets.Nulls, packets.Least, packets.Most)
	}
	// Sorted: 1 1 1 1 2 2 3 3 4 5 6 7 8: the 7th of 13.
	if m, ok := packets.Quantile(0.5); !ok || m != 3 {
		t.Errorf("the median of fwd_packets is %v", m)
	}
	if m, ok := packets.SplitMedian(2); !ok || m != 1 {
		t.Errorf("the median of fwd_packets in test is %v", m)
	}
	if !s.Columns[5].Constant() || !s.Columns[6].Constant() || packets.Constant() || s.Columns[3].Constant() {
		t.Error("what is constant is not, or the reverse")
	}
	if top := s.Columns[3].Words.Top(1); len(top) != 1 || top[0].Key != "http" || top[0].Count != 9 {
		t.Errorf("service is most often %v", top)
	}
	if l := &s.Columns[4]; l.Lists != 14 || l.Items != 36+1+2+3+1+1 {
		t.Errorf("%d lists with %d elements", l.Lists, l.Items)
	}
	// Arrow arrays of test: 8 + (4 and a bit) + (8 and a bit) + service 4·3 + 4 and a bit + sizes 4·3 + 8·5 + zero 8 + port 4 + label 4·3 + 10 and a bit.
	if want := int64(24 + 13 + 25 + 17 + 52 + 24 + 12 + 23); s.Splits[2].Arrow != want {
		t.Errorf("test is %d bytes of Arrow and not %d", s.Splits[2].Arrow, want)
	}
}

// TestReportOfInstants: quantiles of times would all be the greatest, and their bars one. Nor is there
// room for a bar of each of so many classes.
func TestReportOfInstants(t *testing.T) {
	f := factsOf(t, dataset(t, true), fullMeta(t))
	for _, c := range []column.Column{{Name: "start_time", Type: column.Timestamp}, {Name: "start_ns", Type: column.Int64, Unit: column.EpochNano}} {
		times := pack.ColumnFacts{Column: c, Nulls: make([]int64, 3), Values: sketch.NewHistogram(sketch.Fine), Least: 1.7e15, Most: 1.7e15 + 1e9}
		for i := range 10 {
			times.Values.Add(1.7e15 + float64(i)*1e8)
		}
		if m, ok := times.Quantile(0.5); ok {
			t.Errorf("the median of %s is %v", c.Name, m)
		}
		if m, ok := times.Quantile(1); !ok || m != times.Most {
			t.Errorf("the greatest of %s is %v", c.Name, m)
		}
		f.Survey.Columns = append(f.Survey.Columns, times)
	}
	for len(f.Survey.Classes) < 50 {
		f.Survey.Classes = append(f.Survey.Classes, f.Survey.Classes[0])
		for i := range f.Survey.Splits {
			f.Survey.Splits[i].Classes = append(f.Survey.Splits[i].Classes, 0)
		}
	}
	var page strings.Builder
	if err := f.Report(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<td class="number">2023-11-14T22:13:20.000000Z</td><td class="number">–</td>`, "<p>And 10 more.</p>"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the report lacks %s", want)
		}
	}
}

// TestGaps: each split is compared with the one that ends last of those before it, and two have no more in
// common than the shorter one has.
func TestGaps(t *testing.T) {
	f := factsOf(t, dataset(t, true), new(pack.Meta))
	for i, at := range [][2]int64{{0, 100}, {10, 20}, {30, 40}} {
		f.Survey.Splits[i].Begin, f.Survey.Splits[i].End = second(at[0]), second(at[1])
	}
	card := string(f.Card())
	for _, want := range []string{
		"train and validation overlap by 10s.", "train and test overlap by 10s.", "The splits train and validation overlap in time.", "The splits train and test overlap in time.",
	} {
		if !strings.Contains(card, want) {
			t.Errorf("no %q in\n%s", want, card)
		}
	}
}

// TestLookWithoutSplits has one split without a name; what is no dataset is refused.
func TestLookWithoutSplits(t *testing.T) {
	s, err := pack.Look(context.Background(), dataset(t, false))
	if err != nil || len(s.Splits) != 1 || s.Splits[0].Name != "" || s.Splits[0].Rows != 14 || s.Rows != 14 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := pack.Look(context.Background(), run(t, t.TempDir())); !errors.Is(err, pack.ErrDataset) {
		t.Errorf("a run is looked at: %v", err)
	}
	other := step(t, t.TempDir(), "dataset", nil, nil, func(f *folder.Folder) error {
		w, err := f.Table(dataSchema(), "day", "1")
		if err != nil {
			return err
		}
		return errors.Join(w.Write(dataOf(made()["test"])), w.Close())
	})
	if _, err := pack.Look(context.Background(), other); !errors.Is(err, pack.ErrDataset) {
		t.Errorf("partitions by day are splits: %v", err)
	}
}

// TestManyWords: of more texts than are counted those that are said to be frequent are of a sample, and texts too
// long to be counted are not left out of the number of different ones without a word.
func TestManyWords(t *testing.T) {
	flows := make([]flow, 3000)
	for i := range flows {
		n := int64(i)
		flows[i] = flow{n, n, "10.0.0.1", "10.0.0.9", "benign", 1, fmt.Sprint("service ", max(n-2000, 0))} // 2,001 rows of the first
	}
	page := func() string {
		o := step(t, t.TempDir(), "dataset", nil, nil, func(f *folder.Folder) error {
			return errors.Join(put(f, "train", dataOf(flows)), put(f, "train", keysOf(flows)))
		})
		var html strings.Builder
		if err := factsOf(t, o, new(pack.Meta)).Report(&html); err != nil {
			t.Fatal(err)
		}
		return html.String()
	}
	if html := page(); !strings.Contains(html, "service 0: 2,001") || strings.Contains(html, "sample") {
		t.Error("of 1,000 services the most frequent one is not named, or called one of a sample")
	}
	for i := range flows[:1000] {
		flows[i].service = fmt.Sprint("other ", i)
	}
	flows[1000].service = strings.Repeat("x", 256)
	if html := page(); !strings.Contains(html, "(of a sample of 1,024 of them)") || !strings.Contains(html, ", and of more than 255 bytes in 1 row") {
		t.Error("nobody says that not all services were counted")
	}
}

// BenchmarkLook is what a look costs for a value, and for a row of keys.
func BenchmarkLook(b *testing.B) {
	const rows = 100_000
	flows := make([]flow, rows)
	for i := range flows {
		n := int64(i)
		flows[i] = flow{n, n / 3, fmt.Sprint("10.0.", n%200, ".", n%251), "10.0.0.9", []string{"benign", "scan"}[n%2], int32(1 + n%4), "http"}
	}
	o := step(b, b.TempDir(), "dataset", nil, nil, func(f *folder.Folder) error {
		return errors.Join(put(f, "train", dataOf(flows)), put(f, "train", keysOf(flows)))
	})
	for b.Loop() {
		if _, err := pack.Look(context.Background(), o); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}
