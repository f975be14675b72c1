package metrics_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pcapmill/cmd/watch"
	"pcapmill/cmd/watch/metrics"
	"pcapmill/model/drift"
)

// sample is a line of an exposition.
type sample struct {
	name   string
	labels map[string]string
	value  float64
}

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	labelName  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
)

// parse reads the text format 0.0.4 as strictly as its description has it: every sample behind
// the HELP and TYPE of its family, families once and in one piece, no sample twice.
func parse(text string) (all []sample, err error) {
	seen, family, kind := map[string]bool{}, "", ""
	if !strings.HasSuffix(text, "\n") {
		return nil, errors.New("the last line has no end")
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if rest, is := strings.CutPrefix(line, "# HELP "); is {
			family, _, _ = strings.Cut(rest, " ")
			if kind = ""; seen[family] || !metricName.MatchString(family) {
				return nil, fmt.Errorf("family %q", line)
			}
			seen[family] = true
			continue
		}
		if rest, is := strings.CutPrefix(line, "# TYPE "); is {
			var name string
			if name, kind, _ = strings.Cut(rest, " "); name != family || kind != "counter" && kind != "gauge" {
				return nil, fmt.Errorf("type %q", line)
			}
			continue
		}
		s, err := parseSample(line)
		if err != nil || s.name != family || kind == "" || seen[line[:strings.LastIndex(line, " ")]+" "] {
			return nil, fmt.Errorf("sample %q of %s: %w", line, family, err)
		}
		seen[line[:strings.LastIndex(line, " ")]+" "] = true
		if kind == "counter" && (s.value < 0 || !strings.HasSuffix(s.name, "_total")) {
			return nil, fmt.Errorf("counter %q", line)
		}
		all = append(all, s)
	}
	return all, nil
}

func parseSample(line string) (s sample, err error) {
	s.labels = map[string]string{}
	end := strings.IndexAny(line, "{ ")
	if end < 0 {
		return s, errors.New("no value")
	}
	s.name = line[:end]
	rest := line[end:]
	for separator := "{"; strings.HasPrefix(rest, separator); separator = "," {
		name, more, _ := strings.Cut(rest[1:], `="`)
		if !labelName.MatchString(name) || s.labels[name] != "" {
			return s, fmt.Errorf("label %q", name)
		}
		if s.labels[name], rest, err = unquote(more); err != nil {
			return s, err
		}
	}
	if len(s.labels) > 0 {
		if !strings.HasPrefix(rest, "}") {
			return s, fmt.Errorf("labels end in %q", rest)
		}
		rest = rest[1:]
	}
	if !strings.HasPrefix(rest, " ") {
		return s, fmt.Errorf("no space before %q", rest)
	}
	s.value, err = strconv.ParseFloat(rest[1:], 64)
	return s, err
}

// unquote reads up to the quote at the end.
func unquote(s string) (value, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], nil
		case '\\':
			i++
			if i == len(s) || !strings.ContainsRune(`\n"`, rune(s[i])) {
				return "", "", errors.New("an escape that is none")
			}
			b.WriteString(map[byte]string{'n': "\n", '\\': `\`, '"': `"`}[s[i]])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", errors.New("no quote at the end")
}

func hostileStore() *metrics.Store {
	totals := func() watch.Totals {
		t := watch.Totals{Windows: 3}
		t.Alerts[drift.High] = 2
		return t
	}
	s := metrics.NewStore([][2]string{{"version", "1.0\n\"\\ \xff"}, {"go", "go1.26"}}, time.Unix(1772443200, 5e8), totals)
	s.Change(func(c *metrics.Sums) {
		c.Packets, c.KernelDrops, c.OpenFlows = 1<<60, 7, 12
		c.Rows["flows"], c.Rows["a\"b\\c\nd"] = 5, 6
		c.Segments["committed"] = 4
		c.Behind, c.Clock = 1500*time.Millisecond, 1772443200e9
	})
	return s
}

func TestExposition(t *testing.T) {
	text := hostileStore().Exposition()
	all, err := parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	value := func(name string, labels ...string) float64 {
		for _, s := range all {
			if s.name == name && (len(labels) == 0 || s.labels[labels[0]] == labels[1]) {
				return s.value
			}
		}
		t.Errorf("no %s %q", name, labels)
		return math.NaN()
	}
	for _, c := range []struct {
		got, want float64
	}{
		{value("pcapmill_packets_total"), 1 << 60}, {value("pcapmill_kernel_drops_total"), 7}, {value("pcapmill_rows_total", "table", "flows"), 5},
		{value("pcapmill_rows_total", "table", "a\"b\\c\nd"), 6}, {value("pcapmill_behind_seconds"), 1.5}, {value("pcapmill_alerts_total", "severity", "high"), 2},
		{value("pcapmill_windows_total", "outcome", "judged"), 3}, {value("pcapmill_build_info", "version", "1.0\n\"\\ \uFFFD"), 1},
		{value("pcapmill_start_time_seconds"), 1772443200.5}, {value("pcapmill_packet_clock_seconds"), 1772443200},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v\n%s", c.got, c.want, text)
		}
	}
	if value("pcapmill_heap_bytes", "state", "objects") < 1<<16 || value("pcapmill_heap_bytes", "state", "unused")+value("pcapmill_heap_bytes", "state", "free") < 0 {
		t.Error(text)
	}
	if value("pcapmill_memory_bytes") < 1<<20 || value("pcapmill_goroutines") < 1 {
		t.Error(text)
	}
}

