package main

// datasetCmd are the commands about datasets.
type datasetCmd struct {
	Check datasetCheckCmd `cmd:"" help:"Look for leakage in a split dataset."`
}
