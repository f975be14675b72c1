package build

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// maxClasses is far above what any labels say: each has room in memory.
const maxClasses = 1 << 16

// LeftOut is why rows are not in a dataset, and how many.
type LeftOut struct {
	Reason string `json:"reason"`
	Rows   int64  `json:"rows"`
}

// Why rows are left out, in the order in which it is asked.
const (
	outWhere = iota
	outUnlabelled
	outLabelled
	outAmbiguous
	outAttempt
	outMap
	outSmall
	outSample
	outs
)

var outReasons = [outs]string{
	"they do not meet the condition", "no source says anything of them", "they are labelled", "they are ambiguous",
	"they are attempts", "the map drops their label", "their class is small", "they are not in the sample",
}

// sieve says of each row whether it stays, and what it is called.
type sieve struct {
	cfg     *Config
	stay    map[string]bool // outcomes
	names   []string        // of classes; the first has none
	classes map[string]int32
	called  map[string]int32 // what labels become, of attempts too: of classes, or drops
	tried   map[string]int32 // the same of attempts
}

// drops is the class of labels that the map drops.
const drops = -1

func newSieve(c *Config) *sieve {
	return &sieve{cfg: c, stay: c.outcomes(), names: []string{""}, classes: map[string]int32{}, called: map[string]int32{}, tried: map[string]int32{}}
}

// class returns the number of a label that rows have in the dataset.
func (s *sieve) class(name string) (int32, error) {
	if n, known := s.classes[name]; known {
		return n, nil
	}
	if len(s.names) == maxClasses {
		return 0, fmt.Errorf("%w labels: more than %d different ones", ErrLimit, maxClasses-1)
	}
	n := int32(len(s.names))
	s.classes[name] = n
	s.names = append(s.names, name)
	return n, nil
}

// rename returns the class of a label as labelling has it.
func (s *sieve) rename(name []byte, attempt bool) (int32, error) {
	memo := s.called
	if attempt {
		memo = s.tried
	}
	if n, known := memo[string(name)]; known {
		return n, nil
	}
	if len(name) > label.MaxLabel {
		return 0, fmt.Errorf("%w bytes in a label: %d, and %d are the most", ErrLimit, len(name), label.MaxLabel)
	}
	own := string(name)
	if attempt && s.cfg.Attempted == AttemptSame {
		own = strings.TrimSuffix(own, attemptedSuffix)
	}
	n := int32(drops)
	if becomes, stays := s.cfg.Map.of(own); stays {
		var err error
		if n, err = s.class(becomes); err != nil {
			return 0, err
		}
	}
	memo[string(name)] = n
	return n, nil
}

// judge returns the class of a row, and why it is left out, outs where it is not.
func (s *sieve) judge(j *joiner, labels *batch.Batch, row int) (class int32, out int, err error) {
	outcome := string(where.WordAt(&labels.Vectors[j.saidAt[0]], row))
	why := outLabelled
	switch outcome {
	case label.Unlabelled.String():
		why = outUnlabelled
	case label.Ambiguous.String():
		why = outAmbiguous
	case label.Labelled.String():
	default:
		return 0, 0, unfit("outcome %s is none of %s", text.Escape(outcome), strings.Join(label.Outcomes(), ", "))
	}
	switch {
	case !s.stay[outcome]:
		return 0, why, nil
	case why == outUnlabelled:
		return s.other(s.cfg.Unlabelled)
	case why == outAmbiguous:
		return s.other(s.cfg.Ambiguous)
	}
	v := &labels.Vectors[j.saidAt[1]]
	if v.Null(row) {
		return 0, 0, unfit("a labelled row has no label")
	}
	name := where.WordAt(v, row)
	attempt := j.attempt(labels, row, name)
	if attempt && s.cfg.Attempted == AttemptDrop {
		return 0, outAttempt, nil
	}
	if class, err = s.rename(name, attempt); err != nil || class == drops {
		return 0, outMap, err
	}
	return class, outs, nil
}

// attempt reports whether a row is an attempt: of messages and windows its label alone says so.
func (j *joiner) attempt(labels *batch.Batch, row int, name []byte) bool {
	if at := j.saidAt[attemptAt]; at >= 0 {
		return !labels.Vectors[at].Null(row)
	}
	return bytes.HasSuffix(name, []byte(attemptedSuffix))
}

// attemptAt is the place of attempt among saidColumns.
var attemptAt = slices.IndexFunc(saidColumns, func(w want) bool { return w.name == "attempt" })

// other returns the class of rows that labelling does not call anything.
func (s *sieve) other(name string) (int32, int, error) {
	if name == "" {
		return 0, outs, nil
	}
	class, err := s.class(name)
	return class, outs, err
}