// TestEveryMetric gives each sum another value, and finds it under its name.
func TestEveryMetric(t *testing.T) {
	s := metrics.NewStore(nil, time.Unix(1, 0), func() watch.Totals {
		found := watch.Totals{Windows: 101, LeftOut: 102, Late: 103, Known: 104, Failures: 105, Forgotten: 106, Reloads: 107, RulesLate: 108, RulesNoRoom: 109}
		found.Alerts[drift.Low], found.Alerts[drift.Medium], found.Alerts[drift.High], found.Alerts[drift.Critical] = 111, 112, 113, 114
		return found
	})
	s.Change(func(c *metrics.Sums) {
		*c = metrics.Sums{
			Packets: 1, CapturedBytes: 2, WireBytes: 3, KernelDrops: 4, Freezes: 5, InterfaceDrops: 6, Segments: map[string]int64{"lost": 7}, Rows: map[string]int64{"dns": 8},
			OpenFlows: 9, Waiting: 10, Behind: 11 * time.Second, Clock: 12e9, Checkpoints: 13, CheckpointBytes: 14, CheckpointWritten: 15, CheckpointTook: 16 * time.Second,
		}
	})
	all, err := parse(s.Exposition())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, s := range all {
		name := strings.TrimPrefix(s.name, "pcapmill_")
		for _, label := range s.labels {
			name += " " + label
		}
		got[name] = s.value
	}
	for name, want := range map[string]float64{
		"packets_total": 1, "captured_bytes_total": 2, "wire_bytes_total": 3, "kernel_drops_total": 4, "ring_freezes_total": 5, "interface_drops_total": 6,
		"segments_total lost": 7, "rows_total dns": 8, "open_flows": 9, "segments_waiting": 10, "behind_seconds": 11, "packet_clock_seconds": 12,
		"checkpoints_total": 13, "checkpoint_bytes": 14, "checkpoint_written_bytes": 15, "checkpoint_seconds": 16, "windows_total judged": 101, "windows_total left_out": 102,
		"windows_late_total": 103, "alerts_known_total": 104, "watch_failures_total": 105, "watch_forgotten_segments_total": 106, "reloads_total": 107,
		"rules_late_rows": 108, "rules_left_out": 109, "alerts_total low": 111, "alerts_total medium": 112, "alerts_total high": 113, "alerts_total critical": 114,
		"start_time_seconds": 1, "build_info": 1,
	} {
		if x, ok := got[name]; !ok || x != want {
			t.Errorf("%s is %v, %v: want %v", name, x, ok, want)
		}
	}
}

