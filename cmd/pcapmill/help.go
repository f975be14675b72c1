package main

const description = `pcapmill turns packet captures (pcap, pcapng) into Parquet tables of flows.

Exit codes:
  0  everything was read and written       5  a resource limit stopped an input
  1  internal failure                      6  output folder or disk error
  2  wrong flags or configuration          7  a self-check failed
  3  an input was read only in part        10  something was found*
  4  an input could not be read at all     128+n  stopped by signal n
The highest of 3 to 7 wins, over 10 too.
* that was to be told by the exit code: drift, alerts of rules, leaks of a dataset

Examples:
  pcapmill run capture.pcapng -o out       tables of one capture
  pcapmill run --demo -o out               the same without a capture at hand
  pcapmill show out/flows --head 20        look at the first flows
  pcapmill verify out                      is the dataset still what was written?`

// Help implements kong.HelpProvider: examples of run.
func (runCmd) Help() string {
	return `
Every flag can also be set by the environment (--tcp-idle by PCAPMILL_TCP_IDLE)
and by a YAML file (--config), whose keys are the flags' names. A flag beats the
environment, which beats the file, which beats the default. An empty variable counts
as unset.

Examples:

    pcapmill run capture.pcapng -o out
    pcapmill run day1.pcap.gz day2.pcap.zst captures/ -o out
    tcpdump -i eth0 -w - -c 1000 | pcapmill run - -o out
    pcapmill run evidence/ --inputs independent --exclude '*.tmp' -o out
    pcapmill run big.pcap --from 2026-03-02T09:00:00Z --to 2026-03-02T10:00:00Z -o hour
    pcapmill run big.pcap --packets 100000 --features all --format csv -o sample
    pcapmill run big.pcap --timers zeek -o out --print-config > pcapmill.yaml

Files are read in the given order, those in a folder by the time of their first
packet. A file that cannot be read, or only in part, never stops the others: one
line on stderr says what was wrong and where, and the exit code says so too.
Tables appear in the output folder only when they are complete.

Exit codes: 0 complete, 2 usage, 3 an input in part, 4 an input rejected, 5 limit,
6 output or disk, 7 self-check, 128+n signal; the highest of 3 to 7 wins.`
}

// Help implements kong.HelpProvider: what plan prints.
func (planCmd) Help() string {
	return `
What a run may take of memory is divided over its parts, each so many times so many
bytes at most, whatever the captures hold and however many workers there are. What
is left is for open flows.

Not in it: the window of a capture that was compressed with a large one, up to 128 MiB
(zstd --long, xz), and half as much for each layer of compression in it.

    pcapmill plan --memory 4GiB --features all`
}

// Help implements kong.HelpProvider: the language of show's conditions, examples.
func (showCmd) Help() string {
	return `
TABLE is a table's folder, or one of its Parquet files.

--where takes comparisons, joined by "and", "or", "not" and parentheses. Each is
COLUMN OP VALUE with OP one of

    =  !=  <  <=  >  >=     compare with a value, or with the column of that name
    in (A, B, …)            is one of these; for addresses also networks
    ~  !~                   matches a regular expression (text)
    glob                    matches a pattern with * and ? as a whole (text)
    contains                has this text, or this element (text, lists)
    is null, is not null    is missing, is there

in, ~, glob and contains also with "not" before them. "any COLUMN OP VALUE" asks
whether one element of a list meets the comparison. Numbers of several columns are
added up by +, and their sum is compared with a value.

    src_ip in 10.0.0.0/8          any answer_data in (10.0.0.0/8, fc00::/7)
    fwd_packets > rev_packets     not (dst_port in (53, 853) or server_name is null)
    fwd_packets + rev_packets < 4

Values with spaces, commas or unpaired parentheses go into 'single' or "double" quotes,
and so does text that is a column's name; in quotes, two quotes are one. Columns of
time take instants as RFC 3339 with a zone (Z is UTC), columns in ns also durations
such as 1.5s, whole numbers also 0x digits. Text is told apart by case unless a regular
expression begins with (?i). What is asked of a missing value is neither true nor
false, so that "not" does not make it true; "is null" finds it.

--select takes * and ? in names. --order sorts numbers by size, text by bytes,
columns of addresses by address; rows that are equal stay as they were. More than 256
MiB of rows are not sorted unless --head or --tail says how many to keep.

--stats counts elements of lists. Quantiles p05 to p99 are values that occur. Up to 10,000
different values of a column everything is exact, with few columns up to a million
divided by them. Beyond it >N and ≥N say so many at least, and ~ marks quantiles whose
rank is right within the share that is printed, which csv and json have as
quantile_error.

All times are in UTC. A null is - in tables and text, nothing in csv and tsv. Characters that
do not print are shown as escapes; in csv and tsv, cells that a spreadsheet would take
for a formula have an apostrophe before them. Only on a terminal is a table cut to its
width; --format text shows every column of a row, and all of it.

Examples:

    pcapmill show out/flows --select start_time,src_ip,dst_ip,dst_port,fwd_wire_bytes --head 20
    pcapmill show out/flows --where 'protocol = 17 and dst_port = 53' --format csv
    pcapmill show out/flows --where "history ~ ^ShAD and duration_ns > 10s" --tail 5
    pcapmill show out/flows --order fwd_wire_bytes:desc,start_ns --head 10
    pcapmill show out/dns --where "query_name glob *.example.com" --format text --utc
    pcapmill show out/tls --select 'time,src_ip,*_version,ja4' --format csv --separator ';'
    pcapmill show out/flows --stats`
}

