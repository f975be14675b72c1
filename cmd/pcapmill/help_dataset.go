package main

// Help implements kong.HelpProvider: what is in a dataset, exit codes, examples.
func (datasetBuildCmd) Help() string {
	return `
Writes data (features and labels, row by row), keys (what each row is about, for splits and
checks, which no model may see), captures, and dataset.json: columns, classes, what was left out
and why. docs/datasets.md has all of it.

Addresses, ports, times, identities, lists, and columns that rules ask for are not in data
unless they are asked for.

Exit codes: 0 the dataset is there, 2 usage, 4 tables or labels that cannot be read or do not
fit, 5 a limit, 6 the output cannot be written.

    pcapmill run monday.pcap -o monday && pcapmill label monday --rules attacks.yaml -o monday-labels
    pcapmill dataset build monday --labels monday-labels -o ds --unlabelled BENIGN
    pcapmill dataset build monday tuesday --labels monday-labels --labels tuesday-labels -o ds --per-class 10000
    pcapmill dataset build monday --labels monday-labels -o ds --columns 'fwd_*,rev_*' --where 'protocol = 6'`
}

// Help implements kong.HelpProvider: policies, exit codes, examples.
func (datasetSplitCmd) Help() string {
	return `
Writes data and keys in folders split=train, split=validation and split=test, split.json (shares
reached, classes, hosts and campaigns of each, what was left out and why), and scalers.json and
encoders.json, which are fitted on training rows alone. docs/datasets.md says what each policy
does not divide.

Exit codes: 0 the splits are there, 2 usage, 4 a dataset that cannot be read, 5 a limit, 6 the
output cannot be written. A class that a split lacks is a warning.

    pcapmill dataset split ds -o ds-time --embargo 10m
    pcapmill dataset split ds -o ds-hosts --by host --shares 60,20,20 --stratify
    pcapmill dataset split ds -o ds-open --by campaign --open-world 2 --scale standard
    pcapmill dataset split ds -o ds-day --boundaries 2017-07-06T00:00:00Z,2017-07-07T00:00:00Z`
}
