// Package model is about what is learned from tables: package fingerprint says how a host
// behaves, package baseline keeps what is normal; drift and anomalies follow. It reads and
// writes tables and files of its own, never packets.
package model
