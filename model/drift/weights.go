package drift

// Weight is what a feature counts in the drift index.
type Weight struct {
	Feature
	Weight float64
}

// Weights of the features of an index, columns of the hosts table.
type Weights []Weight

func (w Weights) of(name string) float64 {
	for _, x := range w {
		if x.Name == name {
			return x.Weight
		}
	}
	return 0
}

// step of a feature, 0 where it has none of its own.
func (w Weights) step(name string) float64 {
	for _, x := range w {
		if x.Name == name {
			return x.Step
		}
	}
	return 0
}

// groups of the index and what each counts. Groups of shape say how a host behaves
// whatever it does much of; amounts follow the user's day, and count half.
var groups = []struct {
	name     string
	weight   float64
	features []Feature
}{
	{"timing", 2, []Feature{
		{Name: "gap_mean_ns"},
		{Name: "gap_std_ns"},
		{Name: "gap_cv"},
	}},
	{"burst", 2, []Feature{{Name: "burst_score"}}},
	{"periodicity", 2, []Feature{
		{Name: "periodicity_score", Step: 0.05},
		{Name: "regularity", Step: 0.05},
	}},
	{"dns", 2, []Feature{
		{Name: "dns_name_entropy_bits", Step: 0.1},
		{Name: "nxdomain_ratio", Step: 0.02},
		{Name: "dns_names"},
	}},
	{"direction", 2, []Feature{
		{Name: "outbound_ratio", Step: 0.05},
		{Name: "byte_asymmetry", Step: 0.05},
	}},
	{"peers", 2, []Feature{
		{Name: "fan_out"},
		{Name: "out_ports"},
		{Name: "failed_out_flows"},
	}},
	{"volume", 1, []Feature{
		{Name: "packets_per_s"},
		{Name: "wire_bytes_per_s"},
		{Name: "out_flows"},
	}},
	{"tls", 1, []Feature{
		{Name: "tls_hellos"},
		{Name: "ja4_prints"},
	}},
}

// DefaultWeights are those of docs/drift.md: a group's weight is divided equally among
// its features, so that five views of one thing do not count five times.
func DefaultWeights() Weights {
	var all Weights
	for _, g := range groups {
		for _, f := range g.features {
			f.Group = g.name
			all = append(all, Weight{f, g.weight / float64(len(g.features))})
		}
	}
	return all
}