// Help implements kong.HelpProvider: what a fingerprint is, examples.
func (fingerprintCmd) Help() string {
	return `
A fingerprint has a number for each of some 30 features of a host, made of all windows in
which it has a packet, and classes with the numbers they rest on. docs/fingerprint.md says
what each means. A feature that is not known is null. The same rows give the same bytes,
in whatever order they come. In text, each feature has a bar on a fixed scale.

Exit codes: 0 complete, 2 usage (windows of different lengths, no such host), 4 a table
or document that cannot be read, 5 too many hosts, 6 the output cannot be written.

    pcapmill fingerprint out > hosts.json
    pcapmill fingerprint monday/hosts tuesday/hosts --host 10.0.0.5 --format text
    pcapmill fingerprint hosts.json --format table`
}

// Help implements kong.HelpProvider: how metrics see features, examples.
func (compareCmd) Help() string {
	return `
Features are scaled before they are compared: rates, counts and gaps by their logarithm,
each as its distance from a usual value over a fixed range; with --scale, by mean and
standard deviation among its hosts. A feature that only one side knows is not compared, and not 0. Below the
verdict stands each feature with its change in percent, the largest difference first.

Exit codes: 0 compared, whether they match or not; 2 usage (windows of different lengths,
no such host), 4 what cannot be read, 5 too many hosts, 6 the output cannot be written.

    pcapmill compare monday.json tuesday.json --host 10.0.0.5
    pcapmill compare out --host 10.0.0.5 --target-host 10.0.0.6 --metric euclidean
    pcapmill compare old.json new.json --host 10.0.0.5 --scale old.json --threshold 0.8`
}

// Help implements kong.HelpProvider: what bars are, examples.
func (inspectCmd) Help() string {
	return `
A bar is where a value lies on the feature's fixed scale, which is logarithmic for rates,
counts and gaps. With --scale, | marks the mean of its hosts, and z says how many standard
deviations the value lies from it.

Exit codes: 0 shown, 2 usage (no such host or feature), 4 what cannot be read, 5 too many
windows, 6 the output cannot be written.

    pcapmill inspect out --host 10.0.0.5
    pcapmill inspect out --host 10.0.0.5 --scale out
    pcapmill inspect out --host 10.0.0.5 --feature regularity --timeline --limit 24`
}

// Help implements kong.HelpProvider: what a report says, examples.
func (driftCmd) Help() string {
	return `
Judges tables of windows against a baseline, layer by layer: schema, volume, hosts that are new or
gone, services and peers, the distribution of each feature in each segment, single hosts. Of what
is unlikely to be chance and large enough, it says how large, how sure, and which hosts it comes
from. docs/drift.md says what everything means, and how it is judged.

The report goes to stdout; --report and --alerts write more of it, all from one run. The same
tables and baseline give the same bytes, and the same alerts are not appended twice.

Exit codes: 0 nothing from --fail-on on, 10 drift; 2 usage or suppression list, 3 captures lack
too much to judge by, 4 tables or a baseline that cannot be read or do not fit each other,
5 too many windows, 6 a file cannot be written. 1 to 7 win over 10.

    pcapmill drift --baseline normal.bl out
    pcapmill drift --baseline normal.bl monday tuesday --fail-on high --format markdown
    pcapmill drift --baseline normal.bl out -o drift.txt --report drift.html --report drift.xml
    pcapmill drift --baseline normal.bl out --suppress known.yaml --alerts alerts.jsonl
    pcapmill drift --baseline normal.bl out --host 10.0.0.7 --fail-on never`
}

// Help implements kong.HelpProvider: what verify checks.
func (verifyCmd) Help() string {
	return `
Recomputes what manifest.json says of the dataset: sizes, SHA-256 and rows of every
file, schemas, and the accounting of packets. Findings go to stdout, one a line.

Exit codes: 0 no findings, 6 the folder cannot be read, 7 findings.

    pcapmill verify out`
}
