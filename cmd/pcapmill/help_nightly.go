package main

// Help implements kong.HelpProvider: what nightly does, its exit codes, examples.
func (nightlyCmd) Help() string {
	return `
Groups new captures into nights and does each that is over, the oldest first: tables as of run,
drift against the good nights before it, rules, reports, alerts, retention, and a page that
lists the nights. docs/nightly.md says what everything means, and has units for systemd and a
line for cron.

A night that was done is not done again. An execution that is killed is made good by the next
one, which also tells what that one could not. A second one at the same time says so and ends.

One line goes to stdout, key=value; what is wrong goes to stderr.

Exit codes, of all nights that are told: 0 nothing new, or all as usual; 10 a night was flagged;
2 usage, configuration, or another nightly at work; 3 a capture could be read only in part, or
has changed since it was read; 4 a capture could not be read, or a night has none or no whole
window; 5 a limit (memory, time); 6 output or disk; 7 self-check; 128+n signal. The highest of
3 to 7 wins, over 10 too.

    pcapmill nightly --example > nightly.yaml
    pcapmill nightly nightly.yaml --dry-run
    pcapmill nightly nightly.yaml
    pcapmill nightly nightly.yaml --date 2026-11-28
    pcapmill nightly nightly.yaml --accept 2026-11-28 --why "new proxy since Monday"`
}
