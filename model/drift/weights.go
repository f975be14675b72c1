package drift

// Weight is what a feature counts in the drift index.
type Weight struct {
	Feature
	Weight float64
}

// Weights of the features of an index.
type Weights []Weight

func (w Weights) of(name string) float64 {
	for _, x := range w {
		if x.Name == name {
			return x.Weight
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
		{Name: "ipi_mean_ns", Step: 1e6, Log: true},
		{Name: "ipi_std_ns", Step: 1e6, Log: true},
		{Name: "ipi_cv", Step: 0.05, Log: true},
	}},
	{"burst", 2, []Feature{{Name: "burst_ratio", Step: 0.25, Log: true}}},
	{"periodicity", 2, []Feature{
		{Name: "periodicity_score", Step: 0.05},
		{Name: "periodicity_regularity", Step: 0.05},
	}},
	{"dns", 2, []Feature{
		{Name: "dns_name_entropy_bits", Step: 0.1},
		{Name: "dns_nxdomain_ratio", Step: 0.02},
		{Name: "dns_unique_names", Step: 1, Log: true},
	}},
	{"direction", 2, []Feature{
		{Name: "outbound_ratio", Step: 0.05},
		{Name: "byte_asymmetry", Step: 0.05},
	}},
	{"peers", 2, []Feature{
		{Name: "unique_destinations", Step: 1, Log: true},
		{Name: "unique_destination_ports", Step: 1, Log: true},
		{Name: "failed_connection_ratio", Step: 0.02},
	}},
	{"volume", 1, []Feature{
		{Name: "packets", Step: 1, Log: true},
		{Name: "wire_bytes", Step: 64, Log: true},
		{Name: "flows", Step: 1, Log: true},
	}},
	{"tls", 1, []Feature{
		{Name: "tls_connections", Step: 1, Log: true},
		{Name: "tls_fingerprints", Step: 1, Log: true},
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
