package main

// datasetCmd are the commands about datasets.
type datasetCmd struct {
	Build   datasetBuildCmd   `cmd:"" help:"Join tables with their labels into a dataset."`
	Split   datasetSplitCmd   `cmd:"" help:"Divide a dataset into training, validation and test."`
	Check   datasetCheckCmd   `cmd:"" help:"Look for leakage in a split dataset."`
	Export  datasetExportCmd  `cmd:"" help:"Make a package of a dataset, with all that others must know of it."`
	Card    datasetCardCmd    `cmd:"" help:"Write the card of a dataset."`
	Rebuild datasetRebuildCmd `cmd:"" help:"Make a package again from its captures, and compare."`
}
