// Package datasets will hold what turns tables into datasets: labels, joins,
// splits, leakage checks and dataset cards.
package datasets
