package rules

import (
	"fmt"
	"slices"

	"pcapmill/outputs/text"
)

// LoadAll reads the rules of files, and those that come with pcapmill where they are asked
// for or no file is named.
func LoadAll(files []string, shipped bool) ([]*Rule, error) {
	var all []*Rule
	if len(files) == 0 || shipped {
		ours, err := Shipped()
		if err != nil {
			return nil, err
		}
		all = ours
	}
	for _, file := range files {
		some, err := Load(file)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Choose returns the rules of some names, or all where none is named, without those of
// others. A name that no rule has is an error.
func Choose(all []*Rule, only, without []string) ([]*Rule, error) {
	known := make([]string, len(all))
	for i, r := range all {
		known[i] = r.ID
	}
	for _, id := range slices.Concat(only, without) {
		if !slices.Contains(known, id) {
			return nil, fmt.Errorf("no rule is called %s%s", text.Escape(id), text.Suggest(id, known))
		}
	}
	var some []*Rule
	for _, r := range all {
		if (len(only) == 0 || slices.Contains(only, r.ID)) && !slices.Contains(without, r.ID) {
			some = append(some, r)
		}
	}
	return some, nil
}
