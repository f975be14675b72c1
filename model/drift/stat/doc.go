// Package stat tells whether two samples of windows differ by more than chance, and by
// how much. It works on numbers and counts alone; what they mean is package drift's.
//
// # Two sides
//
// Every test compares a baseline with a current side. Statistics with a sign are
// positive where current is above. P-values are two-sided, or of the upper tail where
// the statistic is a distance. Where there is too little to tell, the second result is
// false; values up to 1e100 give neither NaN nor Inf.
//
// # Dependence
//
// Windows of one host resemble one another, and so do windows that follow one another.
// A test that takes them for independent finds drift in chance. So what is drawn at
// random is never a window but a unit that is moved between the sides as a whole:
//
//	SwapCounts  a host, with all its windows. Right where hosts are independent of one
//	            another, whatever the windows of a host have to do with each other.
//	ByWindow    a block of consecutive windows (hours, in package drift) of all hosts.
//	            Right where blocks are independent, whatever the hosts of a window have
//	            to do with each other.
//	ByHours     all current hours together, one more of what the baseline's hours vary by.
//
// How long blocks must be is estimated from all series of a kind together (Memories), since
// a single one of a few days hardly knows.
//
// The largest p-value of the ways that apply is valid as long as one of them is right.
//
// Statistics of means are studentised, so that the permutation test also holds, to first
// order, where the sides differ in spread (Janssen 1997; Chung and Romano, Annals of
// Statistics 41, 2013). Draws stop early where a p-value will be large (Besag and
// Clifford, Biometrika 78, 1991), which leaves the p-value valid and costs some hundred
// draws for a feature that did not change.
//
// # Distances
//
// PSI has no law of its own: its size under no change depends on the bins, on the number
// of values and on how much windows vary. SwapCounts judges it against what the hosts' own
// windows, dealt at random, differ by.
package stat
