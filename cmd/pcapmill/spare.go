package main

import (
	"os"
	"path/filepath"
	"strings"

	"pcapmill/datasets/build"
	"pcapmill/datasets/split"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
)

// isRead reports whether a file that is to be written would take the place of what is read: of one
// of these paths, or of a part of a table or a record of a folder that they are, or lie in. Other
// files there, such as the report of yesterday, are not read.
func isRead(file string, reads []string) bool {
	out, err := os.Stat(file)
	if err != nil {
		return false // it is not there, or writing says what is wrong
	}
	places := placesAbove(filepath.Dir(file))
	for _, read := range reads {
		in, err := os.Stat(read)
		switch {
		case read == "" || err != nil: // reading it says what is wrong
		case os.SameFile(in, out):
			return true
		case partOfFolder(filepath.Base(file)) && (holds(places, in) || sameDataset(places, read)):
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

// placesAbove returns a folder and those around it, the innermost first.
func placesAbove(dir string) (places []string) {
	at, err := filepath.Abs(dir)
	if err == nil {
		at, err = filepath.EvalSymlinks(at)
	}
	if err != nil {
		return nil
	}
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		places = append(places, at)
	}
	return places
}

func holds(places []string, dir os.FileInfo) bool {
	for _, place := range places {
		if info, err := os.Stat(place); err == nil && os.SameFile(info, dir) {
			return true
		}
	}
	return false
}

// sameDataset reports whether a path lies in the dataset that these places are of.
func sameDataset(places []string, path string) bool {
	a, b := datasetOf(places), datasetOf(placesAbove(path))
	return a != "" && a == b
}

func datasetOf(places []string) string {
	for _, place := range places {
		if _, err := os.Stat(filepath.Join(place, manifest.Name)); err == nil {
			return place
		}
	}
	return ""
}
