package fingerprint_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pcapmill/model/fingerprint"
)

// TestMetrics by hand. a = (1, 2, −2), b = (2, −1, −2): ‖a‖ = ‖b‖ = 3, Σab = 2−2+4 = 4;
// differences 1, 3, 0; of what both deviate in one direction min 1+0+2 = 3, of what
// either does max 2+(2+1)+2 = 7; means 1/3 and −1/3, so that
// pearson = (4 + 3/9) / (9 − 3/9) = 39/78 = 0.5.
func TestMetrics(t *testing.T) {
	a, b := []float64{1, 2, -2}, []float64{2, -1, -2}
	for m, want := range map[fingerprint.Metric]float64{
		fingerprint.Cosine: 4.0 / 9, fingerprint.Euclidean: math.Sqrt(10), fingerprint.Manhattan: 4, fingerprint.Jaccard: 3.0 / 7, fingerprint.Pearson: 0.5,
	} {
		for _, got := range []fingerprint.Value{m.Of(a, b), m.Of(b, a)} {
			if !got.Known || math.Abs(got.X-want) > 1e-15 {
				t.Errorf("%s is %v, want %v", m, got, want)
			}
		}
	}
}

// TestMetricsOfTheSame: what is equal is most similar, what is opposite least.
func TestMetricsOfTheSame(t *testing.T) {
	a, opposite := []float64{0.3, -0.7, 0.1}, []float64{-0.3, 0.7, -0.1}
	for m, want := range map[fingerprint.Metric][2]float64{
		fingerprint.Cosine: {1, -1}, fingerprint.Euclidean: {0, 2 * math.Sqrt(0.59)}, fingerprint.Manhattan: {0, 2.2}, fingerprint.Jaccard: {1, 0}, fingerprint.Pearson: {1, -1},
	} {
		same, other := m.Of(a, a), m.Of(a, opposite)
		if math.Abs(same.X-want[0]) > 1e-15 || math.Abs(other.X-want[1]) > 1e-15 {
			t.Errorf("%s: %v and %v, want %v", m, same, other, want)
		}
	}
}

// TestNothingOverNothing is unknown, not 0.
func TestNothingOverNothing(t *testing.T) {
	zero, alike, a := []float64{0, 0}, []float64{0.1, 0.1}, []float64{1, 2}
	for _, v := range []fingerprint.Value{
		fingerprint.Cosine.Of(zero, a), fingerprint.Pearson.Of(alike, a), fingerprint.Jaccard.Of(zero, zero), fingerprint.Cosine.Of(nil, nil), fingerprint.Euclidean.Of(a, a[:1]),
	} {
		if v.Known {
			t.Errorf("%v", v)
		}
	}
}

// TestMatchRule is the reference's, at the edge too.
func TestMatchRule(t *testing.T) {
	for _, c := range []struct {
		m                fingerprint.Metric
		value, threshold float64
		want             bool
	}{
		{fingerprint.Cosine, 0.5, 0.5, true}, {fingerprint.Cosine, 0.49, 0.5, false}, {fingerprint.Jaccard, 0.6, 0.5, true},
		{fingerprint.Pearson, -1, 0.5, false}, {fingerprint.Euclidean, 10, 10, true}, {fingerprint.Euclidean, 10.1, 10, false}, {fingerprint.Manhattan, 3, 10, true},
	} {
		if got := c.m.Match(c.value, c.threshold); got != c.want {
			t.Errorf("%s %v at %v: %v", c.m, c.value, c.threshold, got)
		}
	}
	for m, want := range map[fingerprint.Metric][2]float64{fingerprint.Cosine: {0.5, 0.5}, fingerprint.Pearson: {0.5, 0.5}, fingerprint.Euclidean: {0.8, 4}, fingerprint.Manhattan: {1.6, 16}} {
		if got := [2]float64{m.DefaultThreshold(16, nil), m.DefaultThreshold(16, spreads{})}; got != want {
			t.Errorf("defaults of %s are %v", m, got)
		}
	}
}

func TestParseMetric(t *testing.T) {
	for _, m := range fingerprint.Metrics() {
		if got, err := fingerprint.ParseMetric(string(m)); got != m || err != nil {
			t.Errorf("%s: %v, %v", m, got, err)
		}
	}
	if _, err := fingerprint.ParseMetric("hamming"); err == nil {
		t.Error("hamming is known")
	}
}

// pair makes fingerprints of vectors.
func pair(a, b map[string]float64) (x, y *fingerprint.Fingerprint) {
	return &fingerprint.Fingerprint{WindowNanos: tenMins, Vector: vector(a)}, &fingerprint.Fingerprint{WindowNanos: tenMins, Vector: vector(b)}
}

// spreads is a scale by hand.
type spreads map[string]fingerprint.Spread

func (s spreads) Spread(name string) (fingerprint.Spread, bool) { x, ok := s[name]; return x, ok }

