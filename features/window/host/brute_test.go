package host_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"slices"
	"testing"

	"pcapmill/ingest/packet"
)

// heardPacket is a packet as one of its hosts has it.
type heardPacket struct {
	clock packet.Nanos
	out   bool
	bytes uint32
}

// TestHostsAgainstBruteForce recomputes each column that packets make, from lists of all
// packets, for random traffic with bursts, beacons, ties, packets to oneself, layers in
// tunnels and addresses that differ in version alone.
func TestHostsAgainstBruteForce(t *testing.T) {
	const length = 600 * second
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 1))
		views := randomViews(rng, 6000)
		type key struct {
			window int64
			host   string
		}
		want := map[key][]heardPacket{}
		for i := range views {
			v := &views[i]
			if v.Depth > 0 {
				continue
			}
			window := int64(math.Floor(float64(v.Clock) / float64(length)))
			src, dst := key{window, name(v.Src, v.Version)}, key{window, name(v.Dst, v.Version)}
			want[src] = append(want[src], heardPacket{v.Clock, true, v.WireLen})
			want[dst] = append(want[dst], heardPacket{v.Clock, false, v.WireLen})
		}
		b := newBench(t, ordinary())
		for rest := views; len(rest) > 0; { // in blocks of any size
			n := min(len(rest), 1+rng.IntN(300))
			b.see(rest[:n]...)
			rest = rest[n:]
		}
		b.finish()
		if len(b.hosts) != len(want) {
			t.Fatalf("seed %d: %d rows, want %d", seed, len(b.hosts), len(want))
		}
		periods := 0
		for _, row := range b.hosts {
			start := row["window_start_ns"].(int64)
			k := key{start / length, fmt.Sprint(row["host"], "/", row["ip_version"])}
			if start < 0 {
				k.window = -(-start / length)
			}
			bruteHost(t, row, want[k], start, length)
			if row["period_s"] != nil {
				periods++
			}
		}
		if periods < 3 {
			t.Errorf("seed %d: %d hosts have a period: too few to say anything", seed, periods)
		}
	}
}

func name(a packet.Addr, version uint8) string {
	text := fmt.Sprintf("%d.%d.%d.%d", a[12], a[13], a[14], a[15])
	if version == 6 {
		text = "::ffff:" + text
	}
	return fmt.Sprint(text, "/", version)
}

// randomViews returns packets over four windows, the first of them before 1970.
func randomViews(rng *rand.Rand, n int) []packet.View {
	clock := -400 * second
	var views []packet.View
	for range n {
		switch rng.IntN(8) {
		case 0:
			clock += rng.Int64N(8 * second)
		case 1, 2:
			clock += rng.Int64N(second / 4)
		}
		v := sent(clock, fmt.Sprintf("10.0.0.%d", rng.IntN(30)), fmt.Sprintf("10.0.0.%d", rng.IntN(30)), 60+rng.Uint32N(1400))
		if rng.IntN(50) == 0 {
			v.Version = 6
		}
		v.Depth = uint8(max(0, rng.IntN(20)-18))
		views = append(views, v)
	}
	for s := clock / 4; s < clock; s += 12 * second { // a beacon with little jitter
		views = append(views, sent(s+rng.Int64N(second/8), "10.9.0.1", "10.9.0.2", 80))
	}
	slices.SortStableFunc(views, func(a, b packet.View) int { return int(min(1, max(-1, a.Clock-b.Clock))) })
	return views
}

