package main

// Help implements kong.HelpProvider: what a package has, exit codes, examples.
func (datasetExportCmd) Help() string {
	return `
A package is what others get: data as Parquet, by splits; README.md, a card that people and
the Hugging Face Hub read; croissant.json (Croissant 1.1 and RAI) for catalogues; CITATION.cff;
report.html with statistics and plots; columns.md and dictionary.json; SHA256SUMS; recipe.json, with
which the package is made again. What neither manifests nor --meta say is named as missing.

Exit codes: 0 made, 2 usage or a wrong --meta, 4 no dataset, or a table that cannot be read, 5 a
label of too many values for --check, 6 the package cannot be written.

    pcapmill dataset export split -o package --meta meta.yaml
    pcapmill dataset export split -o package --license CC-BY-4.0 --csv --no-keys`
}

// Help implements kong.HelpProvider: exit codes, examples.
func (datasetCardCmd) Help() string {
	return `
Exit codes: 0 written, 2 usage or a wrong --meta, 4 no dataset, or a table that cannot be read, 5 a label
of too many values for --check, 6 the card cannot be written.

    pcapmill dataset card dataset
    pcapmill dataset card dataset --meta meta.yaml -o README.md`
}

// Help implements kong.HelpProvider: how it works, exit codes, examples.
func (datasetRebuildCmd) Help() string {
	return `
Does every step of recipe.json again, from the captures on, in a folder beside DIR that is
removed in the end, and compares what comes of it with the recipe and with SHA256SUMS.

Exit codes: 0 the same bytes, 2 usage, 4 a card or recipe that cannot be used, or files that were
not found (listed with their hashes), 6 the package cannot be written, 7 other bytes: the first
difference is named with its step.

    pcapmill dataset rebuild package/README.md --from /captures --from rules -o again`
}
