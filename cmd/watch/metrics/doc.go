// Package metrics shows what live mode counts to Prometheus, and pprof, over HTTP on a
// loopback address. docs/live-results.md lists the metrics.
//
// A Store is changed by the analysis and read by requests, under a lock that neither holds for
// longer than copying it takes. No request can stall the analysis: they are read-only, bounded
// in size, time and number, and have no access to anything but the Store.
package metrics
