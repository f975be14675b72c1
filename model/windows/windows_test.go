package windows_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pcapmill/model/baseline"
	"pcapmill/model/fingerprint/hosttest"
	"pcapmill/model/windows"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/tables"
)

type cells = hosttest.Cells

const window = hosttest.TenMins

// at returns a row of hosts of the i-th window.
func at(i int, host string, more cells) cells {
	row := cells{"window_start_ns": hosttest.Begin + int64(i)*window, "host": host}
	for k, v := range more {
		row[k] = v
	}
	return row
}

// pair returns a row of pairs of the i-th window; a port below 0 is null.
func pair(i int, src, dst string, protocol, port, flows int) cells {
	row := cells{"window_start_ns": hosttest.Begin + int64(i)*window, "src_ip": src, "dst_ip": dst, "protocol": protocol, "flows": flows}
	if port >= 0 {
		row["dst_port"] = port
	}
	return row
}

// dataset writes a dataset without manifest.
func dataset(t testing.TB, hosts, pairs []cells) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	for _, table := range []string{"hosts", "pairs"} {
		if err := os.MkdirAll(filepath.Join(dir, table), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	err := hosttest.WriteFile(filepath.Join(dir, "hosts", "part-00000.parquet"), hosts...)
	if pairs == nil {
		err = errors.Join(err, os.Remove(filepath.Join(dir, "pairs")))
	} else {
		err = errors.Join(err, hosttest.WritePairs(filepath.Join(dir, "pairs", "part-00000.parquet"), pairs...))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// describe adds a manifest to a dataset.
func describe(t testing.TB, dir string, change func(*manifest.Manifest)) {
	t.Helper()
	m := &manifest.Manifest{RunID: strings.Repeat("01", 32), PlanID: strings.Repeat("23", 32), Tool: manifest.Tool{Name: manifest.ToolName}}
	files, err := tables.Files(filepath.Join(dir, "hosts"))
	if err != nil {
		t.Fatal(err)
	}
	hosts := manifest.Table{Name: "hosts", SchemaSHA256: strings.Repeat("ab", 32)}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		hosts.Parts = append(hosts.Parts, manifest.Part{Path: "hosts/" + filepath.Base(file), Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])})
	}
	m.Tables = []manifest.Table{hosts}
	change(m)
	data, err := m.Encode()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, manifest.Name), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// capture returns an input that covers the time between two instants, in windows.
func capture(first, last float64) manifest.Input {
	from, to := hosttest.Begin+int64(first*float64(window)), hosttest.Begin+int64(last*float64(window))
	return manifest.Input{Outcome: manifest.Complete, FirstNs: &from, LastNs: &to}
}

