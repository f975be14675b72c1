package fingerprint_test

import (
	"errors"
	"math"
	"net/netip"
	"reflect"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/model/fingerprint"
)

// stored is a table of fingerprints in batches of so many rows.
func stored(all []*fingerprint.Fingerprint, size int) (batches []*batch.Batch) {
	for i, f := range all {
		if i%size == 0 {
			batches = append(batches, batch.New(fingerprint.Schema()))
		}
		f.Append(batches[len(batches)-1])
	}
	return batches
}

func take(s *fingerprint.Stored, batches []*batch.Batch) error {
	for _, b := range batches {
		if err := s.Add(b); err != nil {
			return err
		}
	}
	return nil
}

// TestStoredRoundTrip: what a table gives back is what was appended, to the bit.
func TestStoredRoundTrip(t *testing.T) {
	want := built(t, hosts(50, random(300, 5)...))
	for _, size := range []int{1, 7, 1000} {
		s := fingerprint.NewStored(fingerprint.DefaultLimits())
		if err := take(s, stored(want, size)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(s.Fingerprints(), want) {
			t.Errorf("batches of %d rows: other fingerprints", size)
		}
	}
	one := fingerprint.NewStored(fingerprint.Limits{Hosts: 1}, want[2].Host, netip.MustParseAddr("192.0.2.77"))
	if err := take(one, stored(want, 3)); err != nil || len(one.Fingerprints()) != 1 || !reflect.DeepEqual(one.Fingerprints()[0], want[2]) {
		t.Errorf("%v, %v", one.Fingerprints(), err)
	}
	if err := take(fingerprint.NewStored(fingerprint.Limits{Hosts: 2}), stored(want, 3)); !errors.Is(err, fingerprint.ErrLimit) {
		t.Errorf("more hosts than allowed: %v", err)
	}
}

// TestStoredRefuses rows that no Append wrote.
func TestStoredRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		column string
		change func(v *batch.Vector)
		err    error
	}{
		"vector":       {"vector_version", func(v *batch.Vector) { v.Int64[0]++ }, fingerprint.ErrVersion},
		"no address":   {"host", func(v *batch.Vector) { v.Bytes[0] = 'x' }, fingerprint.ErrFormat},
		"long address": {"host", func(v *batch.Vector) { *v = text(string(make([]byte, 1000)), "10.0.0.9") }, fingerprint.ErrFormat},
		"other form":   {"host", func(v *batch.Vector) { *v = text("::ffff:0:1", "10.0.0.9") }, fingerprint.ErrFormat},
		"zone":         {"host", func(v *batch.Vector) { *v = text("fe80::1%eth0", "fe80::2") }, fingerprint.ErrFormat},
		"same host":    {"host", func(v *batch.Vector) { *v = text("10.0.0.1", "10.0.0.1") }, fingerprint.ErrFormat},
		"order":        {"host", func(v *batch.Vector) { *v = text("10.0.0.2", "10.0.0.1") }, fingerprint.ErrFormat},
		"negative":     {"packets", func(v *batch.Vector) { v.Int64[1] = -1 }, fingerprint.ErrFormat},
		"no windows":   {"windows", func(v *batch.Vector) { v.Int64[1] = 0 }, fingerprint.ErrFormat},
		"window":       {"window_ns", func(v *batch.Vector) { v.Int64[0] = math.MaxInt64 }, fingerprint.ErrFormat},
		"mixed":        {"window_ns", func(v *batch.Vector) { v.Int64[1] /= 2 }, fingerprint.ErrMixed},
		"feature":      {"fan_in", func(v *batch.Vector) { v.Float64[1] = -1 }, fingerprint.ErrFormat},
		"no number":    {"fan_in", func(v *batch.Vector) { v.Float64[0] = math.NaN() }, fingerprint.ErrFormat},
		"ratio":        {"regularity", func(v *batch.Vector) { v.Float64[0] = 1.5; v.Valid[0] = 1 }, fingerprint.ErrFormat},
	} {
		b := stored(built(t, hosts(50, twoHosts()...)), 10)[0]
		c.change(&b.Vectors[b.Schema.Index(c.column)])
		if err := fingerprint.NewStored(fingerprint.DefaultLimits()).Add(b); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func text(words ...string) (v batch.Vector) {
	for _, w := range words {
		v.AppendText([]byte(w))
	}
	return v
}

// TestRulesOfAnotherVersion are no reason to refuse: classes are made anew.
func TestRulesOfAnotherVersion(t *testing.T) {
	b := stored(built(t, hosts(50, twoHosts()...)), 10)[0]
	b.Vectors[b.Schema.Index("rules_version")].Int64[0] = 99
	b.Vectors[b.Schema.Index("classes")] = text("unheard_of", "")
	if err := fingerprint.NewStored(fingerprint.DefaultLimits()).Add(b); err != nil {
		t.Error(err)
	}
}

func TestStoredColumns(t *testing.T) {
	names, err := fingerprint.StoredColumns(fingerprint.Schema())
	if err != nil || len(names) != len(fingerprint.Schema().Columns) || !fingerprint.IsTable(fingerprint.Schema()) {
		t.Errorf("%v, %v", names, err)
	}
	for name, change := range map[string]func(c *column.Column){
		"name": func(c *column.Column) { c.Name = "other" }, "type": func(c *column.Column) { c.Type = column.Int32 },
		"null": func(c *column.Column) { c.Null += "x" },
	} {
		s := fingerprint.Schema()
		change(&s.Columns[s.Index("packets")])
		if _, err := fingerprint.StoredColumns(s); !errors.Is(err, fingerprint.ErrVersion) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
