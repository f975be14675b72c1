// Package model will hold what is learned from tables: fingerprints, baselines,
// drift and anomalies. It reads and writes tables only, never packets.
package model
