package source_test

import (
	"context"
	"errors"
	"testing"

	"pcapmill/datasets/label"
	"pcapmill/datasets/label/source"
)

func TestFileNames(t *testing.T) {
	o := source.Options{
		Captures: []string{"in/benign-1.pcap", "in/dos_mon[1].pcap.gz", "in/other.pcap", "week=2/x.pcap"},
		FromName: []string{"benign-*=benign", `^(?P<category>[a-z]+)_(?P<campaign>[a-z]+).*(?P<label>\[1\])`, "week=2/*=late", "never*=x"},
	}
	set, err := source.Read(context.Background(), nil, o)
	if err != nil {
		t.Fatal(err)
	}
	s := set.Sources[0]
	if s.Kind != label.FileNames || s.Rules != 3 || s.Skipped != 1 || len(s.Notes) != 1 || s.SHA256 == "" {
		t.Fatalf("%+v", s)
	}
	for i, want := range []label.Rule{
		{Meaning: label.Meaning{ID: o.FromName[0], Label: "benign", Campaign: "in/benign-1.pcap", Line: 1}, Captures: []string{"in/benign-1.pcap"}},
		{Meaning: label.Meaning{ID: o.FromName[1], Label: "[1]", Category: "dos", Campaign: "mon", Line: 2}, Captures: []string{`in/dos_mon\[1].pcap.gz`}},
		{Meaning: label.Meaning{ID: o.FromName[2], Label: "late", Campaign: "week=2/x.pcap", Line: 3}, Captures: []string{"week=2/x.pcap"}},
	} {
		got := set.Rules[i]
		want.Priority = -2000
		if got.Meaning != want.Meaning || got.Captures[0] != want.Captures[0] || got.Depth != label.AnyDepth {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	for _, bad := range []string{"", "x", "=x", "x=", "(?P<label>"} {
		if _, err := source.Read(context.Background(), nil, source.Options{FromName: []string{bad}}); !errors.Is(err, source.ErrOptions) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
