package pack_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/datasets/folder"
	"pcapmill/datasets/pack"
	"pcapmill/datasets/split"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/parquetfile"
)

var tool = manifest.Tool{Name: "pcapmill", Version: "1.2.3", Revision: "0123abcd"}

// second is an instant of the made dataset.
func second(n int64) int64 { return 1_772_442_000_000_000_000 + n*1_000_000_000 }

func dataSchema() *column.Schema {
	return &column.Schema{Table: "data", Version: 1, Columns: []column.Column{
		{Name: "duration_ns", Type: column.Int64, Unit: column.Nanos, Doc: "From the first packet to the last.", Group: "core"},
		{Name: "fwd_packets", Type: column.Int32, Unit: column.Packets, Doc: "Packets of the initiator.", Null: "never seen", Group: "core"},
		{Name: "rate", Type: column.Double, Unit: column.PerSecond, Doc: "Packets a second.", Null: "the flow has one packet", Source: "RFC 0000", Group: "core"},
		{Name: "service", Type: column.String, Doc: "What speaks | on the port.", Null: "nobody knows", Group: "app"},
		{Name: "sizes", Type: column.ListInt64, Unit: column.Bytes, Doc: "Sizes of the first packets.", Group: "first"},
		{Name: "zero", Type: column.Int64, Doc: "Always the same.", Group: "core"},
		{Name: "dst_port", Type: column.Int32, Role: column.LeakProne, Doc: "Port of the responder.", Group: "core"},
		{Name: "label", Type: column.String, Role: column.Label, Doc: "What a model shall predict.", Null: "the row is not labelled", Group: "labels"},
	}}
}

func keysSchema() *column.Schema {
	return &column.Schema{Table: "keys", Version: 1, Columns: []column.Column{
		{Name: "flow_id", Type: column.Int64, Role: column.Identity, Doc: "The flow.", Group: "rows"},
		{Name: "conn_id", Type: column.Int64, Role: column.Identity, Doc: "The connection.", Group: "rows"},
		{Name: "start_ns", Type: column.Int64, Unit: column.EpochNano, Role: column.Time, Doc: "Time of the first packet.", Group: "rows"},
		{Name: "src_ip", Type: column.String, Role: column.LeakProne, Doc: "Initiator.", Group: "hosts"},
		{Name: "dst_ip", Type: column.String, Role: column.LeakProne, Doc: "Responder.", Group: "hosts"},
		{Name: "label", Type: column.String, Role: column.Label, Doc: "The same as in data.", Null: "the row is not labelled", Group: "labels"},
		{Name: "campaign", Type: column.String, Role: column.Identity, Doc: "What it belongs to.", Null: "nobody said", Group: "rows"},
	}}
}

// flow is a row of the made dataset.
type flow struct {
	at       int64 // second
	conn     int64
	src, dst string
	label    string // "": null
	packets  int32  // 0: null
	service  string // "": null
}

const evil = "<script>alert(1)</script>|`x`\n# [a](http://b) \u202e=1+1"

// made are the rows of each split.
func made() map[string][]flow {
	rows := map[string][]flow{}
	for i := range int64(8) {
		rows["train"] = append(rows["train"], flow{i, 100 + i/2, "10.0.0.1", "10.0.0.9", "benign", int32(i + 1), "http"})
	}
	rows["train"] = append(rows["train"], flow{8, 200, "10.0.0.66", "10.0.0.9", "scan", 1, ""})
	rows["validation"] = []flow{{20, 300, "10.0.0.2", "10.0.0.9", "benign", 0, "dns"}, {21, 301, "10.0.0.66", "10.0.0.8", evil, 2, evil}}
	rows["test"] = []flow{{40, 400, "10.0.0.3", "10.0.0.9", "benign", 3, "http"}, {41, 401, "10.0.0.66", "10.0.0.7", "scan", 1, ""}, {42, 402, "10.0.0.4", "10.0.0.9", "", 1, ""}}
	return rows
}

func text(v *batch.Vector, s string, optional bool) {
	v.AppendText([]byte(s))
	if optional {
		v.Valid = append(v.Valid, bit(s != ""))
	}
}

func bit(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}

func dataOf(rows []flow) *batch.Batch {
	b := batch.New(dataSchema())
	v := b.Vectors
	v[4].Offsets = append(v[4].Offsets, 0)
	for _, r := range rows {
		v[0].Int64 = append(v[0].Int64, r.at*1_500_000)
		v[1].Int32, v[1].Valid = append(v[1].Int32, r.packets), append(v[1].Valid, bit(r.packets > 0))
		v[2].Float64, v[2].Valid = append(v[2].Float64, float64(r.packets)/2), append(v[2].Valid, bit(r.packets > 0))
		text(&v[3], r.service, true)
		for i := range int64(r.packets) {
			v[4].Int64 = append(v[4].Int64, 60+i)
		}
		v[4].Offsets = append(v[4].Offsets, int32(len(v[4].Int64)))
		v[5].Int64 = append(v[5].Int64, 0)
		v[6].Int32 = append(v[6].Int32, 80)
		text(&v[7], r.label, true)
		b.Rows++
	}
	return b
}