func opened(t testing.TB, o windows.Options, paths ...string) *windows.Set {
	t.Helper()
	s, err := windows.Open(context.Background(), paths, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read returns the rows as text: window, host, sent packets, keys, tags.
func read(t testing.TB, s *windows.Set) []string {
	t.Helper()
	packets := slices.IndexFunc(s.Table().Features, func(f baseline.Feature) bool { return f.Name == "out_packets" })
	var all []string
	err := s.Each(context.Background(), func(r *baseline.Row) error {
		line := fmt.Sprint((r.Start-hosttest.Begin)/window, " ", r.Host, " ", r.Values[packets])
		for _, c := range r.Counts {
			line += fmt.Sprintf(" %s=%s×%d", s.Categories()[c.Category], c.Key, c.N)
		}
		for _, tag := range r.Tags {
			line += " [" + tag.String() + "]"
		}
		all = append(all, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestFeatures are the numbers that say what a host does: how a number was made, the
// version of the address and the hour are none.
func TestFeatures(t *testing.T) {
	table := opened(t, windows.DefaultOptions(), dataset(t, []cells{at(0, "10.0.0.1", nil)}, nil)).Table()
	scales := map[string]baseline.Scale{}
	for _, f := range table.Features {
		if scales[f.Name] = f.Scale; strings.HasSuffix(f.Name, "_exact") || slices.Contains([]string{"ip_version", "hour_of_week", "window_ns", "part_no"}, f.Name) {
			t.Errorf("%s is a feature", f.Name)
		}
	}
	for name, want := range map[string]baseline.Scale{
		"out_packets": {Octaves: true}, "gap_mean_ns": {Octaves: true, Step: 10}, "nxdomain_ratio": {Step: -7},
		"dns_name_entropy_bits": {Step: -7}, "packets_per_s": {Octaves: true, Step: -7}, "ja4_prints": {Octaves: true},
	} {
		if scales[name] != want {
			t.Errorf("%s: %v, want %v", name, scales[name], want)
		}
	}
	if table.Name != "hosts" || table.Window != window || len(scales) != len(table.Features) {
		t.Errorf("%s, %d of %d", table.Name, len(scales), len(table.Features))
	}
}

// TestValues come by the names of features, and unknown is unknown.
func TestValues(t *testing.T) {
	s := opened(t, windows.DefaultOptions(), dataset(t, []cells{
		at(0, "10.0.0.1", cells{"out_packets": 7, "gap_mean_ns": 2.5, "byte_asymmetry": -0.5}),
	}, nil))
	got := map[string]float64{}
	err := s.Each(context.Background(), func(r *baseline.Row) error {
		for i, f := range s.Table().Features {
			if r.Known[i] {
				got[f.Name] = r.Values[i]
			}
		}
		return nil
	})
	if err != nil || got["out_packets"] != 7 || got["gap_mean_ns"] != 2.5 || got["byte_asymmetry"] != -0.5 {
		t.Errorf("%v, %v", got, err)
	}
	if x, known := got["gap_std_ns"]; known {
		t.Errorf("gap_std_ns is %v", x)
	}
	if x, known := got["in_packets"]; !known || x != 0 {
		t.Errorf("in_packets is %v, %v", x, known)
	}
}

// TestKeys are worked by hand: 10.0.0.1 begins five flows with two responders, one of which
// asks back.
func TestKeys(t *testing.T) {
	dir := dataset(t, []cells{
		at(0, "10.0.0.1", nil), at(0, "10.0.0.9", nil), at(0, "192.0.2.7", nil), at(0, "2001:db8::5", nil),
		at(1, "10.0.0.1", nil), at(2, "10.0.0.1", nil),
	}, []cells{
		pair(0, "10.0.0.1", "10.0.0.9", 17, 53, 2), pair(0, "10.0.0.1", "192.0.2.7", 6, 443, 3), pair(0, "10.0.0.1", "192.0.2.7", 6, 8443, 0),
		pair(0, "192.0.2.7", "10.0.0.1", 1, -1, 1), pair(0, "2001:db8::5", "2001:db8::5", 58, -1, 1), pair(0, "2001:db8::5", "2001:db8::6", 6, 443, 1),
		pair(2, "10.0.0.1", "192.0.2.7", 47, -1, 9),
	})
	same(t, read(t, opened(t, windows.DefaultOptions(), dir)),
		"0 10.0.0.1 0 endpoint=10.0.0.9:53/udp×2 endpoint=192.0.2.7:443/tcp×3 endpoint=192.0.2.7:8443/tcp×1 peer=10.0.0.9×2 peer=192.0.2.7×4 served=icmp×1 service=tcp/443×3 service=tcp/8443×1 service=udp/53×2",
		"0 10.0.0.9 0 served=udp/53×2",
		"0 192.0.2.7 0 endpoint=10.0.0.1/icmp×1 peer=10.0.0.1×1 served=tcp/443×3 served=tcp/8443×1 service=icmp×1",
		"0 2001:db8::5 0 endpoint=2001:db8::5/icmp6×1 endpoint=[2001:db8::6]:443/tcp×1 peer=2001:db8::5×1 peer=2001:db8::6×1 served=icmp6×1 service=tcp/443×1 service=icmp6×1",
		"1 10.0.0.1 0",
		"2 10.0.0.1 0 endpoint=192.0.2.7/gre×9 peer=192.0.2.7×9 service=gre×9",
	)
	o := windows.DefaultOptions()
	o.Categories, o.Protocols = []string{"service"}, true
	same(t, read(t, opened(t, o, dir))[:2],
		"0 10.0.0.1 0 service=tcp/443×3 service=tcp/8443×1 service=udp/53×2 [protocol icmp] [protocol tcp] [protocol udp]",
		"0 10.0.0.9 0 [protocol udp]")
}

// TestPairsAsTheWindowsAre joins by window and host alone: no batch and no window that one
// of the tables lacks moves keys elsewhere.
func TestPairsAsTheWindowsAre(t *testing.T) {
	var hosts, pairs []cells
	var want []string
	for i := range 300 {
		for h := range 100 {
			host := fmt.Sprintf("10.0.0.%d", h)
			if i%3 > 0 {
				hosts = append(hosts, at(i, host, cells{"out_packets": i}))
			}
			keys := ""
			if i%2 == 0 {
				pairs = append(pairs, pair(i, host, "192.0.2.1", 6, i+1, h+1))
				keys = fmt.Sprintf(" service=tcp/%d×%d", i+1, h+1)
			}
			if i%3 > 0 {
				want = append(want, fmt.Sprintf("%d %s %d%s", i, host, i, keys))
			}
		}
	}
	o := windows.DefaultOptions()
	o.Categories = []string{"service"}
	same(t, read(t, opened(t, o, dataset(t, hosts, pairs))), want...)
}

// TestTooManyPairs in one window leave that one without keys.
func TestTooManyPairs(t *testing.T) {
	dir := dataset(t, []cells{at(0, "10.0.0.1", nil), at(1, "10.0.0.1", nil)}, []cells{
		pair(0, "10.0.0.1", "192.0.2.7", 6, 1, 1), pair(0, "10.0.0.1", "192.0.2.7", 6, 2, 1), pair(0, "10.0.0.1", "192.0.2.7", 6, 3, 1),
		pair(1, "10.0.0.1", "192.0.2.7", 6, 1, 1), pair(1, "10.0.0.1", "192.0.2.7", 6, 2, 1),
	})
	o := windows.DefaultOptions()
	o.Categories, o.Pairs = []string{"service"}, 2
	s := opened(t, o, dir)
	for range 2 { // reading again counts anew
		same(t, read(t, s), "0 10.0.0.1 0", "1 10.0.0.1 0 service=tcp/1×1 service=tcp/2×1")
		if q := s.Quality()[0]; q.NoKeys != 1 || !q.Keys {
			t.Errorf("%+v", q)
		}
	}
}

// TestScanner has more keys than a row takes: the most frequent stay, the others are counted.
func TestScanner(t *testing.T) {
	const ports = 20_000
	var pairs []cells
	for port := range ports {
		pairs = append(pairs, pair(0, "10.0.0.1", "10.0.0.2", 6, port, 1+port%2))
	}
	dir := dataset(t, []cells{at(0, "10.0.0.1", nil)}, pairs)
	s := opened(t, windows.DefaultOptions(), dir)
	b, err := baseline.New(baselineConfig(s), s.Table())
	if err != nil {
		t.Fatal(err)
	}
	counts := map[uint64]int{}
	err = s.Each(context.Background(), func(r *baseline.Row) error {
		for _, c := range r.Counts {
			if s.Categories()[c.Category] == "service" {
				counts[c.N]++
			}
		}
		return b.Add(r)
	})
	kept := baseline.MaxKeysPerWindow / 4
	if err != nil || counts[2] != ports/2 || counts[1] != kept-ports/2 {
		t.Errorf("%v, %v", counts, err)
	}
	if q := s.Quality()[0]; q.Lost != 2*uint64(ports-kept) { // endpoints as well
		t.Errorf("%d keys left out", q.Lost)
	}
}

func baselineConfig(s *windows.Set) baseline.Config {
	c := baseline.DefaultConfig()
	c.Categories = s.Categories()
	return c
}

// TestCovered leaves out windows that captures cover less than asked for.
func TestCovered(t *testing.T) {
	var hosts []cells
	for i := range 6 {
		hosts = append(hosts, at(i, "10.0.0.1", nil))
	}
	for name, test := range map[string]struct {
		change func(*manifest.Manifest)
		want   []string
	}{
		"the ends are cut":  {func(m *manifest.Manifest) { m.Inputs = []manifest.Input{capture(0.06, 5.94)} }, []string{"1", "2", "3", "4"}},
		"as good as whole":  {func(m *manifest.Manifest) { m.Inputs = []manifest.Input{capture(0.04, 5.96)} }, []string{"0", "1", "2", "3", "4", "5"}},
		"one after another": {func(m *manifest.Manifest) { m.Inputs = []manifest.Input{capture(3.51, 6), capture(0, 3.49)} }, []string{"0", "1", "2", "3", "4", "5"}},
		"a gap":             {func(m *manifest.Manifest) { m.Inputs = []manifest.Input{capture(0, 2.5), capture(3.5, 6)} }, []string{"0", "1", "4", "5"}},
		"side by side": {func(m *manifest.Manifest) {
			m.Inputs = []manifest.Input{capture(0, 2.6), capture(1, 3), capture(1.5, 2)}
		}, []string{"0", "1", "2"}},
		"no packet": {func(m *manifest.Manifest) { m.Inputs = []manifest.Input{{Outcome: manifest.Complete}} }, nil},
		"from and to": {func(m *manifest.Manifest) {
			m.Inputs = []manifest.Input{capture(0, 6)}
			m.Options = map[string]string{"from": instant(1.5), "to": instant(4)}
		}, []string{"2", "3"}},
	} {
		dir := dataset(t, hosts, nil)
		describe(t, dir, test.change)
		s := opened(t, windows.DefaultOptions(), dir)
		var got []string
		for _, line := range read(t, s) {
			got = append(got, line[:1])
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		if q := s.Quality()[0]; q.LeftOut[0].Reason != windows.Uncovered || q.LeftOut[0].Windows != int64(6-len(got)) || q.LeftOut[0].Rows != int64(6-len(got)) || q.Rows != int64(len(got)) {
			t.Errorf("%s: %+v", name, q)
		}
	}
}

func instant(w float64) string {
	return time.Unix(0, hosttest.Begin+int64(w*float64(window))).UTC().Format(time.RFC3339Nano)
}

// TestInputsByThemselves: where each is read alone, a window of one is not covered by another.
func TestInputsByThemselves(t *testing.T) {
	dir := dataset(t, []cells{
		at(0, "10.0.0.1", cells{"capture_id": 0}), at(1, "10.0.0.1", cells{"capture_id": 0}),
		at(0, "10.0.0.1", cells{"capture_id": 1}), at(1, "10.0.0.1", cells{"capture_id": 1, "out_packets": 5}),
		at(1, "10.0.0.1", cells{"capture_id": 2}),
	}, nil)
	describe(t, dir, func(m *manifest.Manifest) {
		m.Inputs = []manifest.Input{capture(0.5, 1.5), capture(0.5, 2)}
		m.Options = map[string]string{"inputs": "independent"}
	})
	same(t, read(t, opened(t, windows.DefaultOptions(), dir)), "1 10.0.0.1 5")
}

// TestParts: a window whose rows lie in several places is left out whole.
func TestParts(t *testing.T) {
	s := opened(t, windows.DefaultOptions(), dataset(t, []cells{
		at(0, "10.0.0.1", nil), at(2, "10.0.0.1", cells{"part_no": 1}), at(1, "10.0.0.1", nil), at(1, "10.0.0.2", nil),
		at(2, "10.0.0.1", nil), at(3, "10.0.0.1", nil), at(1, "10.0.0.1", cells{"part_no": 2}), at(4, "10.0.0.1", cells{"part_no": 3}),
	}, []cells{pair(0, "10.0.0.1", "10.0.0.2", 6, 1, 1), pair(3, "10.0.0.1", "10.0.0.2", 6, 2, 1)}))
	o := s.Quality()[0]
	if o.LeftOut[1] != (windows.LeftOut{Reason: windows.InParts, Windows: 3, Rows: 6}) || o.Rows != 2 || o.Windows != 2 || o.FirstNs != hosttest.Begin || o.LastNs != hosttest.Begin+4*window {
		t.Errorf("%+v", o)
	}
	for i, line := range read(t, s) {
		if want := []string{"0 10.0.0.1", "3 10.0.0.1"}[i]; !strings.HasPrefix(line, want) || !strings.Contains(line, "peer=10.0.0.2×1") {
			t.Errorf("%s, want %s", line, want)
		}
	}
}

// TestOverlapping: of windows that overlap, those are read that lie side by side, as if
// there were no others; parts of others leave none out.
func TestOverlapping(t *testing.T) {
	hosts := []cells{at(0, "10.0.0.1", cells{"out_packets": 3}), at(1, "10.0.0.1", nil), at(1, "10.0.0.2", nil)}
	pairs := []cells{pair(0, "10.0.0.1", "10.0.0.2", 6, 1, 1), pair(1, "10.0.0.1", "10.0.0.2", 6, 2, 5)}
	later := func(row cells, part int) cells {
		row["window_start_ns"] = row["window_start_ns"].(int64) + window/2
		row["part_no"] = part
		return row
	}
	between := later(at(0, "10.0.0.1", cells{"out_packets": 7}), 0)
	all := []cells{
		later(at(-1, "10.0.0.1", nil), 0), hosts[0], between, hosts[1], hosts[2],
		later(at(2, "10.0.0.1", nil), 1), later(at(1, "10.0.0.1", nil), 0), later(at(1, "10.0.0.2", nil), 0), later(at(2, "10.0.0.2", nil), 2),
	}
	allPairs := []cells{later(pair(-1, "10.0.0.1", "10.0.0.2", 6, 1, 1), 0), pairs[0], later(pair(0, "10.0.0.1", "10.0.0.2", 6, 9, 6), 0), pairs[1]}
	want := opened(t, windows.DefaultOptions(), dataset(t, hosts, pairs))
	s := opened(t, windows.DefaultOptions(), dataset(t, all, allPairs))
	same(t, read(t, s), read(t, want)...)
	q, w := s.Quality()[0], want.Quality()[0]
	if q.Rows != 3 || q.Windows != 2 || q.FirstNs != w.FirstNs || q.LastNs != w.LastNs || q.LeftOut[1].Windows != 0 || q.LeftOut[2] != (windows.LeftOut{Reason: windows.Overlapping, Windows: 4, Rows: 6}) {
		t.Errorf("%+v", q)
	}
}

// TestRecorded is what the manifest says.
func TestRecorded(t *testing.T) {
	dir := dataset(t, []cells{at(0, "10.0.0.1", nil)}, nil)
	n := func(x int64) *int64 { return &x }
	describe(t, dir, func(m *manifest.Manifest) {
		m.Inputs = []manifest.Input{capture(0, 1), capture(1, 3), {Outcome: manifest.Rejected}}
		m.Inputs[1].Outcome = manifest.Partial
		m.Inputs[0].Interfaces = []manifest.Interface{{Dropped: n(5)}, {OSDropped: n(7)}, {Dropped: n(-3)}}
		m.Accounting.PacketsRead = 100
		m.Accounting.Add("malformed_l2", 1, 0, 0)
		m.Accounting.Add("malformed_l4", 2, 0, 0)
		m.Accounting.Add("fragment_unresolved", 4, 0, 0)
		m.Limits = map[string]int64{"evicted_flows": 8}
		m.Streams = map[string]int64{"bytes": 1000, "gap_bytes": 10}
	})
	s := opened(t, windows.DefaultOptions(), dir)
	want := windows.Recorded{
		Inputs: 3, Cut: 1, Rejected: 1, Packets: 100, Malformed: 3, Unjoined: 4, Dropped: n(12), EvictedFlows: 8,
		StreamBytes: 1000, GapBytes: 10, CoveredNs: 3 * window,
	}
	if got := s.Quality()[0].Recorded; !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v\nwant %+v", *got, want)
	}
	if got := s.Sources()[0]; got.RunID != strings.Repeat("01", 32) || got.PlanID != strings.Repeat("23", 32) {
		t.Errorf("%+v", got)
	}
}

// TestSourceIsTheBytes: the hash is the same with a manifest and without, for the dataset,
// the table and its only file.
func TestSourceIsTheBytes(t *testing.T) {
	dir := dataset(t, []cells{at(0, "10.0.0.1", nil)}, nil)
	bare := opened(t, windows.DefaultOptions(), dir).Sources()[0]
	describe(t, dir, func(m *manifest.Manifest) { m.Inputs = []manifest.Input{capture(0, 1)} })
	for _, path := range []string{dir, filepath.Join(dir, "hosts"), filepath.Join(dir, "hosts", "part-00000.parquet")} {
		s := opened(t, windows.DefaultOptions(), path)
		if got := s.Sources()[0]; got.Hash != bare.Hash || got.PlanID == "" {
			t.Errorf("%s: %+v", path, got)
		}
		if s.Quality()[0].Recorded == nil {
			t.Errorf("%s: the manifest was not found", path)
		}
	}
	other := dataset(t, []cells{at(0, "10.0.0.2", nil)}, nil)
	if s := opened(t, windows.DefaultOptions(), dir, other); s.Sources()[1].Hash == bare.Hash || len(read(t, s)) != 2 {
		t.Errorf("%x", s.Sources())
	}
}

// TestRefused are tables that no run of ours writes, or that do not go together. The error
// names the file and what is wrong.
func TestRefused(t *testing.T) {
	host := func(name string, v any) []cells { return []cells{at(0, "10.0.0.1", cells{name: v})} }
	flow := func(name string, v any) []cells {
		row := pair(0, "10.0.0.1", "10.0.0.2", 6, 1, 1)
		row[name] = v
		return []cells{row}
	}
	good := host("out_packets", 1)
	for name, test := range map[string]struct {
		hosts, pairs []cells
		err          error
		says         string
	}{
		"absurd":         {host("gap_cv", 1e300), nil, windows.ErrTable, "1e+300 of 10.0.0.1 in gap_cv"},
		"negative":       {host("out_packets", -1), nil, windows.ErrTable, "-1 of"},
		"too many":       {host("out_packets", int64(math.MaxInt64)), nil, windows.ErrTable, "9223372036854775807"},
		"no address":     {host("host", "a\x1bb"), nil, windows.ErrTable, `a\x1bb`},
		"long":           {host("host", strings.Repeat("1", 1000)), nil, windows.ErrTable, "1000 bytes"},
		"zone":           {host("host", "fe80::1%eth0"), nil, windows.ErrTable, "no address"},
		"no length":      {host("window_ns", 0), nil, windows.ErrTable, "window_ns is 0"},
		"long window":    {host("window_ns", int64(math.MaxInt64)), nil, windows.ErrTable, "window_ns"},
		"the end":        {host("window_start_ns", int64(math.MaxInt64)), nil, windows.ErrTable, "window_start_ns"},
		"negative part":  {host("part_no", -1), nil, windows.ErrTable, "part_no"},
		"twice":          {append(host("out_packets", 1), host("out_packets", 2)...), nil, windows.ErrTable, "not in order, at 10.0.0.1"},
		"hosts":          {[]cells{at(0, "10.0.0.2", nil), at(0, "10.0.0.1", nil)}, nil, windows.ErrTable, "not in order"},
		"windows":        {[]cells{at(1, "10.0.0.2", nil), at(0, "10.0.0.1", nil)}, nil, windows.ErrTable, "windows are not in order"},
		"again":          {[]cells{at(0, "10.0.0.1", nil), at(1, "10.0.0.1", nil), at(0, "10.0.0.1", nil)}, nil, windows.ErrTable, "windows are not in order"},
		"lengths":        {append(host("out_packets", 1), at(1, "10.0.0.1", cells{"window_ns": window / 2})), nil, windows.ErrMixed, "5m0s"},
		"no responder":   {good, flow("dst_ip", "x"), windows.ErrTable, "dst_ip x"},
		"no protocol":    {good, flow("protocol", 256), windows.ErrTable, "protocol"},
		"no port":        {good, flow("dst_port", 65536), windows.ErrTable, "65536"},
		"negative flows": {good, flow("flows", -1), windows.ErrTable, "flows"},
		"pairs":          {good, []cells{pair(-1, "10.0.0.1", "10.0.0.2", 6, 1, 1), pair(-2, "10.0.0.1", "10.0.0.2", 6, 1, 1)}, windows.ErrTable, "windows are not in order"},
	} {
		dir := dataset(t, test.hosts, test.pairs)
		s, err := windows.Open(context.Background(), []string{dir}, windows.DefaultOptions())
		if err == nil {
			err = s.Each(context.Background(), func(*baseline.Row) error { return nil })
		}
		if !errors.Is(err, test.err) || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v; want %q", name, err, test.says)
		}
	}
}

// TestRefusedFiles are paths that lead to no table of hosts.
func TestRefusedFiles(t *testing.T) {
	good, other, empty := dataset(t, []cells{at(0, "10.0.0.1", nil)}, []cells{pair(0, "10.0.0.1", "10.0.0.2", 6, 1, 1)}), t.TempDir(), t.TempDir()
	part := filepath.Join(good, "hosts", "part-00000.parquet")
	data, err := os.ReadFile(part)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(other, "cut.parquet")
	if err := os.WriteFile(cut, data[:len(data)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	bare := filepath.Join(t.TempDir(), "bare")
	if err := errors.Join(os.MkdirAll(filepath.Join(bare, "flows"), 0o700), os.WriteFile(filepath.Join(bare, manifest.Name), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "database")
	if err := errors.Join(os.Mkdir(database, 0o700), os.WriteFile(filepath.Join(database, manifest.Name), nil, 0o600), os.WriteFile(filepath.Join(database, "tables.sqlite"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	edited, grown, more := dataset(t, []cells{at(0, "10.0.0.3", nil)}, nil), dataset(t, []cells{at(0, "10.0.0.4", nil)}, nil), dataset(t, []cells{at(0, "10.0.0.5", nil)}, nil)
	describe(t, edited, func(*manifest.Manifest) {})
	describe(t, grown, func(m *manifest.Manifest) { m.Tables[0].Parts[0].Bytes++ })
	describe(t, more, func(m *manifest.Manifest) {
		m.Tables[0].Parts = append(m.Tables[0].Parts, manifest.Part{Path: "hosts/part-00001.parquet", SHA256: strings.Repeat("ab", 32)})
	})
	text, err := os.ReadFile(filepath.Join(edited, manifest.Name))
	if err == nil {
		err = os.WriteFile(filepath.Join(edited, manifest.Name), []byte(strings.Replace(string(text), `"plan_id": "2`, `"plan_id": "3`, 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		paths []string
		err   error
		says  string
	}{
		"none":            {nil, windows.ErrTable, "no table is named"},
		"missing":         {[]string{filepath.Join(other, "x")}, tables.ErrTable, "no such file"},
		"empty":           {[]string{empty}, tables.ErrTable, "holds no"},
		"cut":             {[]string{cut}, tables.ErrTable, "cut.parquet"},
		"another table":   {[]string{filepath.Join(good, "pairs")}, windows.ErrTable, "it is a table pairs"},
		"no hosts":        {[]string{bare}, windows.ErrTable, "has no table hosts"},
		"in a database":   {[]string{database}, tables.ErrTable, "holds .sqlite files"},
		"twice":           {[]string{good, filepath.Join(good, "hosts")}, windows.ErrMixed, "is the same table as"},
		"edited manifest": {[]string{edited}, windows.ErrManifest, edited},
		"another size":    {[]string{grown}, windows.ErrManifest, "not as the manifest says"},
		"lacks a part":    {[]string{more}, windows.ErrManifest, "the manifest says 2"},
	} {
		if _, err := windows.Open(context.Background(), test.paths, windows.DefaultOptions()); !errors.Is(err, test.err) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; want %q", name, err, test.says)
		}
	}
}

// TestOwnErrors: what take returns comes back as it is, and so does a context's end.
func TestOwnErrors(t *testing.T) {
	dir := dataset(t, []cells{at(0, "10.0.0.1", nil), at(1, "10.0.0.1", nil)}, []cells{pair(0, "10.0.0.1", "10.0.0.2", 6, 1, 1)})
	s, own := opened(t, windows.DefaultOptions(), dir), errors.New("own")
	if err := s.Each(context.Background(), func(*baseline.Row) error { return own }); err != own {
		t.Errorf("take's error becomes %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Each(ctx, func(*baseline.Row) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if _, err := windows.Open(ctx, []string{dir}, windows.DefaultOptions()); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func TestOptions(t *testing.T) {
	for _, change := range []func(*windows.Options){
		func(o *windows.Options) { o.Covered = -0.1 }, func(o *windows.Options) { o.Covered = math.NaN() }, func(o *windows.Options) { o.Pairs = 0 },
		func(o *windows.Options) { o.Categories = []string{"service", "peer"} }, func(o *windows.Options) { o.Categories = []string{"color"} },
	} {
		o := windows.DefaultOptions()
		if change(&o); o.Validate() == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

// FuzzRows feeds values of one row: rows come, or an error of the package.
func FuzzRows(f *testing.F) {
	f.Add("10.0.0.1", int64(0), window, int32(0), int64(1), 0.5, "10.0.0.1", int32(6), int32(443), int64(1))
	f.Add("::ffff:10.0.0.1", int64(math.MinInt64), int64(1), int32(math.MinInt32), int64(-1), -1e300, "fe80::1%x", int32(-1), int32(1<<20), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, host string, start, length int64, part int32, packets int64, gap float64, dst string, protocol, port int32, flows int64) {
		if math.IsNaN(gap) || math.IsInf(gap, 0) || !utf8.ValidString(host) || !utf8.ValidString(dst) {
			t.Skip() // no table can be written that has it
		}
		dir := dataset(t, []cells{
			{"window_start_ns": start, "window_ns": length, "part_no": int64(part), "host": host, "out_packets": packets, "gap_mean_ns": gap},
		}, []cells{
			{"window_start_ns": start, "window_ns": length, "part_no": int64(part), "src_ip": host, "dst_ip": dst, "protocol": int64(protocol), "dst_port": int64(port), "flows": flows},
		})
		s, err := windows.Open(context.Background(), []string{dir}, windows.DefaultOptions())
		if err == nil {
			err = s.Each(context.Background(), func(r *baseline.Row) error {
				b, err := baseline.New(baselineConfig(s), s.Table())
				if err != nil {
					t.Fatal(err)
				}
				if err := b.Add(r); err != nil {
					t.Errorf("%+v: %v", r, err)
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, windows.ErrTable) && !errors.Is(err, tables.ErrTable) {
			t.Error(err)
		}
	})
}

// TestLabels takes the most specific prefix, and says which line is wrong.
func TestLabels(t *testing.T) {
	l, err := windows.ParseLabels(strings.NewReader("\ufeffaddress_or_prefix,label\n# servers\n10.0.0.0/8, office \n10.1.0.0/16,lab\n\n10.1.2.3,printer\n::ffff:192.0.2.0/120,old\n2001:db8::/32,\"v6, all\"\n10.0.0.0/8,office\n"))
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{
		"10.9.0.1": "office", "10.1.0.1": "lab", "10.1.2.3": "printer", "::ffff:10.1.2.3": "printer", "192.0.2.9": "old", "2001:db8::1": "v6, all", "192.0.3.1": "", "::1": "",
	} {
		if got, ok := l.Of(netip.MustParseAddr(host)); got != want || ok != (want != "") {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	for _, wrong := range []string{
		"10.0.0.1,a\n10.0.0.1,b", "10.0.0.1,a\n10.0.0.1,", "1,a\n2,b", "10.0.0.1,a,b", "10.0.0.1/8,a", "10.0.0.1,\"a\nb\"", "10.0.0.1,a\nprefix,label", "10.0.0.1,\xff", "fe80::1%x,a", "10.0.0.1,\"a",
		"10.0.0.1," + strings.Repeat("x", 256),
	} {
		if _, err := windows.ParseLabels(strings.NewReader(wrong)); !errors.Is(err, windows.ErrLabels) || !strings.Contains(err.Error(), "line") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	o := windows.DefaultOptions()
	o.Labels = l
	same(t, read(t, opened(t, o, dataset(t, []cells{at(0, "10.1.2.3", nil), at(0, "172.16.0.1", nil)}, nil))), "0 10.1.2.3 0 [label printer]", "0 172.16.0.1 0")
}

// FuzzLabels: any text is labels, or ErrLabels.
func FuzzLabels(f *testing.F) {
	f.Add("10.0.0.0/8,a\n")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := windows.ParseLabels(strings.NewReader(s))
		if err == nil {
			l.Of(netip.MustParseAddr("10.1.2.3"))
		} else if !errors.Is(err, windows.ErrLabels) {
			t.Error(err)
		}
	})
}
