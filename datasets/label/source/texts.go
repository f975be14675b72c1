package source

import (
	"fmt"
	"strings"
)

const (
	maxText  = 4096      // bytes of one text
	maxTexts = 512 << 20 // bytes of all texts that differ
)

// texts keeps one copy of each text: the signatures of a million alerts are a few hundred.
type texts struct {
	known map[string]string
	bytes int64
	limit int64 // of bytes
}

func newTexts() *texts { return &texts{known: map[string]string{}, limit: maxTexts} }

// keep replaces texts by copies that are valid UTF-8 and hold on to no line. The errors are of
// one that is too long, and ErrLimit.
func (t *texts) keep(all ...*string) error {
	for _, s := range all {
		kept, err := t.one(*s)
		if err != nil {
			return err
		}
		*s = kept
	}
	return nil
}

func (t *texts) one(s string) (string, error) {
	if kept, ok := t.known[s]; ok {
		return kept, nil
	}
	switch {
	case len(s) > maxText:
		return "", fmt.Errorf("a text of %d bytes, and %d are the most", len(s), maxText)
	case t.bytes+int64(len(s)) > t.limit:
		return "", fmt.Errorf("%w: more than %d bytes of different texts", ErrLimit, t.limit)
	}
	t.bytes += int64(len(s))
	key := strings.Clone(s)
	kept := strings.ToValidUTF8(key, "\uFFFD")
	t.known[key] = kept
	return kept, nil
}
