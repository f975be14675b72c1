package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"pcapmill/cmd/job"
	"pcapmill/cmd/watch"
	"pcapmill/cmd/watch/forward"
	"pcapmill/outputs/text"
)

// liveForwardCmd are the arguments of live forward.
type liveForwardCmd struct {
	Out        string `arg:"" help:"The folder of live analyse, whose alerts.jsonl is followed."`
	Syslog     string `required:"" placeholder:"SERVER" help:"udp://HOST:514, tcp://HOST:601 or unix:/dev/log."`
	Format     string `enum:"rfc5424" default:"rfc5424" help:"Format of messages: ${enum}."`
	State      string `placeholder:"FILE" help:"What is delivered; by default forward.json in the working folder."`
	Facility   int    `default:"${forward_facility}" placeholder:"N" help:"Syslog facility, 0 to 23; by default ${default}, local0."`
	Enterprise int    `default:"${forward_enterprise}" placeholder:"N" help:"Private enterprise number of the structured data; by default ${default}, that of examples."`
	MostBytes  int    `name:"message-bytes" default:"${forward_bytes}" placeholder:"N" help:"Messages are cut to so many bytes; by default ${default}."`
	Hostname   string `placeholder:"NAME" help:"Name of this host in messages; by default the system's."`
	Once       bool   `help:"End when all that is there is delivered."`
}

// Run implements the command.
func (c *liveForwardCmd) Run(ctx context.Context, s streams) error {
	config, err := c.config()
	if err != nil {
		return coded{job.ExitUsage, err}
	}
	say := func(line string) { fmt.Fprintln(s.err, line) }
	f, err := forward.New(config, say)
	switch {
	case errors.Is(err, forward.ErrConfig):
		return coded{job.ExitUsage, err}
	case err != nil:
		return coded{job.ExitRejected, err}
	}
	run := f.Run
	if c.Once {
		run = f.Drain
	}
	err = run(ctx)
	n := f.Counts()
	say(fmt.Sprintf("%s delivered to %s, %d of them twice at most, %s left out, %d cut, %s broke",
		text.Plural(n.Delivered, "alert"), text.Escape(c.Syslog), n.Again, text.Plural(n.LeftOut, "line"), n.Cut, text.Plural(n.Failures, "connection")))
	switch {
	case err == nil, ctx.Err() != nil: // a signal is how it ends
		return nil
	case errors.Is(err, forward.ErrUnsaved):
		return coded{job.ExitOutput, err}
	}
	return coded{job.ExitRejected, err}
}

func (c *liveForwardCmd) config() (forward.Config, error) {
	config := forward.DefaultConfig()
	var err error
	if config.Target, err = forward.ParseTarget(c.Syslog); err != nil {
		return config, err
	}
	config.Alerts, config.Position = filepath.Join(c.Out, watch.AlertsName), c.State
	if c.State == "" {
		config.Position = "forward.json"
	}
	m := &config.Message
	m.Facility, m.Enterprise, m.Most, m.Host = c.Facility, c.Enterprise, c.MostBytes, c.Hostname
	if m.Host == "" {
		m.Host, _ = os.Hostname() //nolint:errcheck // "-" then
	}
	return config, config.Validate()
}
