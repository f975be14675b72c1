package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/datasets/build"
	"pcapmill/datasets/split"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
)

// isRead reports whether a file that is to be written would take the place of what is read: of one
// of these paths, or of a part of a table or a record of a folder that they are, or lie in. Other
// files there, such as the report of yesterday, are not read.
func isRead(file string, reads []string) bool {
	out, err := os.Stat(file)
	if err != nil {
		return false // it is not there, or writing says what is wrong
	}
	folder := filepath.Dir(file)
	for _, read := range reads {
		in, err := os.Stat(read)
		switch {
		case read == "" || err != nil: // reading it says what is wrong
		case os.SameFile(in, out):
			return true
		case (partOfFolder(filepath.Base(file)) || isListed(out, folder)) && (publish.Within(folder, in) || sameDataset(folder, read)):
			return true
		}
	}
	return false
}

// partOfFolder reports whether a file in a folder of ours that has this name is a part of it.
func partOfFolder(name string) bool {
	switch name {
	case manifest.Name, manifest.ExecutionName, livefolder.LedgerName, build.Report, split.Report, split.Scalers, split.Encoders:
		return true
	}
	return strings.HasPrefix(name, "step-") || filepath.Ext(name) == ".parquet"
}

// isListed reports whether the manifest of the dataset that a folder is, or lies in, lists a file, as
// that of a package does its card.
func isListed(file os.FileInfo, folder string) bool {
	dataset := datasetOf(folder)
	if dataset == "" {
		return false
	}
	f, err := os.Open(filepath.Join(dataset, manifest.Name))
	if err != nil {
		return false // what reads it says what is wrong
	}
	defer f.Close() //nolint:errcheck // only read
	_, outline, err := manifest.ReadAny(f)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(outline.Files, func(name string) bool {
		info, err := os.Lstat(filepath.Join(dataset, filepath.FromSlash(name)))
		return err == nil && os.SameFile(info, file)
	})
}

// sameDataset reports whether two paths lie in one dataset.
func sameDataset(one, other string) bool {
	a, b := datasetOf(one), datasetOf(other)
	return a != "" && a == b
}

func datasetOf(path string) string {
	places := publish.Above(path)
	for _, place := range places[:max(0, len(places)-1)] { // the root is none
		if _, err := os.Stat(filepath.Join(place, manifest.Name)); err == nil {
			return place
		}
	}
	return ""
}
