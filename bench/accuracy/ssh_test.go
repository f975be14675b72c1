package accuracy_test

import (
	"fmt"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// sshFacts are what tshark and we say of one frame.
type sshFacts struct{ banner, hassh, server string }

// sshRows are the facts by frame: a banner and a key exchange of one side may come in one.
func sshRows(t *accuracy.Table) (frames map[string]*sshFacts, said map[sshFacts]bool) {
	frames, said = map[string]*sshFacts{}, map[sshFacts]bool{}
	for row := range t.Rows {
		frame := fmt.Sprint(t.Int("packet_index", row))
		f := frames[frame]
		if f == nil {
			f = &sshFacts{}
			frames[frame] = f
		}
		if t.Text("kind", row) == "banner" {
			f.banner = t.Text("banner", row)
		} else {
			f.hassh, f.server = t.Text("hassh", row), t.Text("hassh_server", row)
		}
		said[*f] = true
	}
	return frames, said
}

// sshRule says why a frame of tshark's is not the same with us.
func sshRule(c record, r *stages.Result, got *sshFacts, said map[sshFacts]bool, want sshFacts) string {
	a := r.Accounting
	switch {
	case a.Read.Packets != c.int("tshark_packets"):
		return "packets read"
	case a.By[packet.InFlow] != a.Read:
		return "malformed, or interface not usable"
	case got == nil && said[want]:
		return "sent again: tshark reads a segment each time"
	}
	return ""
}

// TestSSH compares banners and fingerprints frame by frame with tshark's.
func TestSSH(t *testing.T) {
	truth := map[string][]record{}
	readTSV(t, func(r record) { truth[r["capture"]] = append(truth[r["capture"]], r) }, "truth", "ssh.tsv.gz")
	equal, by := 0, map[string]int{}
	for _, c := range captures(t) {
		if len(truth[c["capture"]]) == 0 {
			continue
		}
		tables, result, err := accuracy.RunTables(uncut(), accuracy.File(capturePath(t, c["capture"])))
		if err != nil {
			t.Fatal(err)
		}
		frames, said := sshRows(tables["ssh"])
		for _, r := range truth[c["capture"]] {
			got, want := frames[r["frame"]], sshFacts{r["banner"], r["hassh"], r["hassh_server"]}
			delete(frames, r["frame"])
			if got != nil && *got == want {
				equal++
				continue
			}
			rule := sshRule(c, result, got, said, want)
			by[rule]++
			if rule == "" {
				t.Errorf("unexplained: %s frame %s:\n got %+v\nwant %+v", c["capture"], r["frame"], got, want)
			}
		}
		for frame, f := range frames {
			t.Errorf("%s frame %s: tshark has no message %+v", c["capture"], frame, *f)
		}
	}
	t.Logf("%d frames equal, by rule %v", equal, by)
}
