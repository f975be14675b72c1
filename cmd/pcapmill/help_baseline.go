package main

// Help implements kong.HelpProvider: what is kept, what flags of age and limits do.
func (baselineBuildCmd) Help() string {
	return `
FILE says what is normal of each host, subnet and of all, at each hour of the week: how
features of the hosts table are distributed, and which services, peers and endpoints
came (of the pairs table beside it). docs/baseline.md says what is kept, and how.

The same tables give the same file, in whatever order. A table that is in it is left out
with a note, so a job can be run again. What is there is added to with --append, and
replaced only with --force. --max-age counts back from the newest day in FILE, not from
today; rows of days that were dropped do not come in again.

Left out, and said, are windows of which captures cover less than --covered, those whose
rows lie in several parts, and those of run --hop that overlap others.

Exit codes: 0 complete, 2 usage (what is there has other tables, columns or settings), 4 a
table or baseline that cannot be read, 5 more than a baseline can hold, 6 output or disk.

    pcapmill run monday.pcap -o monday && pcapmill baseline build -o net.baseline monday
    pcapmill baseline build -o net.baseline tuesday --append --max-age 30d
    pcapmill baseline build -o net.baseline out/*/ --labels sites.csv --force`
}

// Help implements kong.HelpProvider: what columns are, examples.
func (baselineShowCmd) Help() string {
	return `
Of each feature, values says how many windows know it. Low, center and high are one
standard deviation below the mean, the mean, and one above, on the feature's scale (counts
and times: a logarithm), of the windows of the slot: the hour of the week where at least 4
of its windows know the feature, else that hour of all days, else all hours. Quantiles are
of all hours, and right within a bin of a histogram.

Exit codes: 0 shown, 2 usage (no such segment or feature), 4 what cannot be read, 6 the
output cannot be written.

    pcapmill baseline show net.baseline
    pcapmill baseline show net.baseline --segment 10.0.0.5 --hour 9
    pcapmill baseline show net.baseline --segment 'label office' --feature out_flows --format json`
}

// Help implements kong.HelpProvider: the order of segments, examples.
func (baselineListCmd) Help() string {
	return `
Subnets are those of /24 (IPv4) and /64 (IPv6) that have hosts; show takes any prefix.

    pcapmill baseline list net.baseline --kind host --limit 1000`
}

// Help implements kong.HelpProvider: what merges, examples.
func (baselineMergeCmd) Help() string {
	return `
Baselines merge that are of the same table and settings, and have no table in common. In
whatever order they come, the file is the same as if it had been built of all tables.

    pcapmill baseline merge -o all.baseline site1.baseline site2.baseline`
}

// Help implements kong.HelpProvider: what stays, examples.
func (baselineForgetCmd) Help() string {
	return `
What remains is the same, byte for byte, as if the hosts' rows had never been added. What
stays: the hosts as peers and endpoints of others, what hosts beyond the limit of --hosts
did (they are summed up), and other files. Where none of the hosts is there, the file
stays as it was and the exit code is 2.

    pcapmill baseline forget net.baseline 10.0.0.5 2001:db8::5`
}

// Help implements kong.HelpProvider: what check looks at.
func (baselineCheckCmd) Help() string {
	return `
Looks at the SHA-256 of the file and at all that is in it.

Exit codes: 0 whole, 4 changed, cut, of a newer pcapmill or no baseline.

    pcapmill baseline check net.baseline`
}

// Help implements kong.HelpProvider: what is exported.
func (baselineExportCmd) Help() string {
	return `
Writes all there is: of each host and day windows, moments of levels, histograms and keys,
and beside them the block as it is packed in the file. docs/baseline.md has the form.
Import makes the same file of it, byte for byte, and refuses numbers that were changed.

Exit codes: 0 written, 2 usage (FILE is there), 4 what cannot be read, 6 output or disk.

    pcapmill baseline export net.baseline -o net.json
    pcapmill baseline export net.baseline --format sqlite -o net.sqlite
    pcapmill baseline export net.baseline | jq '.blocks[] | select(.host == "10.0.0.5")'`
}

// Help implements kong.HelpProvider: what is imported.
func (baselineImportCmd) Help() string {
	return `
FILE is JSON or a SQLite database that export wrote; JSON may have been indented anew.

    pcapmill baseline import net.json -o net.baseline`
}