func keysOf(rows []flow) *batch.Batch {
	b := batch.New(keysSchema())
	v := b.Vectors
	for i, r := range rows {
		v[0].Int64 = append(v[0].Int64, r.conn*10+int64(i))
		v[1].Int64 = append(v[1].Int64, r.conn)
		v[2].Int64 = append(v[2].Int64, second(r.at))
		text(&v[3], r.src, false)
		text(&v[4], r.dst, false)
		text(&v[5], r.label, true)
		text(&v[6], r.label, true)
		b.Rows++
	}
	return b
}

// run writes what a run says of itself: its tables are not needed.
func run(t *testing.T, dir string) *folder.Opened {
	t.Helper()
	first, last := second(0), second(50)
	in := manifest.Input{SHA256: strings.Repeat("ca", 32), Bytes: 1000, Format: "pcap", Outcome: manifest.Partial, Reason: "cut short", Packets: 99, FirstNs: &first, LastNs: &last}
	in.SetPath("day/" + evil + ".pcap")
	m := &manifest.Manifest{
		PlanID: strings.Repeat("ab", 32), Tool: tool, Options: map[string]string{"active": "30m0s", "filter": ""}, Again: []string{"run", "--active=30m0s"},
		Inputs: []manifest.Input{in}, Accounting: manifest.Accounting{PacketsRead: 99, Packets: manifest.Counts{{Outcome: "in_flow", N: 90}, {Outcome: "non_ip", N: 9}}},
		Tables: []manifest.Table{{Name: "flows", Rows: 13, SchemaSHA256: strings.Repeat("00", 32)}},
	}
	m.RunID = manifest.RunID(m.PlanID, m.InputHashes())
	data, err := m.Encode()
	if err == nil {
		err = errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, manifest.Name), data, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

func open(t testing.TB, dir string) *folder.Opened {
	t.Helper()
	o, err := folder.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// step finishes a folder.
func step(t testing.TB, dir, kind string, again []string, sources []folder.Source, write func(*folder.Folder) error, notes ...string) *folder.Opened {
	t.Helper()
	f, err := folder.Create(dir, folder.Spec{
		Kind: kind, Options: map[string]string{"seed": "7", "zone": ""}, Sources: sources, Tool: tool, Again: again, Parquet: parquetfile.DefaultConfig(),
	})
	if err == nil {
		err = write(f)
	}
	if err == nil {
		err = f.Finish(notes)
	}
	if err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

func put(f *folder.Folder, split string, b *batch.Batch) error {
	key := "split"
	if split == "" {
		key = ""
	}
	w, err := f.Table(b.Schema, key, split)
	if err != nil {
		return err
	}
	return errors.Join(w.Write(b), w.Close())
}

// dataset writes a dataset with its history: a run, labels, and itself.
func dataset(t *testing.T, splits bool) *folder.Opened {
	t.Helper()
	dir := t.TempDir()
	tables := run(t, filepath.Join(dir, "run"))
	labels := step(t, filepath.Join(dir, "labels"), "labels", []string{"label", "--zone="}, []folder.Source{
		tables.Source("tables"), folder.FileSource("rules", filepath.Join(dir, "eve "+evil+".json"), "suricata_eve", strings.Repeat("ee", 32), 500),
	}, func(*folder.Folder) error { return nil }, "12 of 13 flows are labelled")
	return step(t, filepath.Join(dir, "dataset"), "dataset", []string{"dataset", "split", "--seed=7"}, []folder.Source{tables.Source("tables"), labels.Source("labels")}, func(f *folder.Folder) error {
		rows := made()
		if !splits {
			all := append(append(rows["train"], rows["validation"]...), rows["test"]...)
			return errors.Join(put(f, "", dataOf(all)), put(f, "", keysOf(all)))
		}
		for _, name := range []string{"test", "train", "validation"} {
			if err := errors.Join(put(f, name, dataOf(rows[name])), put(f, name, keysOf(rows[name]))); err != nil {
				return err
			}
		}
		return f.File("split.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(divided()) })
	})
}

// divided is what the dataset says of its splits.
func divided() *split.Summary {
	number := func(n float64) *float64 { return &n }
	name := func(s string) *string { return &s }
	return &split.Summary{By: "conn", Splits: []split.SplitSummary{
		{Split: "train", Classes: []split.ClassSummary{
			{Label: name("benign"), EffectivePairs: number(2.9090909), EffectiveCampaigns: number(1)}, {Label: name("scan"), EffectivePairs: number(1)},
		}},
		{Split: "validation", Classes: []split.ClassSummary{{Label: name(evil), EffectivePairs: number(1), EffectiveCampaigns: number(1)}}},
		{Split: evil, Classes: []split.ClassSummary{{Label: nil, EffectivePairs: number(1234.56)}}},
	}}
}

// factsOf gathers what there is to say of a dataset.
func factsOf(t *testing.T, o *folder.Opened, m *pack.Meta) *pack.Facts {
	t.Helper()
	s, err := pack.Look(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	f, err := pack.Gather(o, m, s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func fullMeta(t *testing.T) *pack.Meta {
	t.Helper()
	m, _, err := pack.ReadMeta(filepath.Join("testdata", "meta.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
