// Package buildtest writes small runs and labels for tests of datasets.
package buildtest
