package fingerprint_test

import (
	"net/netip"
	"slices"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/model/fingerprint"
	"pcapmill/model/fingerprint/hosttest"
)

type cells = hosttest.Cells

const (
	minute  = hosttest.Minute
	tenMins = hosttest.TenMins
	monday  = hosttest.Begin
)

func hosts(size int, rows ...cells) []*batch.Batch { return hosttest.Batches(size, rows...) }

// built makes fingerprints of rows.
func built(t *testing.T, batches []*batch.Batch, only ...netip.Addr) []*fingerprint.Fingerprint {
	t.Helper()
	b := fingerprint.NewBuilder(fingerprint.DefaultLimits(), only...)
	for _, rows := range batches {
		if err := b.Add(rows); err != nil {
			t.Fatal(err)
		}
	}
	return b.Fingerprints()
}

// one makes the fingerprint of one host.
func one(t *testing.T, rows ...cells) *fingerprint.Fingerprint {
	t.Helper()
	all := built(t, hosts(100, rows...))
	if len(all) != 1 {
		t.Fatalf("%d fingerprints", len(all))
	}
	return all[0]
}

// vector has these features, and does not know the others.
func vector(known map[string]float64) fingerprint.Vector {
	all := fingerprint.Features()
	v := make(fingerprint.Vector, len(all))
	for name, x := range known {
		i := slices.IndexFunc(all, func(f fingerprint.Feature) bool { return f.Name == name })
		v[i] = fingerprint.Value{X: x, Known: true}
	}
	return v
}
