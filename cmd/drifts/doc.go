// Package drifts judges tables against a baseline file, and names the forms that a report can
// be written in: what the commands drift and nightly, which judge datasets, share with live,
// which judges each window when it is over.
package drifts
