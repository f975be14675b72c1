package main

// Help implements kong.HelpProvider: what rules are, exit codes, examples.
func (rulesRunCmd) Help() string {
	return `
Each rule asks the rows of one table a condition, or how many of them there are in a window
and group, or what is unusual against a baseline, and makes alerts of what it finds.
docs/rules.md has the language, and why the rules that come with pcapmill are what they are.
A rule whose table, column or baseline is missing is skipped, and the report says so.

Exit codes: 0 no alert at or above --fail-on, 2 usage or a wrong rule, 4 a table or
baseline that cannot be read, 5 rows or alerts left out for a limit, 6 the output cannot be
written, 10 an alert at or above --fail-on; of 5 and 10, 5.

    pcapmill run capture.pcapng -o out && pcapmill rules run out
    pcapmill rules run out --baseline net.baseline --fail-on low
    pcapmill rules run out --rules site.yaml --shipped --without beaconing --format json
    pcapmill rules run monday/dns tuesday/dns --rules dns.yaml --format jsonl >> alerts.jsonl`
}

// Help implements kong.HelpProvider: how to begin a file.
func (rulesListCmd) Help() string {
	return `
What --format yaml writes is a file to begin with: docs/rules.md has the language.

    pcapmill rules list
    pcapmill rules list --format yaml > site.yaml
    pcapmill rules list site.yaml --format json`
}

// Help implements kong.HelpProvider: what is checked.
func (rulesCheckCmd) Help() string {
	return `
Reads files, and looks for the columns that rules name in the tables that run can write, all of
their columns included. What is wrong goes to stdout, one a line, with file and line.

Exit codes: 0 nothing is wrong, 2 something is.

    pcapmill rules check site.yaml dns.yaml`
}
