// Package drifts judges tables against a baseline, and names the forms that a report can be
// written in: what the commands drift and nightly share.
package drifts
