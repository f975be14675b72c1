package connstate_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"pcapmill/bench/sharedtest"
	"pcapmill/features/flow/connstate"
)

// zeekRow is one published conn.log row.
type zeekRow struct {
	capture, test, exec string
	proto               string
	orig, resp          netip.AddrPort
	state, history      string
	packets, bytes      [2]string
}

// String names the row in messages.
func (r zeekRow) String() string {
	return r.capture + " " + r.test + " " + r.proto + " " + r.orig.String() + " > " + r.resp.String()
}

// exceptions are rows that cannot come out alike, and the rule behind each. A
// rule names the test or the capture; it must be needed, or the test fails.
var exceptions = []struct{ name, proto, why string }{
	{"core.tunnels.gtp.outer_ip_frag", "", "the datagrams are IP fragments, which Zeek joins"},
	{"frameworks.netcontrol.packetfilter", "tcp", "the test's script drops packets"},
	{"ntp.misordered-ntp", "", "NTP's mode field, not a port, flips the sides"},
	{"core.tunnels.vxlan", "icmp", "x notes a limit of a protocol parser"},
}

// readZeekRows reads the conn.log rows of one file of published results.
func readZeekRows(t *testing.T, path string) []zeekRow {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows []zeekRow
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var in struct {
			Capture, Log, Kind, Test, Exec string
			Row                            map[string]string
		}
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			continue // rows of other logs have other shapes
		}
		if in.Log == "conn" || in.Log == "conn.log" || in.Kind == "zeek_conn" {
			rows = append(rows, zeekRow{
				capture: in.Capture, test: in.Test, exec: in.Exec, proto: in.Row["proto"],
				orig: addrPort(in.Row["id.orig_h"], in.Row["id.orig_p"]), resp: addrPort(in.Row["id.resp_h"], in.Row["id.resp_p"]),
				state: in.Row["conn_state"], history: strings.Trim(in.Row["history"], "-"),
				packets: [2]string{in.Row["orig_pkts"], in.Row["resp_pkts"]},
				bytes:   [2]string{in.Row["orig_ip_bytes"], in.Row["resp_ip_bytes"]},
			})
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func addrPort(host, port string) netip.AddrPort {
	a, _ := netip.ParseAddr(host)
	p, _ := strconv.ParseUint(port, 10, 16)
	return netip.AddrPortFrom(a, uint16(p))
}

// exception returns the number of the rule that excuses the row, -1 for none.
func (r zeekRow) exception() int {
	for i, e := range exceptions {
		if strings.HasSuffix(r.test, e.name) && (e.proto == "" || e.proto == r.proto) {
			return i
		}
	}
	return -1
}

// equals reports whether the connection is the row in everything compared.
func (r zeekRow) equals(c *conn) bool {
	return c.orig == r.orig && c.resp == r.resp &&
		c.state.ConnState().String() == r.state && string(c.state.History(nil)) == r.history &&
		strconv.Itoa(c.packets[0]) == r.packets[0] && strconv.Itoa(c.packets[1]) == r.packets[1] &&
		strconv.Itoa(c.bytes[0]) == r.bytes[0] && strconv.Itoa(c.bytes[1]) == r.bytes[1]
}

// runKey is one run of Zeek: several may have been made of one capture.
type runKey struct{ capture, test, exec string }

func byRun(rows []zeekRow) (keys []runKey, of map[runKey][]zeekRow) {
	of = map[runKey][]zeekRow{}
	for _, r := range rows {
		k := runKey{r.capture, r.test, r.exec}
		if of[k] == nil {
			keys = append(keys, k)
		}
		of[k] = append(of[k], r)
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].capture+keys[i].test+keys[i].exec < keys[j].capture+keys[j].test+keys[j].exec
	})
	return keys, of
}

// policy is how the run treated checksums. Projects that publish a log without
// the command ran on offloading hosts, with checksums ignored.
func (k runKey) policy() connstate.Policy {
	ignored := k.exec == "" || strings.Contains(k.exec, " -C")
	return connstate.Policy{VerifyChecksums: !ignored}
}

// take removes the first connection that equals the row.
func (r zeekRow) take(conns []*conn) ([]*conn, bool) {
	for i, c := range conns {
		if r.equals(c) {
			return append(append([]*conn(nil), conns[:i]...), conns[i+1:]...), true
		}
	}
	return conns, false
}

// TestAgainstZeek compares state, history, direction, packets and IP bytes of
// every connection in the conn.log rows that Zeek's own test suite and others
// publish with their captures.
func TestAgainstZeek(t *testing.T) {
	shared := sharedtest.Dir(t)
	var rows []zeekRow
	for _, name := range []string{"zeek_logs.jsonl.gz", "icsnpp_logs.jsonl.gz", "vast_pairs.jsonl.gz"} {
		rows = append(rows, readZeekRows(t, filepath.Join(shared, "truth", "published", name))...)
	}
	keys, of := byRun(rows)
	equal, excused := 0, make([]int, len(exceptions))
	for _, k := range keys {
		conns := run(t, filepath.Join(shared, "captures", k.capture), k.policy())
		for _, r := range of[k] {
			key, ok := keyOf(r.proto, r.orig, r.resp), false
			conns[key], ok = r.take(conns[key])
			switch e := r.exception(); {
			case ok:
				equal++
			case e >= 0:
				excused[e]++
			default:
				t.Errorf("%v: want %s %q %v %v", r, r.state, r.history, r.packets, r.bytes)
				for _, c := range conns[key] {
					t.Logf("have %v > %v %v %q %v %v", c.orig, c.resp, c.state.ConnState(), c.state.History(nil), c.packets, c.bytes)
				}
			}
		}
	}
	t.Logf("%d of %d rows equal", equal, len(rows))
	for i, e := range exceptions {
		t.Logf("%d rows differ, %s: %s", excused[i], e.name, e.why)
		if excused[i] == 0 {
			t.Errorf("exception %s is not needed", e.name)
		}
	}
}

// TestAllCaptures follows every connection of every capture at hand.
func TestAllCaptures(t *testing.T) {
	if !sharedtest.Accept() {
		t.Skip("set PCAPMILL_ACCEPT=1 for the sweep over all captures")
	}
	captures, connections, truncated := 0, 0, 0
	err := filepath.WalkDir(filepath.Join(sharedtest.Dir(t), "captures"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		captures++
		for _, conns := range run(t, path, connstate.Policy{VerifyChecksums: captures%2 == 0}) {
			for _, c := range conns {
				connections++
				if len(c.state.History(nil)) > connstate.MaxHistory {
					t.Errorf("%s: history %q", path, c.state.History(nil))
				}
				if c.state.HistoryTruncated() {
					truncated++
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, %d connections, %d histories truncated", captures, connections, truncated)
}
