package watch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/publish"
)

// stateVersion is that of the state file. Another version's is begun anew.
const stateVersion = 1

// mostState bounds the file: mostCommits have some 2 KB each.
const mostState = 64 << 20

// state is what the file has.
type state struct {
	Version int     `json:"version"`
	Last    int64   `json:"last"`
	AtEnd   bool    `json:"last_at_end,omitempty"`
	Decided int64   `json:"decided"`
	Commits []*kept `json:"commits"`
}

// save replaces the state file. Its place is in time behind the alerts of these commits.
func (w *Watch) save() error {
	_, err := publish.Replace(filepath.Join(w.config.Out, stateName), func(to io.Writer) error {
		return json.NewEncoder(to).Encode(state{stateVersion, w.last.Number, w.last.AtEnd, w.decided, w.commits})
	}, nil)
	return err
}

// load reads the state file. What is wrong with it is ErrState, and nothing is known then.
func (w *Watch) load() error {
	f, err := os.Open(filepath.Join(w.config.Out, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		w.fresh = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, mostState+1))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrState, stateName, err)
	}
	s, err := parseState(data)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrState, stateName, err)
	}
	w.last, w.decided, w.commits = livefolder.Mark{Number: s.Last, AtEnd: s.AtEnd}, s.Decided, s.Commits
	if n := len(w.commits); n > 0 {
		w.judged = w.commits[n-1].Judged
	}
	return nil
}

// parseState reads a state that any program may have written.
func parseState(data []byte) (*state, error) {
	s := &state{}
	switch err := json.Unmarshal(data, s); {
	case len(data) > mostState:
		return nil, fmt.Errorf("more than %d bytes", mostState)
	case err != nil:
		return nil, err
	case s.Version != stateVersion:
		return nil, fmt.Errorf("version %d, and %d is known", s.Version, stateVersion)
	case len(s.Commits) > mostCommits:
		return nil, fmt.Errorf("%d segments", len(s.Commits))
	}
	for i, k := range s.Commits {
		if k == nil || !k.valid() || k.Segment > s.Last || i > 0 && k.Segment < s.Commits[i-1].Segment {
			return nil, fmt.Errorf("segment %d in it is none", i)
		}
		for _, f := range k.Windows {
			if f.Length <= 0 {
				return nil, fmt.Errorf("segment %d has a window of %d ns", k.Segment, f.Length)
			}
		}
	}
	return s, nil
}
