package folder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"pcapmill/outputs/text"
)

// ErrInput marks an output folder that has in it what the output is made from.
var ErrInput = errors.New("is read, and cannot be in the folder that is written")

// spare is ErrInput where a folder is, or has in it, one of the paths that are read: its files
// would be gone before they are read.
func spare(dir string, reads []string) error {
	out, err := os.Stat(dir)
	if err != nil {
		return nil // there is nothing to lose, or opening it says what is wrong
	}
	for _, path := range reads {
		if path == "" {
			continue
		}
		whole, err := filepath.Abs(path)
		if err == nil {
			whole, err = filepath.EvalSymlinks(whole)
		}
		if err != nil {
			continue // reading it says what is wrong
		}
		for at := whole; ; at = filepath.Dir(at) {
			if info, err := os.Stat(at); err == nil && os.SameFile(info, out) {
				return fmt.Errorf("%s %w: name another folder than %s", text.Escape(path), ErrInput, text.Escape(dir))
			}
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	return nil
}
