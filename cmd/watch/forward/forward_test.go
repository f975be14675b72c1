package forward_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pcapmill/cmd/watch/forward"
	"pcapmill/model/drift/alert"
)

// number makes a line of the file: an alert with its number as id.
func number(n int) string {
	return fmt.Sprintf(`{"@timestamp":"2026-03-02T10:00:00.25Z","ecs":{"version":"8.11.0"},"event":{"module":"pcapmill","severity":73,"id":"id-%d","action":"drift-host",`+
		`"start":"2026-03-02T10:00:00Z","end":"2026-03-02T11:00:00Z"},"rule":{"id":"drift/host/drift_index"},"host":{"ip":["10.0.0.7"]},"message":"Host 10.0.0.7 has a drift index of 4.31.",`+
		`"labels":{"severity":"high","layer":"behaviour","segment":"host 10.0.0.7","subject":"drift_index"},"pcapmill":{"alert_id":"s-%d"}}`, n, n)
}

// alerts is a file of them that grows.
type alerts struct {
	log  *alert.Log
	path string
	n    int
}

func newAlerts(t *testing.T, bytes int64) *alerts {
	t.Helper()
	a := &alerts{path: filepath.Join(t.TempDir(), "alerts.jsonl")}
	c := alert.DefaultLogConfig()
	c.Bytes = bytes
	var err error
	if a.log, _, err = alert.OpenLog(t.Context(), a.path, c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.log.Close() })
	return a
}

func (a *alerts) add(t *testing.T, n int) {
	t.Helper()
	for range n {
		e := alert.Entry{ID: fmt.Sprint("id-", a.n), Subject: fmt.Sprint("s-", a.n), Severity: 73, Line: []byte(number(a.n))}
		if _, err := a.log.Append([]alert.Entry{e}); err != nil {
			t.Fatal(err)
		}
		a.n++
	}
}

// config of a forwarder that is in a hurry.
func (a *alerts) config(t *testing.T, target string) forward.Config {
	t.Helper()
	c := forward.DefaultConfig()
	c.Alerts, c.Position = a.path, filepath.Join(filepath.Dir(a.path), "position.json")
	var err error
	if c.Target, err = forward.ParseTarget(target); err != nil {
		t.Fatal(err)
	}
	c.Message.Host = "sensor"
	c.Settle, c.Least, c.Longest, c.Look = 100*time.Millisecond, time.Millisecond, 20*time.Millisecond, 5*time.Millisecond
	return c
}

// ids that a server got.
type ids struct {
	mu   sync.Mutex
	seen map[int]int
	last []int
}

var idPattern = regexp.MustCompile(` id="id-(\d+)"`)

func (s *ids) take(t *testing.T, message string) {
	m := idPattern.FindStringSubmatch(message)
	if m == nil {
		t.Errorf("a message without id: %q", message)
		return
	}
	n, _ := strconv.Atoi(m[1])
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[int]int{}
	}
	s.seen[n]++
	s.last = append(s.last, n)
}

// order is the numbers as they came.
func (s *ids) order() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.last)
}

func (s *ids) all(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen) == n
}

// listen opens a port of this host.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// serve reads octet-counted messages of a listener until it or the connection is closed; of
// each connection at most so many.
func serve(t *testing.T, l net.Listener, most int, s *ids) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		in := bufio.NewReader(c)
		for range most {
			digits, err := in.ReadString(' ')
			if err != nil {
				break
			}
			n, err := strconv.Atoi(strings.TrimSuffix(digits, " "))
			if err != nil || n < 1 || n > 2048 {
				t.Errorf("octet count %q", digits)
				break
			}
			message := make([]byte, n)
			if _, err := io.ReadFull(in, message); err != nil {
				break
			}
			s.take(t, string(message))
		}
		c.Close()
	}
}

// until waits for a condition with a bound that no healthy run comes near.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("in vain: ", what)
}

// start runs a forwarder until the returned function is called.
func start(t *testing.T, c forward.Config) (stop func() forward.Counts) {
	t.Helper()
	return startSaying(t, c, func(s string) { t.Log(s) })
}

// startSaying is start with a place for what the forwarder says.
func startSaying(t *testing.T, c forward.Config, say func(string)) (stop func() forward.Counts) {
	t.Helper()
	f, err := forward.New(c, say)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	return func() forward.Counts {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		return f.Counts()
	}
}

