package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"pcapmill/cmd/job"
)

func main() {
	keepNoStacks()
	os.Exit(execute(os.Args, streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are the standard streams of one execution.
type streams struct {
	in  io.Reader
	out io.Writer
	err *os.File
}

// cli is the command line. Commands appear in the order of help.
type cli struct {
	Run         runCmd         `cmd:"" help:"Turn captures into tables."`
	Live        liveCmd        `cmd:"" help:"Capture from an interface, and make tables while it goes on."`
	Plan        planCmd        `cmd:"" help:"Say what a run may take of memory, and how many flows fit."`
	Show        showCmd        `cmd:"" help:"Look into a table."`
	Fingerprint fingerprintCmd `cmd:"" help:"Say how hosts behave, in numbers and classes."`
	Compare     compareCmd     `cmd:"" help:"Say how alike two hosts are, or a host at two times."`
	Inspect     inspectCmd     `cmd:"" help:"Look at one host's fingerprint, or at a feature over time."`
	Baseline    baselineCmd    `cmd:"" help:"Learn what is normal of hosts, and keep it in a file."`
	Drift       driftCmd       `cmd:"" help:"Say what changed against a baseline, how much, and how sure it is."`
	Rules       rulesCmd       `cmd:"" help:"Apply rules to tables, and say where they hold."`
	Label       labelCmd       `cmd:"" help:"Say what flows are called, by rules, alerts and tables that others labelled."`
	Dataset     datasetCmd     `cmd:"" help:"Make datasets of tables and labels, that others can trust."`
	Nightly     nightlyCmd     `cmd:"" help:"Work through new captures while nobody watches: tables, drift, reports, retention."`
	Interfaces  interfacesCmd  `cmd:"" help:"List what can be captured from, and why not."`
	Schema      schemaCmd      `cmd:"" help:"Say what each column of a table means."`
	Features    featuresCmd    `cmd:"" help:"List the feature groups of run's --features."`
	Verify      verifyCmd      `cmd:"" help:"Check a dataset against its manifest."`
	Version     versionCmd     `cmd:"" help:"Print version and build."`
	Completion  completionCmd  `cmd:"" help:"Print a shell's completion script."`
}

// exited is how kong's own exits (--help) leave its parser.
type exited int

// execute runs one command line and returns the exit code.
func execute(args []string, s streams) (code int) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exited:
			code = int(p)
		default:
			panic(p)
		}
	}()
	signal.Ignore(syscall.SIGPIPE) // of help, too; a broken pipe is an error of Write
	defer allowGarbage(usualRoom)()
	parser, err := newParser(grammarOf(args[1:]), s)
	if err != nil {
		return failed(s, err)
	}
	parsed, err := parser.Parse(args[1:])
	if err != nil {
		return misused(s, err)
	}
	if err := outNamed(parsed); err != nil {
		return failed(s, err)
	}
	hung := hangupsOf(parsed)
	ctx, stop := signalContext(hung, endsOnceOf(parsed))
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(s, command(args), hung)
	return failed(s, parsed.Run())
}

// command is the command line as it was typed.
type command []string

// grammarOf returns as much of the command line's grammar as args need: run, whose start matters
// where captures are small and many, is a third of it.
func grammarOf(args []string) any {
	if len(args) == 0 || args[0] != "run" {
		return &cli{}
	}
	run, _ := reflect.TypeFor[cli]().FieldByName("Run")
	return reflect.New(reflect.StructOf([]reflect.StructField{run})).Interface()
}

func newParser(grammar any, s streams) (*kong.Kong, error) {
	return newParserWith(grammar, s, kong.PostBuild(bindEnvironment))
}

// newParserWith is newParser without what the environment says.
func newParserWith(grammar any, s streams, more ...kong.Option) (*kong.Kong, error) {
	return kong.New(grammar, append([]kong.Option{
		kong.Name("pcapmill"),
		kong.Description(description),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100, NoAppDescFormat: true}),
		kong.ValueFormatter(func(v *kong.Value) string { return v.Help }),
		kong.PostBuild(fillDefaults),
		kong.PostBuild(hideNotLive),
		kong.NamedMapper(pathType, kong.MapperFunc(readPath)),
		kong.PostBuild(keepPaths),
	}, more...)...)
}

// outNamed reports an output that is given and empty, as an unset variable of a script makes it.
func outNamed(parsed *kong.Context) error {
	for _, p := range parsed.Path {
		if p.Flag != nil && (p.Flag.Name == "out" || p.Flag.Name == "output") && !p.Resolved && p.Flag.Target.String() == "" {
			return coded{job.ExitUsage, fmt.Errorf("--%s is empty", p.Flag.Name)}
		}
	}
	return nil
}

// withoutValue says plainly what kong says of a flag at the end of the line that needs a value.
func withoutValue(said string) string {
	if front, ended := strings.CutSuffix(said, ` but got "EOL" (<EOL>)`); ended {
		flag, _, _ := strings.Cut(front, ": expected ")
		return flag + ": needs a value"
	}
	return said
}

// misused reports a command line that cannot be understood.
func misused(s streams, err error) int {
	if unwritten(err) { // help that nobody takes
		return failed(s, err)
	}
	fmt.Fprintf(s.err, "pcapmill: %s\n", strings.ReplaceAll(withoutValue(visible(err)), "\n", `\n`))
	hint := "pcapmill --help"
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Selected() != nil {
		hint = parse.Context.Selected().FullPath() + " --help"
	}
	fmt.Fprintf(s.err, "Run %q for what there is.\n", hint)
	return job.ExitUsage
}

// coded is an error with an exit code.
type coded struct {
	code int
	err  error
}

// Error returns the cause's text, empty where everything has been said.
func (c coded) Error() string {
	if c.err == nil {
		return ""
	}
	return c.err.Error()
}

// Unwrap returns the cause.
func (c coded) Unwrap() error { return c.err }

// failed reports a command's error and returns the exit code.
func failed(s streams, err error) int {
	if err == nil {
		return job.ExitOK
	}
	code := job.ExitInternal
	var own coded
	var jobErr *job.Error
	switch {
	case errors.As(err, &own):
		code = own.code
	case errors.As(err, &jobErr):
		code = jobErr.Exit
	case unwritten(err):
		code = job.ExitOutput
	}
	if brokenPipe(err) {
		return job.ExitOK
	}
	if text := visible(err); text != "" {
		fmt.Fprintf(s.err, "pcapmill: %s\n", text)
	}
	return code
}
