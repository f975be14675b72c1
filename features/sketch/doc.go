// Package sketch has summaries of many values that merge: what windows of hosts keep
// while packets pass, and what baselines keep of windows.
//
//	Moments    count, sum, sum of squares      exact, in fixed point
//	Histogram  bins with fixed edges           quantiles and distances with a bound
//	Distinct   number of different values      exact to 1,024, then HyperLogLog
//	TopK       counts of keys                  exact to a cap, then a sample of keys
//
// # Canonical
//
// The state of each is a function of the values that it was given: their order, and how
// they were cut into parts and merged again, never shows, not in one byte of AppendBinary.
// So there is no float sum in any state, no collapsing of bins as data come, no sampling
// by chance, and no form that depends on history.
//
// # Encoding
//
// AppendBinary writes a byte with the kind (upper half) and version (lower half), a byte
// with the parameter, and a body of varints, each described at its method. Decode accepts
// what AppendBinary writes and nothing else: numbers longer than they need be, bins out of
// order, sums that no values can have are ErrCorrupt, so that equal states are equal bytes
// also from a stranger's file. It allocates nothing for a claim that the bytes do not bear
// out, and what it accepts can be merged without wrapping. Bytes end by themselves: what
// follows is returned.
//
// # Histograms and their distances
//
// Bins are cut by the bits of a float64, not by its logarithm: 2^Precision equal parts of
// each octave. This takes 1.44 times the bins of a logarithmic mapping for the same
// bound, and gives edges that are exact numbers on every platform, that nest from one
// precision to the next, and that a distance's bound can be worked out from. What quantiles,
// PSI, JensenShannon, KS, Wasserstein and Std return is Bounded: the values behind the
// bins, wherever they lie in them, have theirs between Low and High.
//
// How wide that is follows from the bins. Of 200 lognormal values (σ = 1) against 200 that are
// larger by a factor of e, Value was off from the exact distance by, and Bounded.Error was,
// in the mean of 30 pairs:
//
//	            KS             W1/Std         PSI, 10 groups  JensenShannon
//	Coarse      0.012, 0.07    0.028, 0.59    0.04, 2.2       0.008, 0.28
//	Fine        0.002, 0.009   0.004, 0.06    0.025, 0.14     0.004, 0.027
//	Highest     0.001, 0.002   0.001, 0.016   0.006, 0.026    0.001, 0.005
//
// Coarse bins suit a host's baseline, where a value is judged against quantiles; what is
// compared by distances, as populations are, should be Fine, at one or two bytes for each bin
// that is not empty.
//
// # Why not a library
//
// axiomhq/hyperloglog v0.3.0 says of its encoding that it is not canonical: when a sketch
// leaves its sparse form depends on the order of insertions, and its estimate of few
// values is none that is exact. DataDog/sketches-go v1.4.8 keeps counts as float64, and a
// store that is bounded by collapsing bins has another content in another order; a decoder
// of a store without bound allocates for the index that is claimed. t-digest, KLL and
// Space-Saving depend on the order of merges by their nature.
//
// # What an attacker can do
//
// Hash is public and has no key, as summaries of different sensors and years must merge.
// Whoever chooses the values that are counted, such as names that are asked for or IPv6
// addresses that are contacted, can therefore:
//
//   - of a Distinct up to MaxExact: nothing. Two values with one hash cost 2^32 trials, and
//     each further one for a given hash 2^64. (Of hashes by HashInt, which is inverted
//     at once, there are no such values, as it is a bijection.)
//   - of a Distinct beyond: hold Count down at 1,025 by values that all fall into registers
//     that are filled, for 2^12 trials a value and fewer; or drive it up to 2^63 with a few
//     thousand values of hashes with many zeros, where 2^k trials a register make it 2^k
//     times too large. Known of every HyperLogLog without a secret (Paterson and
//     Raynal, HyperLogLog: Exponentially Bad in Adversarial Settings, 2021). Exact says
//     that a count is beyond this border, which no values can hide.
//   - of a TopK beyond its cap: decide which keys are the sample, for 2^k trials a key whose
//     hash is below 2^(64-k), and so push others out and make Keys too large. Total,
//     Others and each count that is there stay exact.
//   - make any of them slow or large: no. Sets are arrays with bisection, where the order of
//     values matters by a factor alone; TopK's map is Go's, whose buckets are keyed.
package sketch
