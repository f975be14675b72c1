// Package drifts judges tables by a baseline file, for the commands that do: drift, which
// judges datasets, and live, which judges each window when it is over.
package drifts
