package main

// Help implements kong.HelpProvider: what is delivered, and how often.
func (liveForwardCmd) Help() string {
	return `
Follows alerts.jsonl of a folder of live analyse, over files that are set aside, and sends each
alert as a message of RFC 5424: by UDP and to a socket a message a datagram, by TCP with octet
counting (RFC 6587). It needs the right to read the folder and to write its state, and no other,
so it runs as a unit of its own. What is delivered is in the state file; while the server is away, alerts wait in
their file. Each is delivered at least once, by TCP; of UDP, what the network loses is lost. A message
that comes twice has the same id. docs/live-results.md lists what messages have.

Exit codes: 0 stopped by a signal, or all delivered with --once; 2 usage; 4 the folder or the
state cannot be read; 6 the state cannot be written.

    pcapmill live forward /var/lib/pcapmill/tables --syslog tcp://log.example:601
    pcapmill live forward tables --syslog unix:/dev/log --state forward.json --once`
}
