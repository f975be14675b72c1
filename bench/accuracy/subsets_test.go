package accuracy_test

import (
	"slices"
	"testing"

	"pcapmill/bench/accuracy"
	records "pcapmill/features/record"
)

// subsets are each kind of record alone, and each two.
func subsets() (list [][]string) {
	names := records.Names()
	for i, a := range names {
		list = append(list, []string{a})
		for _, b := range names[i+1:] {
			list = append(list, []string{a, b})
		}
	}
	return list
}

// claimed are the captures in which a flow begins with one protocol and goes on with
// another that no switch announces: the first one has it all, where it is asked for.
var claimed = map[string][2]string{"protocols/ssh/zeek__http__http-to-ssh.pcap": {"http", "ssh"}}

// claimedByAnother reports whether that is why a kind has other rows when these alone are
// asked for.
func claimedByAnother(capture, name string, names []string) bool {
	c, known := claimed[capture]
	return known && name == c[1] && !slices.Contains(names, c[0])
}

// TestSubsetsOfRecords holds that a kind of record has the same rows whichever others are
// asked for.
func TestSubsetsOfRecords(t *testing.T) {
	rows := map[string]int{}
	loadSample(t, 13, func(t *testing.T, c record, p *accuracy.Packets) {
		p.Err = nil
		cfg := everything()
		all := tablesOf(t, cfg, p)
		for _, names := range subsets() {
			cfg.Records = names
			some := tablesOf(t, cfg, p)
			for _, name := range names {
				rows[name] += all[name].Rows
				if some[name].Hash() != all[name].Hash() && !claimedByAnother(c["capture"], name, names) {
					t.Errorf("%s: %s of %v: %d rows, %d of all: %v", c["capture"], name, names, some[name].Rows, all[name].Rows, sameRows(all[name], some[name]))
				}
			}
		}
	})
	t.Log(rows)
}

// TestSubsetsOfWhatChanges: flows that go on with another protocol.
func TestSubsetsOfWhatChanges(t *testing.T) {
	banner, tunnel, ok := "SSH-2.0-tester\r\n", "CONNECT www.example.com:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"
	hello := clientHello("www.example.com")
	answer := serverHello("\x13\x01", extension(43, "\x03\x04"))
	web := wire{client, server, [2]uint32{1000, 5000}}
	for _, c := range []struct {
		name                 string
		steps                []step
		kind                 string
		alone, withHTTP, all int // rows
	}{
		{"a server of SSH that was asked for a page", []step{up(0, good), down(0, banner).acks(39)}, "ssh", 1, 0, 0},
		{"a server of SSH that speaks first", []step{down(0, banner), up(0, good).acks(16)}, "ssh", 1, 1, 1},
		{"a tunnel", []step{up(0, tunnel), down(0, ok).acks(int64(len(tunnel))), up(int64(len(tunnel)), hello).acks(int64(len(ok)))}, "tls", 1, 1, 1},
		{"a tunnel whose end is not waited for", []step{up(0, tunnel+hello), down(0, ok).acks(int64(len(tunnel + hello))), down(int64(len(ok)), answer).acks(int64(len(tunnel + hello)))}, "tls", 1, 2, 2}, // alone, TLS does not see the hello behind CONNECT in one segment
	} {
		for _, run := range []struct {
			names []string
			rows  int
		}{{[]string{c.kind}, c.alone}, {[]string{c.kind, "http"}, c.withHTTP}, {[]string{records.All}, c.all}} {
			cfg := everything()
			cfg.Records = run.names
			tables := tablesOf(t, cfg, &accuracy.Packets{List: web.packets(then(opened, c.steps)...)})
			if got := tables[c.kind].Rows; got != run.rows {
				t.Errorf("%s: %d %s rows of %v, want %d", c.name, got, c.kind, run.names, run.rows)
			}
		}
	}
}