// TestTCPServerThatDies: connections break every 7 messages, and the server is away for a
// while; every alert comes at least once, in order but for those that are sent again.
func TestTCPServerThatDies(t *testing.T) {
	a := newAlerts(t, 1<<16)
	var got ids
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	a.add(t, 50)
	stop := start(t, a.config(t, "tcp://"+address))
	go serve(t, l, 7, &got)
	until(t, "some messages", func() bool { got.mu.Lock(); defer got.mu.Unlock(); return len(got.seen) >= 7 })
	l.Close()
	a.add(t, 300) // over several files
	if l, err = net.Listen("tcp", address); err != nil {
		t.Skip("the port is gone: ", err)
	}
	defer l.Close()
	go serve(t, l, 1<<30, &got)
	until(t, "all messages", func() bool { return got.all(a.n) })
	counts := stop()
	if counts.Again == 0 || counts.LeftOut != 0 {
		t.Errorf("%+v", counts)
	}
	// A successor begins behind what was delivered.
	stop = start(t, a.config(t, "tcp://"+address))
	a.add(t, 1)
	until(t, "the next message", func() bool { return got.all(a.n) })
	stop()
	if last := got.order()[len(got.order())-1]; last != a.n-1 {
		t.Errorf("the last one is %d of %d", last, a.n)
	}
	if numbers, err := alert.Aside(a.path); err != nil || len(numbers) < 2 {
		t.Errorf("%v files were set aside: %v", numbers, err)
	}
}

// TestNothingTwiceWithoutTrouble: with a server that stays there, each alert comes once and in
// order, whatever rotation does, and over a restart.
func TestNothingTwiceWithoutTrouble(t *testing.T) {
	a := newAlerts(t, 1<<16)
	var got ids
	l := listen(t)
	go serve(t, l, 1<<30, &got)
	for range 3 {
		f, err := forward.New(a.config(t, "tcp://"+l.Addr().String()), func(s string) { t.Error(s) })
		if err != nil {
			t.Fatal(err)
		}
		a.add(t, 200)
		if err := f.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := make([]int, a.n)
	for i := range want {
		want[i] = i
	}
	if !slices.Equal(got.order(), want) {
		t.Errorf("got %v", got.order())
	}
}

// TestSetAsideAndNotBegun: who appends may be killed when it has set the file aside, and before it has
// begun another one. That sends nothing again.
func TestSetAsideAndNotBegun(t *testing.T) {
	a := newAlerts(t, 1<<20)
	var got ids
	l := listen(t)
	go serve(t, l, 1<<30, &got)
	a.add(t, 5)
	c := a.config(t, "tcp://"+l.Addr().String())
	stop := start(t, c)
	until(t, "all came", func() bool { return got.all(5) })
	if err := os.Rename(a.path, alert.AsideName(a.path, 1)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * c.Look) // it has seen that
	if err := os.WriteFile(a.path, []byte(number(5)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "the next one came", func() bool { return got.all(6) })
	stop()
	if want := []int{0, 1, 2, 3, 4, 5}; !slices.Equal(got.order(), want) {
		t.Errorf("got %v", got.order())
	}
}

// TestDatagrams: UDP and unix sockets take a message a datagram.
func TestDatagrams(t *testing.T) {
	for _, network := range []string{"udp", "unixgram"} {
		address, target := "127.0.0.1:0", ""
		if network == "unixgram" {
			address = filepath.Join(t.TempDir(), "log")
			target = "unix:" + address
		}
		l, err := net.ListenPacket(network, address)
		if err != nil {
			t.Skip(err)
		}
		if target == "" {
			target = "udp://" + l.LocalAddr().String()
		}
		var got ids
		go takeDatagrams(t, l, &got)
		a := newAlerts(t, 1<<20)
		a.add(t, 20)
		stop := start(t, a.config(t, target))
		until(t, network, func() bool { return got.all(20) })
		if network == "udp" { // the server dies and comes back
			l.Close()
			a.add(t, 20)
			time.Sleep(20 * time.Millisecond)
			again, err := net.ListenPacket("udp", strings.TrimPrefix(target, "udp://"))
			if err != nil {
				t.Skip(err)
			}
			l = again
			go takeDatagrams(t, again, &got)
			until(t, "udp again", func() bool { return got.all(40) })
		}
		stop()
		l.Close()
	}
}

// takeDatagrams reads messages until the socket is closed.
func takeDatagrams(t *testing.T, l net.PacketConn, got *ids) {
	buf := make([]byte, 1<<16)
	for {
		n, _, err := l.ReadFrom(buf)
		if err != nil {
			return
		}
		got.take(t, string(buf[:n]))
	}
}

// TestNobodyThere: a datagram can be sent to a port that is closed, which says nothing of a server.
func TestNobodyThere(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.LocalAddr().String()
	l.Close()
	a := newAlerts(t, 1<<20)
	a.add(t, 5)
	var mu sync.Mutex
	var said []string
	c := a.config(t, "udp://"+address)
	stop := startSaying(t, c, func(s string) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, s)
	})
	heard := func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(said)
	}
	until(t, "the trouble", func() bool { return len(heard()) > 0 })
	time.Sleep(25 * c.Longest) // some attempts, of which none is to be told of
	if s := heard(); len(s) != 1 || !strings.Contains(s[0], "alerts wait in their file") {
		t.Fatalf("while nobody listened it said %q", s)
	}
	if l, err = net.ListenPacket("udp", address); err != nil {
		t.Skip("the port is gone: ", err)
	}
	defer l.Close()
	var got ids
	go takeDatagrams(t, l, &got)
	until(t, "that it answers", func() bool { return len(heard()) > 1 })
	if s := heard(); !strings.Contains(s[1], "answers again") || !got.all(5) {
		t.Errorf("it said %q, and %d of 5 messages came", s, len(got.order()))
	}
	if counts := stop(); counts.Failures < 3 || counts.LeftOut != 0 {
		t.Errorf("%+v", counts)
	}
}

