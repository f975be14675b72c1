//go:build !unix

package publish

import (
	"io/fs"
	"os"
)

// chmodDir does nothing: access is inherited from the parent folder there.
func chmodDir(*os.File) error { return nil }

// syncDir does nothing: folders cannot be synced there.
func syncDir(*os.File) error { return nil }

// ownerProblem finds none: access lists decide there, not a user number.
func ownerProblem(fs.FileInfo) string { return "" }
