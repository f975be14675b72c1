package build_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pcapmill/datasets/build"
	"pcapmill/datasets/build/buildtest"
)

// many returns 1,000 flows of 500 connections and two classes, of which one has a tenth.
func many() []buildtest.Flow {
	var flows []buildtest.Flow
	for i := range int64(1000) {
		f := buildtest.Flow{ID: i, Conn: i - i%2, Src: "10.0.0.1", Dst: "10.0.0.2", Start: i, End: i + 1, Packets: i, Label: "most"}
		if f.Conn == 0 {
			f.ID, f.Conn = 1000+i, 1000
		}
		if i/2%10 == 0 {
			f.Label = "few"
		}
		flows = append(flows, f)
	}
	return flows
}

// TestSample: samples have the size that was asked for, take connections whole, do not hang on
// the order of rows, and their weights sum up to the whole.
func TestSample(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*build.Config)
		want   int64
		slack  int64
		few    float64 // weights of few, summed up; 0: any
	}{
		"share":     {func(c *build.Config) { c.Share = 0.25 }, 250, 60, 0},
		"rows":      {func(c *build.Config) { c.Rows = 101 }, 100, 0, 0},
		"per class": {func(c *build.Config) { c.PerClass = 40 }, 80, 0, 100},
		"all":       {func(c *build.Config) { c.PerClass = 5000 }, 1000, 0, 100},
		"one":       {func(c *build.Config) { c.Rows = 1 }, 2, 0, 0}, // a connection is not divided
	} {
		t.Run(name, func(t *testing.T) {
			s, ds := made(t, many(), nil, c.change)
			if math.Abs(float64(s.Rows-c.want)) > float64(c.slack) {
				t.Errorf("%d rows, want %d", s.Rows, c.want)
			}
			conns := map[string]int{}
			for _, conn := range values(t, filepath.Join(ds, "keys"), "conn_id") {
				conns[conn]++
			}
			for conn, n := range conns {
				if n != 2 {
					t.Errorf("%d of 2 pieces of %s", n, conn)
				}
			}
			labels, sum, few := values(t, filepath.Join(ds, "data"), "label"), 0.0, 0.0
			for i, w := range values(t, filepath.Join(ds, "data"), "weight") {
				x, err := strconv.ParseFloat(w, 64)
				if err != nil {
					t.Fatal(err)
				}
				if sum += x; labels[i] == "few" {
					few += x
				}
			}
			if math.Abs(sum-1000) > 1e-6 || c.few > 0 && math.Abs(few-c.few) > 1e-9 {
				t.Errorf("weights sum up to %v, of few to %v", sum, few)
			}
			turned := many()
			slices.Reverse(turned)
			_, other := made(t, turned, nil, c.change)
			a, b := values(t, filepath.Join(ds, "keys"), "flow_id"), values(t, filepath.Join(other, "keys"), "flow_id")
			slices.Reverse(b)
			if fmt.Sprint(a) != fmt.Sprint(b) {
				t.Error("another order of rows gives another sample")
			}
		})
	}
}

// TestSeed: another seed is another sample.
func TestSeed(t *testing.T) {
	var all [2][]string
	for i := range all {
		_, ds := made(t, many(), nil, func(c *build.Config) { c.Rows, c.Seed = 100, uint64(i) })
		all[i] = values(t, filepath.Join(ds, "keys"), "flow_id")
	}
	if slices.Equal(all[0], all[1]) {
		t.Error("two seeds, one sample")
	}
}