// TestNoLineBlocks: what is no alert is left out, what is too large is cut, and all else comes.
func TestNoLineBlocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerts.jsonl")
	long := strings.Replace(number(1), "Host 10.0.0.7", strings.Repeat("very long ü ", 1000), 1)
	content := strings.Join([]string{number(0), "", "no JSON", `{"event":{"id":"x"}}`, strings.Repeat("x", 3<<20), long, "\x00\xff", number(2), number(3)[:20]}, "\n")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	var got ids
	go serve(t, l, 1<<30, &got)
	a := &alerts{path: path}
	f, err := forward.New(a.config(t, "tcp://"+l.Addr().String()), func(s string) { t.Log(s) })
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := f.Counts(); c.Delivered != 3 || c.LeftOut != 5 || c.Cut != 1 {
		t.Errorf("%+v", c)
	}
	if !slices.Equal(got.order(), []int{0, 1, 2}) {
		t.Errorf("%v", got.order())
	}
}

// rfc5424 is the grammar of the RFC for what we write.
var rfc5424 = regexp.MustCompile(`^<(\d{1,3})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z [!-~]{1,255} [!-~]{1,48} - [!-~]{1,32} ` +
	`\[alert@\d+( [!#-<>-\\^-~]{1,32}="([^"\\\]]|\\["\\\]])*")*\] ` + "\uFEFF" + `[^\x00-\x1f\x7f]*$`)

func TestFormat(t *testing.T) {
	m := forward.DefaultMessage()
	m.Host = "sensor"
	got, cut, err := m.Format([]byte(number(5)))
	want := `<131>1 2026-03-02T10:00:00.25Z sensor pcapmill - drift-host [alert@32473 id="id-5" alert_id="s-5" severity="high" rule="drift/host/drift_index" host="10.0.0.7" ` +
		`layer="behaviour" segment="host 10.0.0.7" subject="drift_index" start="2026-03-02T10:00:00Z" end="2026-03-02T11:00:00Z"] ` + "\uFEFF" + `Host 10.0.0.7 has a drift index of 4.31.`
	if err != nil || cut || string(got) != want {
		t.Errorf("%v %v\n%s\n%s", cut, err, got, want)
	}
	hostile := `{"@timestamp":"2026-03-02T10:00:00Z","event":{"id":"a\"]\\ b\u001b[2J","action":"new line\n<0>1"},"message":"\u0000\u202e\n<0>1 forged","labels":{"severity":"?","subject":"` + strings.Repeat(`]\\\"`, 500) + `"}}`
	for most := 480; most < 3000; most += 97 {
		m.Most = most
		got, _, err := m.Format([]byte(hostile))
		if err != nil || len(got) > most || !rfc5424.Match(got) {
			t.Errorf("%d: %v %q", most, err, got)
		}
	}
}

