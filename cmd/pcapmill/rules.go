package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"pcapmill/cmd/job"
	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/model/rules"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// rulesCmd are the commands about rules.
type rulesCmd struct {
	Run   rulesRunCmd   `cmd:"" help:"Apply rules to datasets and tables."`
	List  rulesListCmd  `cmd:"" help:"List rules: those that come with pcapmill, or those of files."`
	Check rulesCheckCmd `cmd:"" help:"Check files of rules against the tables that there can be."`
}

// loadRules reads files, or the shipped rules where none is named or they are asked for too.
func loadRules(files []string, shipped bool) ([]*rules.Rule, error) {
	var all []*rules.Rule
	if len(files) == 0 || shipped {
		ours, err := rules.Shipped()
		if err != nil {
			return nil, err
		}
		all = ours
	}
	for _, file := range files {
		some, err := rules.Load(file)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// unruled is the error of a command about rules.
func unruled(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return stopped(ctx)
	case errors.Is(err, rules.ErrRule), errors.Is(err, rules.ErrConfig):
		return coded{job.ExitUsage, err}
	case errors.Is(err, tables.ErrTable), errors.Is(err, baseline.ErrCorrupt):
		return coded{job.ExitRejected, err}
	}
	return err
}

// chosenRules returns the rules that are asked for.
func chosenRules(all []*rules.Rule, only, without []string) ([]*rules.Rule, error) {
	known := make([]string, len(all))
	for i, r := range all {
		known[i] = r.ID
	}
	for _, id := range slices.Concat(only, without) {
		if !slices.Contains(known, id) {
			return nil, fmt.Errorf("no rule is called %s%s", text.Escape(id), text.Suggest(id, known))
		}
	}
	var some []*rules.Rule
	for _, r := range all {
		if (len(only) == 0 || slices.Contains(only, r.ID)) && !slices.Contains(without, r.ID) {
			some = append(some, r)
		}
	}
	return some, nil
}

// allTables returns the tables that there can be, with all their columns.
func allTables() ([]*column.Schema, error) {
	var all []*column.Schema
	for _, name := range tableNames() {
		schema, _, err := described(name)
		if err != nil {
			return nil, err
		}
		all = append(all, schema)
	}
	return all, nil
}
