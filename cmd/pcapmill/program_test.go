package main

import (
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/job"
	"pcapmill/outputs/manifest/manifesttest"
)

// TestFilterFlags: what is filtered is counted, the filter is among the options,
// another filter is another plan, and what cannot be used ends with the usage
// code and the token.
func TestFilterFlags(t *testing.T) {
	dir := t.TempDir()
	path := writeFile(t, dir, "a.pcapng", demo(t))
	// ip proto 6 on Ethernet, as tcpdump -ddd prints it
	program := writeFile(t, dir, "tcp.ddd", []byte("6\n40 0 0 12\n21 0 3 2048\n48 0 0 23\n21 0 1 6\n6 0 0 262144\n6 0 0 0\n"))
	plans := map[string]bool{}
	for i, c := range []struct {
		args   []string
		option string
	}{
		{nil, ""},
		{[]string{"--filter", "ip proto 6"}, "filter"},
		{[]string{"--filter", "tcp", "--filter-inside"}, "filter_inside"},
		{[]string{"--bpf-ddd", program}, "bpf_ddd"},
	} {
		out := filepath.Join(dir, "out"+string(rune('0'+i)))
		run(t, append([]string{"run", path, "-o", out}, c.args...)...).want(t, job.ExitOK)
		run(t, "verify", out).want(t, job.ExitOK)
		m := manifesttest.Read(t, out)
		plans[m.PlanID] = true
		filtered := m.Accounting.Packets.Get("filtered")
		if (filtered > 0) != (c.args != nil) || filtered >= m.Accounting.PacketsRead {
			t.Errorf("%v: %d of %d packets filtered", c.args, filtered, m.Accounting.PacketsRead)
		}
		if v := m.Options[c.option]; c.option != "" && (v == "" || v == "false") {
			t.Errorf("%v: option %s is %q", c.args, c.option, v)
		}
	}
	if len(plans) != 4 {
		t.Errorf("%d plans of 4 different filters", len(plans))
	}
	broken := writeFile(t, dir, "broken.ddd", []byte("2\n5 0 0 4294967294\n6 0 0 0\n"))
	for text, args := range map[string][]string{
		`"example.com" at position 6`: {"--filter", "host example.com"},
		"no packet can match":         {"--filter", "tcp and udp"},
		"needs a filter expression":   {"--filter-inside"},
		"not both":                    {"--filter", "tcp", "--bpf-ddd", program},
		"jumps backwards":             {"--bpf-ddd", broken},
		"no such file":                {"--bpf-ddd", filepath.Join(dir, "absent")},
	} {
		out := filepath.Join(dir, "bad")
		result := run(t, append([]string{"run", path, "-o", out}, args...)...).want(t, job.ExitUsage)
		if !strings.Contains(strings.ToLower(result.err), strings.ToLower(text)) {
			t.Errorf("%v: %s", args, result.err)
		}
	}
}
