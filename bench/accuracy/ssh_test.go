package accuracy_test

import (
	"fmt"
	"slices"
	"testing"

	"pcapmill/bench/accuracy"
	"pcapmill/stages"
)

// sshFact is a banner or a fingerprint.
type sshFact struct{ kind, value string }

// sshFacts are those of a capture that we have, with the frames that brought them.
func sshFacts(t *accuracy.Table) (at map[sshFact][]string) {
	at = map[sshFact][]string{}
	for row := range t.Rows {
		for _, kind := range []string{"banner", "hassh", "hassh_server"} {
			if t.Null(kind, row) || kind == "banner" && t.Text("kind", row) != "banner" {
				continue
			}
			f := sshFact{kind, t.Text(kind, row)}
			at[f] = append(at[f], fmt.Sprint(t.Int("packet_index", row)))
		}
	}
	return at
}

// sshRule says why a fact of tshark's is not one of ours at that frame, which ours are at.
func sshRule(c record, r *stages.Result, at []string) string {
	switch {
	case !readAlike(c, r):
		return "packets read"
	case !allInFlows(r):
		return "malformed, or interface not usable"
	case c["capture"] == "protocols/ssh/zeek__http__http-to-ssh.pcap":
		return "the client speaks HTTP to the server, and so does the flow"
	case len(at) > 0:
		return "at another frame: tshark reads a segment each time that it comes"
	}
	return ""
}

// sshOurs are facts that tshark does not have, by capture.
var sshOurs = map[string]string{
	"protocols/ssh/zeek__ssh__server-pre-banner-data.pcap": "tshark reads nothing behind lines before the banner",
	"protocols/ssh/zeek__ssh__ssh1-ssh2-fingerprints.pcap": "tshark names no banner of version 1",
}

// TestSSH compares banners and fingerprints frame by frame with tshark's.
func TestSSH(t *testing.T) {
	truth := truthOf(t, "ssh.tsv.gz")
	equal, by := 0, map[string]int{}
	for _, c := range captures(t) {
		if len(truth[c["capture"]]) == 0 {
			continue
		}
		tables, result := captureTables(t, uncut(), c["capture"])
		ours, theirs := sshFacts(tables["ssh"]), map[sshFact]bool{}
		for _, r := range truth[c["capture"]] {
			for _, kind := range []string{"banner", "hassh", "hassh_server"} {
				f := sshFact{kind, r[kind]}
				switch theirs[f] = true; {
				case f.value == "":
				case slices.Contains(ours[f], r["frame"]):
					equal++
				default:
					rule := sshRule(c, result, ours[f])
					if by[rule]++; rule == "" {
						t.Errorf("unexplained: %s frame %s: no %s %s", c["capture"], r["frame"], kind, f.value)
					}
				}
			}
		}
		for f, frames := range ours {
			if !theirs[f] && sshOurs[c["capture"]] == "" {
				t.Errorf("%s frames %v: tshark has no %s %s", c["capture"], frames, f.kind, f.value)
			}
		}
	}
	t.Logf("%d banners and fingerprints equal, by rule %v", equal, by)
	floor(t, equal, 121)
}
