package main

import (
	"context"
	"errors"

	"pcapmill/cmd/job"
	"pcapmill/features/column"
	"pcapmill/model/baseline"
	"pcapmill/model/rules"
	"pcapmill/outputs/tables"
)

// rulesCmd are the commands about rules.
type rulesCmd struct {
	Run   rulesRunCmd   `cmd:"" help:"Apply rules to datasets and tables."`
	List  rulesListCmd  `cmd:"" help:"List rules: those that come with pcapmill, or those of files."`
	Check rulesCheckCmd `cmd:"" help:"Check files of rules against the tables that there can be."`
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
