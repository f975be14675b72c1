package accuracy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/bench/sharedtest"
)

// TestCraftedLinkTypes runs one set of packets behind 22 link types. The flows are
// the same, and so are their MAC addresses where the link type has both.
func TestCraftedLinkTypes(t *testing.T) {
	const folder = "formats/crafted_linktypes"
	entries, err := os.ReadDir(filepath.Join(sharedtest.Dir(t), "captures", folder))
	if err != nil {
		t.Skip(err)
	}
	want, _ := linkRows(t, folder+"/en10mb.pcap")
	const wired, wireless = "02:00:00:00:00:01 02:00:00:00:00:02", "02:00:00:00:00:0a 02:00:00:00:00:02" // as tshark has them
	macs := map[string]string{
		"en10mb.pcap": wired, "fddi.pcap": wired, "llc_8023.pcap": wired, "token_ring.pcap": wired,
		"ieee802_11.pcap": wireless, "radiotap.pcap": wireless, "radiotap_qos.pcap": wireless,
	}
	for _, e := range entries {
		got, gotMACs := linkRows(t, folder+"/"+e.Name())
		wanted := want
		switch e.Name() { // these hold one IP version
		case "ipv4_228.pcap":
			wanted = slices.DeleteFunc(slices.Clone(want), func(r string) bool { return r[0] != '4' })
		case "ipv6_229.pcap":
			wanted = slices.DeleteFunc(slices.Clone(want), func(r string) bool { return r[0] != '6' })
		}
		if !slices.Equal(got, wanted) {
			t.Errorf("%s:\n got %q\nwant %q", e.Name(), got, wanted)
		}
		for _, m := range gotMACs {
			if m != macs[e.Name()] {
				t.Errorf("%s: addresses %s, want %q", e.Name(), m, macs[e.Name()])
			}
		}
	}
}

// linkRows returns what must not depend on the link type of each flow, and each
// flow's MAC addresses.
func linkRows(t *testing.T, name string) (rows, macs []string) {
	table, _ := mustRun(t, uncut(), accuracy.File(capturePath(t, name)))
	for i := range table.Rows {
		c := rowCounts(table, i)
		c[1] = [2]int64{} // frame bytes
		rows = append(rows, fmt.Sprint(table.Int("ip_version", i), table.Text("community_id", i), c,
			table.Text("conn_state", i), table.Text("history", i), table.Int("duration_ns", i)))
		m := ""
		if !table.Null("src_mac", i) {
			m = table.Text("src_mac", i) + " " + table.Text("dst_mac", i)
		}
		macs = append(macs, m)
	}
	slices.Sort(rows)
	return rows, macs
}
