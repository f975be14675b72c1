package main

import (
	"context"
	"errors"
)

// verifyCmd are the arguments of verify.
type verifyCmd struct {
	Dir string `arg:"" name:"dir" help:"Folder that run wrote."`
}

// Run implements the command.
func (c *verifyCmd) Run(ctx context.Context, s streams) error {
	return errors.New("not there yet")
}