// TestFixedScale by hand: a value's distance from the usual one, as a share of the range.
// Amounts go by their logarithm; what lies beyond an end is at it.
func TestFixedScale(t *testing.T) {
	a, b := pair(
		map[string]float64{"outbound_ratio": 0.25, "gap_mean_ns": 1e10, "fan_out": 1023, "packet_mean_bytes": 60},
		map[string]float64{"outbound_ratio": 1, "gap_mean_ns": 1e10, "fan_out": 31, "packet_mean_bytes": 9000})
	c, err := fingerprint.Compare(a, b, fingerprint.Options{Metric: fingerprint.Manhattan})
	if err != nil {
		t.Fatal(err)
	}
	fan := math.Log(32) / math.Log(1025) // of ln 1024 − ln 32
	if want := 0.75 + fan + 1; !c.Value.Known || math.Abs(c.Value.X-want) > 1e-12 {
		t.Errorf("%v, want %v", c.Value, want)
	}
	if c.Compared != 4 || c.OneSided != 0 || c.Threshold != 0.4 || c.Match {
		t.Errorf("%+v", c)
	}
	// fan_out lies 0.5 and 0.25 above 0, which is usual; nxdomain_ratio at it; outbound_ratio 0.5 above and 0.25 below.
	a, b = pair(
		map[string]float64{"fan_out": math.Sqrt(1025) - 1, "nxdomain_ratio": 0, "outbound_ratio": 1},
		map[string]float64{"fan_out": math.Sqrt(math.Sqrt(1025)) - 1, "nxdomain_ratio": 0, "outbound_ratio": 0.25})
	c, err = fingerprint.Compare(a, b, fingerprint.Options{Metric: fingerprint.Cosine})
	if err != nil || math.Abs(c.Value.X) > 1e-12 || !c.Value.Known { // 0.5·0.25 − 0.5·0.25
		t.Errorf("%+v, %v", c, err)
	}
}

// TestBaselineScale by hand: (T(x) − mean)/std, at most 10, and a standard deviation of 0
// counts as a fiftieth of the fixed scale.
func TestBaselineScale(t *testing.T) {
	scale := spreads{"outbound_ratio": {0.5, 0.1}, "nxdomain_ratio": {0, 0}, "fan_out": {math.Log(4), math.Log(2)}, "active_share": {math.NaN(), 1}}
	a, b := pair(
		map[string]float64{"outbound_ratio": 0.6, "nxdomain_ratio": 0.02, "fan_out": 3, "active_share": 0.5},
		map[string]float64{"outbound_ratio": 0.3, "nxdomain_ratio": 0.9, "fan_out": 15, "active_share": 0.1})
	c, err := fingerprint.Compare(a, b, fingerprint.Options{Metric: fingerprint.Euclidean, Scale: scale})
	if err != nil {
		t.Fatal(err)
	}
	// outbound 1 and −2, nxdomain 1 and 45 cut to 10, fan_out 0 and 2
	if want := math.Sqrt(9 + 81 + 4); math.Abs(c.Value.X-want) > 1e-12 || c.Compared != 3 || len(c.Deltas) != 4 {
		t.Errorf("%v of %d, want %v", c.Value, c.Compared, want)
	}
	if c.Deltas[0].Feature.Name != "nxdomain_ratio" || c.Deltas[0].Scaled.X != 9 || c.Deltas[3].Feature.Name != "active_share" || c.Deltas[3].Scaled.Known {
		t.Errorf("%+v", c.Deltas)
	}
}

// TestOneFeatureDoesNotDecide: in NetDNA the cosine of raw features is that of
// timing_mean_ipi, whose numbers are the largest: any two hosts are alike. Here hosts
// that agree in it and in nothing else do not match.
func TestOneFeatureDoesNotDecide(t *testing.T) {
	server := map[string]float64{"gap_mean_ns": 2e9, "outbound_ratio": 0.95, "inbound_flow_ratio": 1, "fan_in": 900, "fan_out": 0, "dns_names": 0, "regularity": 0.1, "burst_score": 500}
	sensor := map[string]float64{"gap_mean_ns": 2e9, "outbound_ratio": 0.05, "inbound_flow_ratio": 0, "fan_in": 0, "fan_out": 30, "dns_names": 50, "regularity": 1, "burst_score": 1}
	var raw [2][]float64
	for name := range server {
		raw[0], raw[1] = append(raw[0], server[name]), append(raw[1], sensor[name])
	}
	if v := fingerprint.Cosine.Of(raw[0], raw[1]); v.X < 0.999999 {
		t.Fatalf("raw cosine is %v: the defect is not shown", v.X)
	}
	a, b := pair(server, sensor)
	for _, m := range fingerprint.Metrics() {
		c, err := fingerprint.Compare(a, b, fingerprint.Options{Metric: m})
		if err != nil || c.Match || !c.Value.Known {
			t.Errorf("%s: %+v, %v", m, c, err)
		}
		if same, _ := fingerprint.Compare(a, a, fingerprint.Options{Metric: m}); !same.Match {
			t.Errorf("%s: a host does not match itself: %+v", m, same)
		}
	}
}

