package main

const description = `pcapmill turns packet captures (pcap, pcapng) into Parquet tables of flows.

Exit codes:
  0  everything was read and written       5  a resource limit stopped an input
  1  internal failure                      6  output folder or disk error
  2  wrong flags or configuration          7  a self-check failed
  3  an input was read only in part        128+n  stopped by signal n
  4  an input could not be read at all
The highest of 3 to 7 wins.

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

// Help implements kong.HelpProvider: examples of show.
func (showCmd) Help() string {
	return `
TABLE is a table's folder, or one of its Parquet files.

--where takes comparisons joined by "and". Each is COLUMN OP VALUE with OP one of

    =  !=  <  <=  >  >=     compare; = null and != null ask for missing values
    ~                       matches a regular expression (text)
    contains                has this text, or this element (text, lists)

Values with spaces go into 'single' or "double" quotes. Instants are RFC 3339 with
a zone; columns in ns also take durations such as 1.5s. A comparison with a missing
value is never true.

Examples:

    pcapmill show out/flows --select start_time,src_ip,dst_ip,dst_port,fwd_wire_bytes --head 20
    pcapmill show out/flows --where 'protocol = 17 and dst_port = 53' --format csv
    pcapmill show out/flows --where "history ~ ^ShAD and duration_ns > 10s" --tail 5
    pcapmill show out/flows --stats`
}

// Help implements kong.HelpProvider: what verify checks.
func (verifyCmd) Help() string {
	return `
Recomputes what manifest.json says of the dataset: sizes, SHA-256 and rows of every
file, schemas, and the accounting of packets. Findings go to stdout, one a line.

Exit codes: 0 no findings, 6 the folder cannot be read, 7 findings.

    pcapmill verify out`
}
