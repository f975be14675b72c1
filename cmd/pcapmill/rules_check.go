package main

import (
	"fmt"

	"pcapmill/cmd/job"
	"pcapmill/model/rules"
	"pcapmill/outputs/text"
)

// rulesCheckCmd are the arguments of rules check.
type rulesCheckCmd struct {
	Files []string `arg:"" help:"Files of rules, which would be used together."`
}

// Run implements the command.
func (c *rulesCheckCmd) Run(s streams) error {
	schemas, err := allTables()
	if err != nil {
		return err
	}
	var all []*rules.Rule
	var wrong []error
	for _, file := range c.Files {
		some, err := rules.Load(file)
		if err != nil {
			wrong = append(wrong, err)
		}
		all = append(all, some...)
	}
	wrong = append(wrong, rules.Check(all, schemas)...)
	for _, err := range wrong {
		if _, err := fmt.Fprintln(verdict{s.out}, visible(err)); err != nil {
			return written(err)
		}
	}
	if len(wrong) > 0 {
		return coded{code: job.ExitUsage}
	}
	_, err = fmt.Fprintf(s.out, "ok: %s\n", text.Plural(int64(len(all)), "rule"))
	return written(err)
}
