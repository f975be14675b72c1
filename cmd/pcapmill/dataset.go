package main

// datasetCmd are the commands about datasets.
type datasetCmd struct {
	Export  datasetExportCmd  `cmd:"" help:"Make a package of a dataset, with all that others must know of it."`
	Card    datasetCardCmd    `cmd:"" help:"Write the card of a dataset."`
	Rebuild datasetRebuildCmd `cmd:"" help:"Make a package again from its captures, and compare."`
}