// bruteHost checks a row against all packets of the host.
func bruteHost(t *testing.T, row cells, packets []heardPacket, start, length packet.Nanos) {
	t.Helper()
	var count, bytes [2]int64
	perSecond := make([]float64, length/second)
	var gaps []float64
	for i, p := range packets {
		side := 1
		if p.out {
			side = 0
		}
		count[side]++
		bytes[side] += int64(p.bytes)
		perSecond[(p.clock-start)/second]++
		if i > 0 {
			gaps = append(gaps, float64(p.clock-packets[i-1].clock))
		}
	}
	active, peak := 0, 0.0
	for _, n := range perSecond {
		if n > 0 {
			active++
		}
		peak = max(peak, n)
	}
	span := max(1, float64(packets[len(packets)-1].clock-packets[0].clock)/1e9)
	mean, std := meanStd(gaps)
	want := cells{
		"out_packets": count[0], "in_packets": count[1], "out_wire_bytes": bytes[0], "in_wire_bytes": bytes[1],
		"packets_per_s": float64(len(packets)) / 600, "active_seconds": active, "peak_packets_per_s": int64(peak),
		"burst_score":  peak / (float64(len(packets)) / span),
		"gap_mean_ns":  orNil(mean, len(gaps) > 0),
		"gap_std_ns":   orNil(std, len(gaps) > 1),
		"gap_cv":       orNil(std/mean, len(gaps) > 1 && mean > 0),
		"out_flows":    0,
		"fan_in_exact": 1,
	}
	check(t, fmt.Sprint(row["host"], " at ", start), row, want)
	if active >= 8 {
		brutePeriods(t, row, perSecond)
	} else if row["periodicity_score"] != nil || row["regularity"] != nil {
		t.Errorf("%v has periods with %d active seconds", row["host"], active)
	}
}

func orNil(x float64, known bool) any {
	if !known {
		return nil
	}
	return x
}

func meanStd(values []float64) (mean, std float64) {
	for _, x := range values {
		mean += x / float64(len(values))
	}
	for _, x := range values {
		std += (x - mean) * (x - mean) / float64(len(values))
	}
	return mean, math.Sqrt(std)
}

// brutePeriods recomputes what a series says by the definitions: sums over all samples, a
// discrete Fourier transform term by term.
func brutePeriods(t *testing.T, row cells, x []float64) {
	t.Helper()
	n := len(x)
	mean, std := meanStd(x)
	covariance := func(lag int) (sum, head, tail float64) {
		for i := range n - lag {
			a, b := x[i]-mean, x[i+lag]-mean
			sum += a * b
			head += a * a
			tail += b * b
		}
		return sum, head, tail
	}
	r := make([]float64, n/2+2)
	for lag := range r {
		sum, _, _ := covariance(lag)
		r[lag] = sum / (std * std * float64(n))
	}
	best, at := 3.5867/math.Sqrt(float64(n)), 0 // of 299 lags: Φ(3.5867) = 1 − 0.05/299
	for lag := 2; lag <= n/2; lag++ {
		if r[lag] > r[lag-1] && r[lag] >= r[lag+1] && r[lag] > best {
			best, at = r[lag], lag
		}
	}
	want := cells{"period_s": nil, "periodicity_score": 0., "spectral_dominance": 0.}
	if at > 0 {
		sum, head, tail := covariance(at)
		want["period_s"], want["periodicity_score"] = float64(at), sum/math.Sqrt(head*tail)
		want["spectral_dominance"] = bruteDominance(slices.Clone(x), mean, at)
	}
	var starts []float64
	for i := range x {
		if x[i] > 0 && (i == 0 || x[i-1] == 0) {
			starts = append(starts, float64(i))
		}
	}
	var gaps []float64
	for i := 1; i < len(starts); i++ {
		gaps = append(gaps, starts[i]-starts[i-1])
	}
	mean, std = meanStd(gaps)
	want["regularity"] = orNil(1/(1+std/mean), len(gaps) > 1)
	check(t, fmt.Sprint("periods of ", row["host"]), row, want)
}

func bruteDominance(x []float64, mean float64, period int) float64 {
	n := len(x)
	power, roots := make([]float64, n/2+1), make([]complex128, n)
	for i := range roots {
		roots[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/float64(n))
		x[i] = (x[i] - mean) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n)))
	}
	for k := 1; k < len(power); k++ {
		var sum complex128
		for i := range x {
			sum += complex(x[i], 0) * roots[k*i%n]
		}
		power[k] = real(sum)*real(sum) + imag(sum)*imag(sum)
		if 2*k < n {
			power[k] *= 2
		}
	}
	all, at := 0.0, int(math.Round(float64(n)/float64(period)))
	for _, p := range power {
		all += p
	}
	line := 0.0
	for k := max(1, at-1); k <= min(at+1, n/2); k++ {
		line += power[k]
	}
	return line / all
}