// TestTheParser: the parser of this test refuses what is wrong.
func TestTheParser(t *testing.T) {
	const head = "# HELP a_total h\n# TYPE a_total counter\n"
	for _, wrong := range []string{
		"a_total 1\n", head + "a_total 1", head + "a_total -1\n", head + "a_total{x=\"1\" 1\n", head + "a_total{x=\"\\t\"} 1\n",
		head + "a_total 1\na_total 2\n", head + "b_total 1\n", head + head, head + "a_total{x=\"1\",x=\"2\"} 1\n", "# HELP a h\na 1\n",
	} {
		if _, err := parse(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func FuzzLabels(f *testing.F) {
	f.Add("a", 1.5)
	f.Add("\"\\\n}{,\xff", math.Inf(1))
	f.Fuzz(func(t *testing.T, value string, x float64) {
		var w metrics.Writer
		w.Gauge("g", "help \\ \n "+value).Add(x, metrics.Label{Name: "l", Value: value}, metrics.Label{Name: "m", Value: "2"})
		all, err := parse(w.String())
		if err != nil || len(all) != 1 || all[0].labels["l"] != strings.ToValidUTF8(value, "\uFFFD") || all[0].value != x && x == x {
			t.Errorf("%v %v: %q", err, all, w.String())
		}
	})
}

func TestListen(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "127.9.9.9:0", "[::1]:0"} {
		l, err := metrics.Listen(address, metrics.Loopback)
		if err != nil {
			if strings.HasPrefix(address, "[") {
				continue // a host without IPv6
			}
			t.Errorf("%s: %v", address, err)
			continue
		}
		l.Close()
	}
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "localhost:0", "192.0.2.1:0", "127.0.0.1", "", "[::ffff:192.0.2.1]:0"} {
		if l, err := metrics.Listen(address, metrics.Loopback); !errors.Is(err, metrics.ErrAddress) {
			t.Errorf("%q: %v", address, err)
			if err == nil {
				l.Close()
			}
		}
	}
}

func TestHandler(t *testing.T) {
	ask := func(p metrics.Profiles, method, path string) *httptest.ResponseRecorder {
		r := httptest.NewRecorder()
		metrics.Handler(hostileStore(), p).ServeHTTP(r, httptest.NewRequest(method, path, strings.NewReader("body")))
		return r
	}
	if r := ask(metrics.NoProfiles, "GET", "/metrics"); r.Code != 200 || r.Header().Get("Content-Type") != metrics.ContentType {
		t.Errorf("%d %v", r.Code, r.Header())
	}
	for _, c := range []struct {
		p            metrics.Profiles
		method, path string
		want         int
	}{
		{metrics.NoProfiles, "POST", "/metrics", 405}, {metrics.NoProfiles, "DELETE", "/metrics", 405}, {metrics.NoProfiles, "GET", "/", 404},
		{metrics.NoProfiles, "GET", "/debug/pprof/", 404}, {metrics.WithProfiles, "GET", "/debug/pprof/", 200}, {metrics.WithProfiles, "POST", "/debug/pprof/symbol", 405},
		{metrics.WithProfiles, "GET", "/debug/pprof/goroutine?debug=1", 200}, {metrics.WithProfiles, "GET", "/debug/pprof/cmdline", 404},
		{metrics.WithProfiles, "GET", "/debug/pprof/symbol", 200},
	} {
		if r := ask(c.p, c.method, c.path); r.Code != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, r.Code, c.want)
		} else if c.want == 405 && (r.Header().Get("Allow") != "GET, HEAD" || strings.Contains(r.Body.String(), "pcapmill_")) {
			t.Errorf("%s %s: %v, %s", c.method, c.path, r.Header(), r.Body)
		}
	}
}

// TestServe: a real server answers, many that say nothing do not keep others out for good, a
// header that is too large is refused, and it ends.
func TestServe(t *testing.T) {
	l, err := metrics.Listen("127.0.0.1:0", metrics.Loopback)
	if err != nil {
		t.Skip(err)
	}
	address := l.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- metrics.Serve(ctx, l, hostileStore(), metrics.NoProfiles) }()
	r, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r.Body)
	r.Body.Close()
	if _, wrong := parse(string(text)); err != nil || wrong != nil {
		t.Error(err, wrong)
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "GET /metrics HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", strings.Repeat("y", 1<<16))
	status, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && !strings.Contains(status, "431") {
		t.Errorf("a large header: %q", status)
	}
	c.Close()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
