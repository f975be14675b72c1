package main

// Help implements kong.HelpProvider: outcomes, exit codes, examples.
func (labelRunCmd) Help() string {
	return `
Each flow is labelled, unlabelled where nothing is said of it, or ambiguous where what is said
does not agree or fits several flows. Captures are not read again. The folder has flow_labels
(a row for each flow), label_hits (a row for each thing said of a flow), coverage.html and
coverage.json (what matched, what did not and why, whether another zone would match more),
unmatched.jsonl, and with --tables and --packets the labels of messages, hosts' windows and
packets. docs/labels.md says what each means, docs/label-sources.md what can be read.

Exit codes: 0 done, or done before, 2 usage, 3 lines of a source were not understood or a
capture is damaged, and all else is labelled, 4 a source or table that cannot be read, 5 a
limit, 6 the output cannot be written.

    pcapmill label out --rules eve.json -o labels
    pcapmill label out --rules attacks.yaml --rules notice.log --tables all -o labels
    pcapmill label out --rules Thursday.csv --zone America/Halifax --report coverage.md -o labels
    pcapmill label out --from-name '*wannacry*=ransomware' -o labels
    pcapmill label out --rules fast.log --zone UTC --packets capture.pcap --pcapml -o labels`
}

// Help implements kong.HelpProvider: what is compared, examples.
func (labelCompareCmd) Help() string {
	return `
A is what is true, B what is judged: of each label there are precision, recall and F1; of all
agreement and Cohen's kappa. Rows without a label and ambiguous ones are classes of their own.
Rows that only one of both has do not count, and are reported.

Exit codes: 0 compared, 2 usage, 4 labels that cannot be read or compared, 5 a limit.

    pcapmill label compare labels-by-hand labels-by-suricata
    pcapmill label compare labels scored --column-b predicted --format json
    pcapmill label compare labels annotated.pcapng`
}

// Help implements kong.HelpProvider: what is checked, examples.
func (labelCheckCmd) Help() string {
	return `
Exit codes: 0 everything was understood, 2 usage, 3 some lines were not, 4 a source that cannot
be read, 5 a limit.

    pcapmill label check attacks.yaml
    pcapmill label check Thursday.csv --zone America/Halifax --preset cic-ids2017`
}

// Help implements kong.HelpProvider: what becomes of rules, examples.
func (labelImportCmd) Help() string {
	return `
What was mended, and what the tool meant otherwise, stands at the head of the file. Times are
UTC. The file labels what the original does; docs/label-rules.md says what it can have.

Exit codes: 0 written, 2 usage, 3 some lines were not understood, 4 a source that cannot be
read, 5 more rules than a file has, 6 the output cannot be written.

    pcapmill label import labels.config -o rules.yaml
    pcapmill label import attacks.yml --zone America/Moncton > rules.yaml`
}
