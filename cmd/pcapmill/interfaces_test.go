package main

import (
	"bytes"
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"pcapmill/cmd/job"
	"pcapmill/cmd/show"
	"pcapmill/ingest/live"
)

// TestInterfaces lists what this machine has, without any capability.
func TestInterfaces(t *testing.T) {
	var out bytes.Buffer
	code := execute([]string{"pcapmill", "interfaces", "--format", "json"}, streams{out: &out, err: os.Stderr})
	if runtime.GOOS != "linux" {
		if code != job.ExitUsage || out.Len() != 0 {
			t.Errorf("exit code %d, %s", code, &out)
		}
		return
	}
	var rows []map[string]any
	if err := json.Unmarshal(out.Bytes(), &rows); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s", code, err, &out)
	}
	if len(rows) == 0 || len(rows[0]) != len(interfaceColumns) {
		t.Fatalf("%d interfaces: %v", len(rows), rows)
	}
	last := rows[len(rows)-1]
	if last["name"] != "any" || last["link_type"] != "linux_sll2" || last["rx_packets"] != nil {
		t.Errorf("%v", last)
	}
	if code := execute([]string{"pcapmill", "interfaces", "--separator", ";"}, streams{out: &out, err: os.Stderr}); code != job.ExitUsage {
		t.Errorf("a separator for a table: exit code %d", code)
	}
}

// TestInterfacesHostile has names that are no names: whatever the format, nothing of them
// reaches a terminal.
func TestInterfacesHostile(t *testing.T) {
	const name = "e\x1b]0;x\a\u202e=1"
	all := []live.Interface{{Name: name, State: "up", Index: 3, Driver: name, Addresses: []string{"::1/128"}, WhyNot: name, Note: name, RxPackets: 7}}
	for _, format := range show.Formats() {
		var out bytes.Buffer
		if err := show.Batch(show.Options{Format: format}, interfaceRows(all), &out); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		for _, r := range out.String() {
			if r != '\n' && (r != '\t' || format != show.FormatTSV) && !unicode.IsPrint(r) {
				t.Errorf("%s: %q", format, r)
			}
		}
		if !strings.Contains(out.String(), "::1/128") {
			t.Errorf("%s: no address", format)
		}
	}
}
