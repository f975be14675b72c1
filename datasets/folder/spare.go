package folder

import (
	"errors"
	"fmt"
	"os"

	"pcapmill/outputs/publish"
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
		if path != "" && publish.Within(path, out) { // of what is not there, reading says what is wrong
			return fmt.Errorf("%s %w: name another folder than %s", text.Escape(path), ErrInput, text.Escape(dir))
		}
	}
	return nil
}