// TestOneSided: what one side does not know is in no metric, and not 0.
func TestOneSided(t *testing.T) {
	a, b := pair(map[string]float64{"outbound_ratio": 0.5, "fan_out": 3, "regularity": 0.9}, map[string]float64{"outbound_ratio": 0.5, "fan_out": 3})
	c, err := fingerprint.Compare(a, b, fingerprint.Options{Metric: fingerprint.Manhattan})
	if err != nil || c.Value.X != 0 || !c.Match || c.Compared != 2 || c.OneSided != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	last := c.Deltas[2]
	if last.Feature.Name != "regularity" || last.Percent.Known || last.Scaled.Known || last.Target.Known {
		t.Errorf("%+v", last)
	}
	b.Vector = vector(map[string]float64{"outbound_ratio": 0.5})
	c, _ = fingerprint.Compare(a, b, fingerprint.Options{Metric: fingerprint.Manhattan})
	if c.Value.Known || c.Match || c.Why != "only 1 of 3 features can be compared" {
		t.Errorf("%+v", c)
	}
}

// TestPercent: from source to target, nothing where the source is 0.
func TestPercent(t *testing.T) {
	a, b := pair(
		map[string]float64{"outbound_ratio": 0.4, "fan_out": 0, "fan_in": 0, "period_s": math.SmallestNonzeroFloat64},
		map[string]float64{"outbound_ratio": 0.1, "fan_out": 3, "fan_in": 0, "period_s": math.MaxFloat64})
	c, err := fingerprint.Compare(a, b, fingerprint.Options{Metric: fingerprint.Cosine, Threshold: fingerprint.Value{X: -1, Known: true}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Deltas {
		wants := d.Feature.Name == "outbound_ratio"
		if d.Percent.Known != wants || wants && math.Abs(d.Percent.X+75) > 1e-12 {
			t.Errorf("%s: %v", d.Feature.Name, d.Percent)
		}
	}
	if !c.Match || c.Threshold != -1 {
		t.Errorf("%+v", c)
	}
}

func TestCompareRefusesOtherWindows(t *testing.T) {
	a, b := pair(nil, nil)
	b.WindowNanos = minute
	if _, err := fingerprint.Compare(a, b, fingerprint.Options{Metric: fingerprint.Cosine}); !errors.Is(err, fingerprint.ErrMixed) {
		t.Error(err)
	}
}

// TestOneWindowIsNoScale: NetDNA's baseline of one window has no standard deviation.
func TestOneWindowIsNoScale(t *testing.T) {
	a, b := pair(map[string]float64{"outbound_ratio": 0.4, "fan_out": 3}, map[string]float64{"outbound_ratio": 0.6})
	if _, ok := fingerprint.Observe([]*fingerprint.Fingerprint{a}).Spread("outbound_ratio"); ok {
		t.Error("one value has a spread")
	}
	c, err := fingerprint.Compare(a, b, fingerprint.Options{Metric: fingerprint.Cosine, Scale: fingerprint.Observe([]*fingerprint.Fingerprint{a})})
	if err != nil || c.Value.Known || c.Match {
		t.Errorf("%+v, %v", c, err)
	}
	o := fingerprint.Observe([]*fingerprint.Fingerprint{a, b})
	if s, ok := o.Spread("outbound_ratio"); !ok || math.Abs(s.Mean-0.5) > 1e-9 || math.Abs(s.Std-math.Sqrt(0.02)) > 1e-9 {
		t.Errorf("%v %v", s, ok) // sample deviation of 0.4 and 0.6
	}
	if _, ok := o.Spread("fan_out"); ok {
		t.Error("fan_out was known once")
	}
	if _, ok := o.Spread("nope"); ok {
		t.Error("nope has a spread")
	}
}

// TestMetricProperties of many vectors, hostile ones too: symmetry, bounds, no NaN.
func TestMetricProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	any := func() float64 {
		return [...]float64{0, r.Float64(), r.Float64() * 1e6, math.MaxFloat64, math.SmallestNonzeroFloat64}[r.IntN(5)]
	}
	names := fingerprint.Features()
	for range 500 {
		x, y := map[string]float64{}, map[string]float64{}
		for _, f := range names {
			if r.IntN(4) > 0 {
				x[f.Name] = any()
			}
			if r.IntN(4) > 0 {
				y[f.Name] = any()
			}
		}
		a, b := pair(x, y)
		scales := []fingerprint.Scale{nil, fingerprint.Observe([]*fingerprint.Fingerprint{a, b})}
		for _, m := range fingerprint.Metrics() {
			for _, s := range scales {
				ab, _ := fingerprint.Compare(a, b, fingerprint.Options{Metric: m, Scale: s})
				ba, _ := fingerprint.Compare(b, a, fingerprint.Options{Metric: m, Scale: s})
				if ab.Value != ba.Value || math.IsNaN(ab.Value.X) || !m.Distance() && math.Abs(ab.Value.X) > 1 {
					t.Fatalf("%s: %v and %v", m, ab.Value, ba.Value)
				}
			}
		}
	}
}
