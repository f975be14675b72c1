package source_test

import (
	"strings"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

// TestEmptyLogs: where nothing was alerted Suricata writes no byte, which is no error; that which
// may not be empty is.
func TestEmptyLogs(t *testing.T) {
	gz, _ := packed(t, "")
	for name, want := range map[string]label.Kind{
		"fast.log": label.SuricataFast, "eve.json": label.SuricataEVE, "notice.log": label.ZeekNotice,
		"eve-2024-01-01.json": label.SuricataEVE, "host1_fast.log": label.SuricataFast, "EVE.JSON": label.SuricataEVE,
		"notice.12:00:00-13:00:00.log": label.ZeekNotice,
	} {
		for _, content := range []string{"", "\n \r\n"} {
			set, err := read(t, name, content, source.Options{})
			if err != nil || len(set.Events) > 0 || set.Sources[0].Kind != want || len(set.Sources[0].Notes) != 1 || set.Sources[0].SHA256 == "" {
				t.Errorf("%s: %v %+v", name, err, set)
			}
		}
	}
	if set, err := read(t, "eve.json.gz", gz, source.Options{}); err != nil || set.Sources[0].Kind != label.SuricataEVE {
		t.Error(err)
	}
	if set, err := read(t, "x", "", source.Options{Format: "suricata_fast"}); err != nil || set.Sources[0].Kind != label.SuricataFast {
		t.Error(err)
	}
	for _, name := range []string{"reverse.json", "breakfast.log", "conn.log", "fast.csv", "attacks.yaml"} {
		if _, err := read(t, name, "", source.Options{}); err == nil || !strings.Contains(err.Error(), "--format") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRenamedCaptures: what a capture was called when alerts were written may not be what it is
// called now.
func TestRenamedCaptures(t *testing.T) {
	named := func(name string) string {
		return strings.Replace(eveAlert, `"flow_id"`, `"pcap_filename":"`+name+`","flow_id"`, 1)
	}
	o := source.Options{Captures: []string{"in/day1/capture.pcap.gz", "in/day2/capture.pcap.gz"}}
	set, err := read(t, "eve.json", named("/data/day2/capture.pcap")+"\n"+named("old.pcap")+"\n"+named("old.pcap"), o)
	if err != nil || set.Events[0].Capture == "" || set.Events[1].Capture != "" || set.Events[2].Capture != "" {
		t.Fatalf("%v %+v", err, set)
	}
	if s := set.Sources[0]; !strings.Contains(strings.Join(s.Notes, " "), `2 events name captures that the flows are not of, as "old.pcap"`) {
		t.Error(s.Notes)
	}
	if set.Events[1].Packet != 0 { // numbers of several captures, whatever their names
		t.Errorf("%+v", set.Events[1])
	}
}

// TestBegan: when the flow of an alert began is taken along, where it can be.
func TestBegan(t *testing.T) {
	with := func(start string) string {
		return strings.Replace(eveAlert, `"alert":{`, `"flow":{"start":"`+start+`"},"alert":{`, 1)
	}
	for start, want := range map[string]int64{"2008-10-23T23:29:08.739740+0000": 1224804548739740000, "2124-01-01T00:00:00+0000": 0, "nonsense": 0, "2008-10-23T23:29:08": 0, "": 0} {
		set, err := read(t, "x", with(start), source.Options{})
		if err != nil || set.Events[0].Began != want {
			t.Errorf("%s: %v %+v", start, err, set)
		}
	}
	odd := strings.Replace(eveAlert, `"alert":{`, `"flow":[5],"alert":{`, 1)
	if set, err := read(t, "x", odd, source.Options{}); err != nil || len(set.Events) != 1 {
		t.Errorf("a flow of another form: %v %+v", err, set)
	}
}
