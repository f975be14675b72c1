// Package model is about what is learned from tables: package baseline keeps what is
// normal; fingerprints, drift and anomalies follow. It reads and writes tables and files
// of its own, never packets.
package model
