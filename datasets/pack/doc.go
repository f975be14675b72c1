// Package pack says of a dataset what others must know before they trust it, in the forms that
// people, catalogues and machines read:
//
//	dataset (data, keys, manifests of all steps) ─► Look ─► Survey ─┐
//	meta.yaml (who, what for, under which licence) ─► ReadMeta ─────┼─► Facts ─┬─► Card       README.md, Hugging Face front matter
//	manifests ─► History, Recipe ───────────────────────────────────┘          ├─► Croissant  croissant.json, Croissant 1.1 and RAI 1.0
//	                                                                           ├─► Citation   CITATION.cff 1.2.0
//	                                                                           ├─► Report     report.html, with plots
//	                                                                           ├─► Columns, Dictionary
//	                                                                           └─► Sums       SHA256SUMS
//
// Nothing is made up: what neither the manifests nor meta.yaml say is named as missing. Nothing
// hangs on the day on which it is done: dates are those of packets, or come from meta.yaml.
//
// # Strangers' words
//
// Labels, paths and descriptions come from others. Where people read them they pass text.Escape,
// and what Markdown, HTML or YAML would make of them is taken away; in JSON, whatever would be
// escaped is written as \uXXXX.
//
// # Recipe
//
// recipe.json says every step from the captures on: the flags of the command, what it read, by
// hash, and the hash of each table that came of it. The card names its SHA-256. Paths of folders
// are not in it, as they are not the same elsewhere; names of captures and of files of labels
// are, since rules and tables can name them.
//
// Sources: Croissant 1.1 and Croissant RAI 1.0 (MLCommons), the Hugging Face dataset card, Citation
// File Format 1.2.0.
package pack