func TestParseTarget(t *testing.T) {
	for in, want := range map[string]string{
		"udp://127.0.0.1": "udp://127.0.0.1:514", "tcp://[::1]": "tcp://[::1]:601", "tcp://log.example:6514": "tcp://log.example:6514",
		"unix:/dev/log": "unix:/dev/log", "unix:///dev/log": "unix:/dev/log",
	} {
		got, err := forward.ParseTarget(in)
		if err != nil || got.String() != want {
			t.Errorf("%s: %v %v", in, got, err)
		}
	}
	for _, in := range []string{"", "udp", "tls://a:1", "unix:", "udp://", "/dev/log", "tcp://:", "unix:a\x00b"} {
		if got, err := forward.ParseTarget(in); err == nil {
			t.Errorf("%q is %v", in, got)
		}
	}
}

// TestDeletedAlerts: where the file of the position is gone, the oldest there is comes next,
// and it is said.
func TestDeletedAlerts(t *testing.T) {
	a := newAlerts(t, 1<<16)
	l := listen(t)
	var got ids
	go serve(t, l, 1<<30, &got)
	c := a.config(t, "tcp://"+l.Addr().String())
	drain := func() (said []string) {
		f, err := forward.New(c, func(s string) { said = append(said, s) })
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		return said
	}
	a.add(t, 10)
	drain()
	a.add(t, 500)
	numbers, err := alert.Aside(a.path)
	if err != nil || len(numbers) < 3 {
		t.Fatal(numbers, err)
	}
	for _, n := range numbers[:2] {
		if err := os.Remove(alert.AsideName(a.path, n)); err != nil {
			t.Fatal(err)
		}
	}
	if said := drain(); len(said) != 1 || !strings.Contains(said[0], "deleted") {
		t.Errorf("%q", said)
	}
	if last := got.order()[len(got.order())-1]; last != a.n-1 || got.all(a.n) {
		t.Errorf("last %d of %d", last, a.n)
	}
}

func FuzzFormat(f *testing.F) {
	f.Add([]byte(number(1)), 2048)
	f.Add([]byte(`{"@timestamp":"2026-03-02T10:00:00Z","event":{"id":"a"},"message":"\ud800"}`), 480)
	f.Add([]byte(`{"@timestamp":"0001-01-01T00:00:01Z","event":{"id":"a"}}`), 480)
	f.Fuzz(func(t *testing.T, line []byte, most int) {
		m := forward.DefaultMessage()
		m.Host, m.Most = "h", 480+max(0, most%2000)
		got, _, err := m.Format(line)
		if err != nil {
			return
		}
		if len(got) > m.Most || !rfc5424.Match(got) {
			t.Errorf("%d bytes of %d: %q", len(got), m.Most, got)
		}
	})
}

// FuzzPosition: whatever is in a position file and in the file of alerts, nothing panics, and
// every whole line that is short enough is read once from where it begins.
func FuzzPosition(f *testing.F) {
	f.Add([]byte(`{"version":1,"first":"","offset":0}`), []byte("a\nb\n"))
	f.Add([]byte(`{"version":1,"first":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","offset":2}`), []byte("a\nb\nc"))
	f.Add([]byte(`{"version":1,"first":"00","offset":-2}`), []byte("\n\n"))
	f.Fuzz(func(t *testing.T, at, content []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "alerts.jsonl")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+".position", at, 0o600); err != nil {
			t.Fatal(err)
		}
		lines, err := forward.Lines(path, path+".position", 1000)
		if err != nil {
			return
		}
		var p struct{ Offset int }
		if json.Unmarshal(at, &p) == nil && p.Offset == 0 {
			if got, want := strings.Join(lines, ""), string(content[:strings.LastIndex(string(content), "\n")+1]); len(lines) < 1000 && got != want {
				t.Errorf("%q of %q", got, want)
			}
		}
	})
}
