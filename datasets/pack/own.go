package pack

import (
	"pcapmill/datasets/build"
	"pcapmill/datasets/folder"
)

// Kinds of folders.
const (
	datasetKind = build.Kind
	packageKind = Kind
)

// Kind is the kind of a package's folder.
const Kind = "package"

// own reads what the dataset's own report says of columns that were left out.
func (f *Facts) own(o *folder.Opened) error {
	return nil
}
