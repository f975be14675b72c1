#compdef pcapmill
_pcapmill() {
  local -a commands
  commands=(
    'run:Turn captures into tables.'
    'live:Capture from an interface, and make tables while it goes on.'
    'plan:Say what a run may take of memory, and how many flows fit.'
    'show:Look into a table.'
    'fingerprint:Say how hosts behave, in numbers and classes.'
    'compare:Say how alike two hosts are, or a host at two times.'
    'inspect:Look at one host'\''s fingerprint, or at a feature over time.'
    'baseline:Learn what is normal of hosts, and keep it in a file.'
    'drift:Say what changed against a baseline, how much, and how sure it is.'
    'rules:Apply rules to tables, and say where they hold.'
    'label:Say what flows are called, by rules, alerts and tables that others labelled.'
    'dataset:Make datasets of tables and labels, that others can trust.'
    'nightly:Work through new captures while nobody watches: tables, drift, reports, retention.'
    'interfaces:List what can be captured from, and why not.'
    'schema:Say what each column of a table means.'
    'features:List the feature groups of run'\''s --features.'
    'verify:Check a dataset against its manifest.'
    'version:Print version and build.'
    'completion:Print a shell'\''s completion script.'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
  run)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--demo[Run on a small generated capture instead]' \
      '--out=[Folder to write]:value:_files' \
      '-o[Folder to write]:value:_files' \
      '--force[Replace the dataset that DIR holds, whatever it was made of]' \
      '--format=[Format of the tables]:value:(parquet csv tsv jsonl arrow sqlite)' \
      '--memory=[Memory that the run may take, as 512MiB or 4GiB]:value:_files' \
      '--workers=[Flow tables that work in parallel]:value:_files' \
      '--inputs=[sequence]:value:(sequence independent)' \
      '--merge[The captures are parallel taps]' \
      '--reorder=[How long packets wait for those that belong before them]:value:_files' \
      '--duplicates=[Packets captured more than once]:value:(keep mark drop)' \
      '--duplicate-key=[What makes two packets the same]:value:(ip vlan frame inner)' \
      '--duplicate-window=[Most time between a packet and its duplicate]:value:_files' \
      '--timers=[When flows end]:value:(native zeek)' \
      '--tcp-idle=[End a TCP flow after this time without a packet]:value:_files' \
      '--tcp-closed=[The same once both sides have closed it, or one has reset it]:value:_files' \
      '--udp-idle=[End a UDP flow after this time without a packet]:value:_files' \
      '--other-idle=[The same for every other protocol]:value:_files' \
      '--active=[Cut flows that last longer into pieces]:value:_files' \
      '--key=[Keep flows apart by more than endpoints and protocol]:value:_values -s , value vlan tunnel' \
      '--tunnel-depth=[Look into tunnels in tunnels this deep, up to 8]:value:_files' \
      '--fragment-ipv4=[Wait so long, in packet time, for the rest of a fragmented IPv4 datagram]:value:_files' \
      '--fragment-ipv6=[The same for IPv6]:value:_files' \
      '--fragment-datagrams=[Incomplete datagrams held at a time]:value:_files' \
      '--fragment-bytes=[Bytes of memory that they may take]:value:_files' \
      '--features=[Feature groups to write]:value:_values -s , value all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets' \
      '--addr-format=[Addresses in the tables]:value:(text binary both)' \
      '--first-packets=[Packets that the first_packets group keeps, up to 1000]:value:_files' \
      '--payload-bytes=[Bytes of each direction'\''s payload that the payload group looks at, up to 255]:value:_files' \
      '--checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
      '--no-checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
      '--records=[Messages to write a table of, one each]:value:_values -s , value all none tls x509 quic http ssh dhcp dns' \
      '--keep-secrets[Keep what the records leave out]' \
      '--stream-bytes=[Read so much of each direction of a TCP connection]:value:_files' \
      '--stream-memory=[Memory for what waits for missing segments, for messages that are not whole, and for what rows of open flows will say]:value:_files' \
      '--save-streams=[Write what each TCP connection carried, --stream-bytes of each direction, to a file of its own in this new folder]:value:_files' \
      '--overlap=[Which bytes count where TCP segments that wait overlap and differ]:value:(first last)' \
      '--errors[Write a table of what is wrong with packets, with layers in tunnels and with messages]' \
      '--no-errors[Write a table of what is wrong with packets, with layers in tunnels and with messages]' \
      '--save-errors[Write the packets that it names to errors]' \
      '--unknown[Write packets whose payload no record is made of, and those that are not IP, to unknown]' \
      '--unknown-limit=[Bytes that unknown]:value:_files' \
      '--windows=[Tables of aligned stretches of time to write]:value:_values -s , value all none slots hosts pairs' \
      '--tick=[Length of a row of slots, 1ms to 24h0m0s]:value:_files' \
      '--window=[Length of the windows of hosts and pairs, 1s to 744h0m0s, in whole seconds]:value:_files' \
      '--hop=[From the begin of one of these windows to that of the next, whole seconds that divide --window, at most 60 times]:value:_files' \
      '--from=[Leave out packets before this instant]:value:_files' \
      '--to=[Leave out packets at and after this instant]:value:_files' \
      '--packets=[Stop after N packets]:value:_files' \
      '--filter=[Look only at packets that match, in tcpdump'\''s language]:value:_files' \
      '--filter-inside[Ask the filter of what the packets carry behind VLAN and MPLS tags, PPPoE and tunnels, instead of the frames'\'' bytes]' \
      '--bpf-ddd=[Look only at packets that this program accepts]:value:_files' \
      '--include=[Read only files whose name or path matches one of these shell patterns]:value:_files' \
      '--exclude=[Leave out files whose name or path matches one of these]:value:_files' \
      '--max-expand=[Stop reading an input that decompresses to more than this]:value:_files' \
      '--salvage[Read on behind damage in a capture, where its records continue]' \
      '--max-packet=[Longest captured packet that is believed, up to 16777216]:value:_files' \
      '--input-hash=[Hash the captures while they are read]:value:(sha256 none)' \
      '--row-group-rows=[Rows per Parquet row group]:value:_files' \
      '--part-rows=[Rows per file of a table]:value:_files' \
      '--log-format=[Format of messages on stderr]:value:(text json)' \
      '--quiet[Say nothing but warnings and errors]' \
      '-q[Say nothing but warnings and errors]' \
      '--verbose[Say more in the summary]' \
      '-v[Say more in the summary]' \
      '--progress[Show progress]' \
      '--no-progress[Show progress]' \
      '--config=[YAML file with values for these flags]:value:_files' \
      '--print-config[Print the values in force and where each comes from, then stop]' \
      '*:argument:_files'
    ;;
  live)
    commands=(
      'start:Capture, and make tables while it goes on.'
      'capture:Capture packets of an interface into segments, and nothing else.'
      'analyse:Turn segments into tables while they come.'
      'forward:Send the alerts of a folder to a syslog server.'
    )
    if [[ CURRENT -eq 3 && $words[CURRENT] != -* ]]; then
      _files
      _describe command commands
      return
    fi
    case $words[3] in
    start)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--interface=[Interface to capture from]:value:_files' \
        '-i[Interface to capture from]:value:_files' \
        '--out=[Folder to write]:value:_files' \
        '-o[Folder to write]:value:_files' \
        '--segments=[Folder for the segments]:value:_files' \
        '--format=[Format of the tables]:value:(parquet csv tsv jsonl arrow)' \
        '--duration=[Stop after so long, as 15m]:value:_files' \
        '--filter=[Capture only packets that match, in tcpdump'\''s language]:value:_files' \
        '--snaplen=[Bytes that are kept of a packet, as 96B]:value:_files' \
        '--promisc[Ask the interface for packets to others]' \
        '--no-promisc[Ask the interface for packets to others]' \
        '--rings=[Rings that share the packets, by flow]:value:_files' \
        '--block-bytes=[Size of a ring'\''s blocks]:value:_files' \
        '--blocks=[Blocks of a ring]:value:_files' \
        '--timestamps=[Clock of the packets]:value:(auto software hardware)' \
        '--rotate=[End a segment at multiples of a time (5m]:value:_files' \
        '--retain=[Delete the oldest segments above an age (7d), a size of all (100GiB), a count (1000), to keep room free (free=5% or free=20GiB]:value:_files' \
        '--zstd[Compress the segments]' \
        '--session-note=[A note for the ledger]:value:_files' \
        '--keep-segments=[Which segments are kept once they are analysed]:value:(none flagged all)' \
        '--fail-on-loss[End with code 3 where packets are known to be missing]' \
        '--checkpoint-every=[Keep the state after so much work though segments wait]:value:_files' \
        '--baseline=[Judge windows by this baseline]:value:_files' \
        '--judge-every=[How long a stretch of windows is judged as one, a multiple of --window]:value:_files' \
        '--suppress=[What is known of drift and does not count, as YAML]:value:_files' \
        '--labels=[Labels of hosts, where the baseline has labels]:value:_files' \
        '--covered=[Leave out windows of which captures cover a smaller share]:value:_files' \
        '--rules=[Apply these rules to rows as they come]:value:_files' \
        '--shipped[Apply the rules that come with pcapmill, too]' \
        '--alert-from=[Alerts of this severity and above are written]:value:(low medium high critical)' \
        '--alert-period=[How long drift of one thing is not told again, by the time of the windows]:value:_files' \
        '--save-baseline=[At the end, learn what was seen as a baseline, as baseline build does]:value:_files' \
        '--metrics=[Show metrics to Prometheus at this address of the loopback, as 127]:value:_files' \
        '--metrics-any[Take any address for --metrics]' \
        '--pprof[Show profiles at /debug/pprof/ of --metrics, too]' \
        '--no-sandbox[Give up no rights]' \
        '--require-sandbox[Do not start where the kernel cannot take all of it]' \
        '--memory=[Memory that the run may take, as 512MiB or 4GiB]:value:_files' \
        '--workers=[Flow tables that work in parallel]:value:_files' \
        '--reorder=[How long packets wait for those that belong before them]:value:_files' \
        '--duplicates=[Packets captured more than once]:value:(keep mark drop)' \
        '--duplicate-key=[What makes two packets the same]:value:(ip vlan frame inner)' \
        '--duplicate-window=[Most time between a packet and its duplicate]:value:_files' \
        '--timers=[When flows end]:value:(native zeek)' \
        '--tcp-idle=[End a TCP flow after this time without a packet]:value:_files' \
        '--tcp-closed=[The same once both sides have closed it, or one has reset it]:value:_files' \
        '--udp-idle=[End a UDP flow after this time without a packet]:value:_files' \
        '--other-idle=[The same for every other protocol]:value:_files' \
        '--active=[Cut flows that last longer into pieces]:value:_files' \
        '--key=[Keep flows apart by more than endpoints and protocol]:value:_values -s , value vlan tunnel' \
        '--tunnel-depth=[Look into tunnels in tunnels this deep, up to 8]:value:_files' \
        '--fragment-ipv4=[Wait so long, in packet time, for the rest of a fragmented IPv4 datagram]:value:_files' \
        '--fragment-ipv6=[The same for IPv6]:value:_files' \
        '--fragment-datagrams=[Incomplete datagrams held at a time]:value:_files' \
        '--fragment-bytes=[Bytes of memory that they may take]:value:_files' \
        '--features=[Feature groups to write]:value:_values -s , value all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets' \
        '--addr-format=[Addresses in the tables]:value:(text binary both)' \
        '--first-packets=[Packets that the first_packets group keeps, up to 1000]:value:_files' \
        '--payload-bytes=[Bytes of each direction'\''s payload that the payload group looks at, up to 255]:value:_files' \
        '--checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
        '--no-checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
        '--records=[Messages to write a table of, one each]:value:_values -s , value all none tls x509 quic http ssh dhcp dns' \
        '--keep-secrets[Keep what the records leave out]' \
        '--stream-bytes=[Read so much of each direction of a TCP connection]:value:_files' \
        '--stream-memory=[Memory for what waits for missing segments, for messages that are not whole, and for what rows of open flows will say]:value:_files' \
        '--overlap=[Which bytes count where TCP segments that wait overlap and differ]:value:(first last)' \
        '--errors[Write a table of what is wrong with packets, with layers in tunnels and with messages]' \
        '--no-errors[Write a table of what is wrong with packets, with layers in tunnels and with messages]' \
        '--windows=[Tables of aligned stretches of time to write]:value:_values -s , value all none slots hosts pairs' \
        '--tick=[Length of a row of slots, 1ms to 24h0m0s]:value:_files' \
        '--window=[Length of the windows of hosts and pairs, 1s to 744h0m0s, in whole seconds]:value:_files' \
        '--hop=[From the begin of one of these windows to that of the next, whole seconds that divide --window, at most 60 times]:value:_files' \
        '--max-expand=[Stop reading an input that decompresses to more than this]:value:_files' \
        '--salvage[Read on behind damage in a capture, where its records continue]' \
        '--max-packet=[Longest captured packet that is believed, up to 16777216]:value:_files' \
        '--row-group-rows=[Rows per Parquet row group]:value:_files' \
        '--part-rows=[Rows per file of a table]:value:_files' \
        '--log-format=[Format of messages on stderr]:value:(text json)' \
        '--quiet[Say nothing but warnings and errors]' \
        '-q[Say nothing but warnings and errors]' \
        '--verbose[Say more in the summary]' \
        '-v[Say more in the summary]' \
        '--progress[Show progress]' \
        '--no-progress[Show progress]' \
        '--config=[YAML file with values for these flags]:value:_files' \
        '--print-config[Print the values in force and where each comes from, then stop]' \
        '*:argument:_files'
      ;;
    capture)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--interface=[Interface to capture from]:value:_files' \
        '-i[Interface to capture from]:value:_files' \
        '--segments=[Folder for the segments and their ledger]:value:_files' \
        '--filter=[Capture only packets that match, in tcpdump'\''s language]:value:_files' \
        '--snaplen=[Bytes that are kept of a packet, as 96B]:value:_files' \
        '--promisc[Ask the interface for packets to others]' \
        '--no-promisc[Ask the interface for packets to others]' \
        '--rings=[Rings that share the packets, by flow]:value:_files' \
        '--block-bytes=[Size of a ring'\''s blocks]:value:_files' \
        '--blocks=[Blocks of a ring]:value:_files' \
        '--timestamps=[Clock of the packets]:value:(auto software hardware)' \
        '--rotate=[End a segment at multiples of a time (5m]:value:_files' \
        '--retain=[Delete the oldest segments above an age (7d), a size of all (100GiB), a count (1000), to keep room free (free=5% or free=20GiB]:value:_files' \
        '--zstd[Compress the segments]' \
        '--no-sandbox[Give up no rights]' \
        '--require-sandbox[Do not start where the kernel cannot take all of it]' \
        '--released-by=[Folder of the analysis of these segments]:value:_files' \
        '--duration=[Stop after so long]:value:_files' \
        '--session-note=[A note for the ledger]:value:_files' \
        '--fail-on-loss[Exit with 3 where packets were lost on the way from the interface]' \
        '--log-format=[Format of messages on stderr]:value:(text json)' \
        '--quiet[Say nothing but warnings and errors]' \
        '-q[Say nothing but warnings and errors]' \
        '*:argument:_files'
      ;;
    analyse)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--out=[Folder to write]:value:_files' \
        '-o[Folder to write]:value:_files' \
        '--format=[Format of the tables]:value:(parquet csv tsv jsonl arrow)' \
        '--follow[Wait for more segments whatever there is]' \
        '--keep-segments=[Which segments capture may not delete once they are analysed]:value:(none flagged all)' \
        '--fail-on-loss[End with code 3 where packets are known to be missing]' \
        '--checkpoint-every=[Keep the state after so much work though segments wait]:value:_files' \
        '--baseline=[Judge windows by this baseline]:value:_files' \
        '--judge-every=[How long a stretch of windows is judged as one, a multiple of --window]:value:_files' \
        '--suppress=[What is known of drift and does not count, as YAML]:value:_files' \
        '--labels=[Labels of hosts, where the baseline has labels]:value:_files' \
        '--covered=[Leave out windows of which captures cover a smaller share]:value:_files' \
        '--rules=[Apply these rules to rows as they come]:value:_files' \
        '--shipped[Apply the rules that come with pcapmill, too]' \
        '--alert-from=[Alerts of this severity and above are written]:value:(low medium high critical)' \
        '--alert-period=[How long drift of one thing is not told again, by the time of the windows]:value:_files' \
        '--save-baseline=[At the end, learn what was seen as a baseline, as baseline build does]:value:_files' \
        '--metrics=[Show metrics to Prometheus at this address of the loopback, as 127]:value:_files' \
        '--metrics-any[Take any address for --metrics]' \
        '--pprof[Show profiles at /debug/pprof/ of --metrics, too]' \
        '--no-sandbox[Give up no rights]' \
        '--require-sandbox[Do not start where the kernel cannot take all of it]' \
        '--memory=[Memory that the run may take, as 512MiB or 4GiB]:value:_files' \
        '--workers=[Flow tables that work in parallel]:value:_files' \
        '--reorder=[How long packets wait for those that belong before them]:value:_files' \
        '--duplicates=[Packets captured more than once]:value:(keep mark drop)' \
        '--duplicate-key=[What makes two packets the same]:value:(ip vlan frame inner)' \
        '--duplicate-window=[Most time between a packet and its duplicate]:value:_files' \
        '--timers=[When flows end]:value:(native zeek)' \
        '--tcp-idle=[End a TCP flow after this time without a packet]:value:_files' \
        '--tcp-closed=[The same once both sides have closed it, or one has reset it]:value:_files' \
        '--udp-idle=[End a UDP flow after this time without a packet]:value:_files' \
        '--other-idle=[The same for every other protocol]:value:_files' \
        '--active=[Cut flows that last longer into pieces]:value:_files' \
        '--key=[Keep flows apart by more than endpoints and protocol]:value:_values -s , value vlan tunnel' \
        '--tunnel-depth=[Look into tunnels in tunnels this deep, up to 8]:value:_files' \
        '--fragment-ipv4=[Wait so long, in packet time, for the rest of a fragmented IPv4 datagram]:value:_files' \
        '--fragment-ipv6=[The same for IPv6]:value:_files' \
        '--fragment-datagrams=[Incomplete datagrams held at a time]:value:_files' \
        '--fragment-bytes=[Bytes of memory that they may take]:value:_files' \
        '--features=[Feature groups to write]:value:_values -s , value all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets' \
        '--addr-format=[Addresses in the tables]:value:(text binary both)' \
        '--first-packets=[Packets that the first_packets group keeps, up to 1000]:value:_files' \
        '--payload-bytes=[Bytes of each direction'\''s payload that the payload group looks at, up to 255]:value:_files' \
        '--checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
        '--no-checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
        '--records=[Messages to write a table of, one each]:value:_values -s , value all none tls x509 quic http ssh dhcp dns' \
        '--keep-secrets[Keep what the records leave out]' \
        '--stream-bytes=[Read so much of each direction of a TCP connection]:value:_files' \
        '--stream-memory=[Memory for what waits for missing segments, for messages that are not whole, and for what rows of open flows will say]:value:_files' \
        '--overlap=[Which bytes count where TCP segments that wait overlap and differ]:value:(first last)' \
        '--errors[Write a table of what is wrong with packets, with layers in tunnels and with messages]' \
        '--no-errors[Write a table of what is wrong with packets, with layers in tunnels and with messages]' \
        '--windows=[Tables of aligned stretches of time to write]:value:_values -s , value all none slots hosts pairs' \
        '--tick=[Length of a row of slots, 1ms to 24h0m0s]:value:_files' \
        '--window=[Length of the windows of hosts and pairs, 1s to 744h0m0s, in whole seconds]:value:_files' \
        '--hop=[From the begin of one of these windows to that of the next, whole seconds that divide --window, at most 60 times]:value:_files' \
        '--from=[Leave out packets before this instant]:value:_files' \
        '--to=[Leave out packets at and after this instant]:value:_files' \
        '--filter=[Look only at packets that match, in tcpdump'\''s language]:value:_files' \
        '--filter-inside[Ask the filter of what the packets carry behind VLAN and MPLS tags, PPPoE and tunnels, instead of the frames'\'' bytes]' \
        '--bpf-ddd=[Look only at packets that this program accepts]:value:_files' \
        '--max-expand=[Stop reading an input that decompresses to more than this]:value:_files' \
        '--salvage[Read on behind damage in a capture, where its records continue]' \
        '--max-packet=[Longest captured packet that is believed, up to 16777216]:value:_files' \
        '--row-group-rows=[Rows per Parquet row group]:value:_files' \
        '--part-rows=[Rows per file of a table]:value:_files' \
        '--log-format=[Format of messages on stderr]:value:(text json)' \
        '--quiet[Say nothing but warnings and errors]' \
        '-q[Say nothing but warnings and errors]' \
        '--verbose[Say more in the summary]' \
        '-v[Say more in the summary]' \
        '--progress[Show progress]' \
        '--no-progress[Show progress]' \
        '--config=[YAML file with values for these flags]:value:_files' \
        '--print-config[Print the values in force and where each comes from, then stop]' \
        '*:argument:_files'
      ;;
    forward)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--syslog=[udp]:value:_files' \
        '--format=[Format of messages]:value:(rfc5424)' \
        '--state=[What is delivered]:value:_files' \
        '--facility=[Syslog facility, 0 to 23]:value:_files' \
        '--enterprise=[Private enterprise number of the structured data]:value:_files' \
        '--message-bytes=[Messages are cut to so many bytes]:value:_files' \
        '--hostname=[Name of this host in messages]:value:_files' \
        '--once[End when all that is there is delivered]' \
        '*:argument:_files'
      ;;
    *)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--interface=[Interface to capture from]:value:_files' \
        '-i[Interface to capture from]:value:_files' \
        '--out=[Folder to write]:value:_files' \
        '-o[Folder to write]:value:_files' \
        '--segments=[Folder for the segments]:value:_files' \
        '--format=[Format of the tables]:value:(parquet csv tsv jsonl arrow)' \
        '--duration=[Stop after so long, as 15m]:value:_files' \
        '--filter=[Capture only packets that match, in tcpdump'\''s language]:value:_files' \
        '--snaplen=[Bytes that are kept of a packet, as 96B]:value:_files' \
        '--promisc[Ask the interface for packets to others]' \
        '--no-promisc[Ask the interface for packets to others]' \
        '--rings=[Rings that share the packets, by flow]:value:_files' \
        '--block-bytes=[Size of a ring'\''s blocks]:value:_files' \
        '--blocks=[Blocks of a ring]:value:_files' \
        '--timestamps=[Clock of the packets]:value:(auto software hardware)' \
        '--rotate=[End a segment at multiples of a time (5m]:value:_files' \
        '--retain=[Delete the oldest segments above an age (7d), a size of all (100GiB), a count (1000), to keep room free (free=5% or free=20GiB]:value:_files' \
        '--zstd[Compress the segments]' \
        '--session-note=[A note for the ledger]:value:_files' \
        '--keep-segments=[Which segments are kept once they are analysed]:value:(none flagged all)' \
        '--fail-on-loss[End with code 3 where packets are known to be missing]' \
        '--checkpoint-every=[Keep the state after so much work though segments wait]:value:_files' \
        '--baseline=[Judge windows by this baseline]:value:_files' \
        '--judge-every=[How long a stretch of windows is judged as one, a multiple of --window]:value:_files' \
        '--suppress=[What is known of drift and does not count, as YAML]:value:_files' \
        '--labels=[Labels of hosts, where the baseline has labels]:value:_files' \
        '--covered=[Leave out windows of which captures cover a smaller share]:value:_files' \
        '--rules=[Apply these rules to rows as they come]:value:_files' \
        '--shipped[Apply the rules that come with pcapmill, too]' \
        '--alert-from=[Alerts of this severity and above are written]:value:(low medium high critical)' \
        '--alert-period=[How long drift of one thing is not told again, by the time of the windows]:value:_files' \
        '--save-baseline=[At the end, learn what was seen as a baseline, as baseline build does]:value:_files' \
        '--metrics=[Show metrics to Prometheus at this address of the loopback, as 127]:value:_files' \
        '--metrics-any[Take any address for --metrics]' \
        '--pprof[Show profiles at /debug/pprof/ of --metrics, too]' \
        '--no-sandbox[Give up no rights]' \
        '--require-sandbox[Do not start where the kernel cannot take all of it]' \
        '--memory=[Memory that the run may take, as 512MiB or 4GiB]:value:_files' \
        '--workers=[Flow tables that work in parallel]:value:_files' \
        '--reorder=[How long packets wait for those that belong before them]:value:_files' \
        '--duplicates=[Packets captured more than once]:value:(keep mark drop)' \
        '--duplicate-key=[What makes two packets the same]:value:(ip vlan frame inner)' \
        '--duplicate-window=[Most time between a packet and its duplicate]:value:_files' \
        '--timers=[When flows end]:value:(native zeek)' \
        '--tcp-idle=[End a TCP flow after this time without a packet]:value:_files' \
        '--tcp-closed=[The same once both sides have closed it, or one has reset it]:value:_files' \
        '--udp-idle=[End a UDP flow after this time without a packet]:value:_files' \
        '--other-idle=[The same for every other protocol]:value:_files' \
        '--active=[Cut flows that last longer into pieces]:value:_files' \
        '--key=[Keep flows apart by more than endpoints and protocol]:value:_values -s , value vlan tunnel' \
        '--tunnel-depth=[Look into tunnels in tunnels this deep, up to 8]:value:_files' \
        '--fragment-ipv4=[Wait so long, in packet time, for the rest of a fragmented IPv4 datagram]:value:_files' \
        '--fragment-ipv6=[The same for IPv6]:value:_files' \
        '--fragment-datagrams=[Incomplete datagrams held at a time]:value:_files' \
        '--fragment-bytes=[Bytes of memory that they may take]:value:_files' \
        '--features=[Feature groups to write]:value:_values -s , value all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets' \
        '--addr-format=[Addresses in the tables]:value:(text binary both)' \
        '--first-packets=[Packets that the first_packets group keeps, up to 1000]:value:_files' \
        '--payload-bytes=[Bytes of each direction'\''s payload that the payload group looks at, up to 255]:value:_files' \
        '--checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
        '--no-checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
        '--records=[Messages to write a table of, one each]:value:_values -s , value all none tls x509 quic http ssh dhcp dns' \
        '--keep-secrets[Keep what the records leave out]' \
        '--stream-bytes=[Read so much of each direction of a TCP connection]:value:_files' \
        '--stream-memory=[Memory for what waits for missing segments, for messages that are not whole, and for what rows of open flows will say]:value:_files' \
        '--overlap=[Which bytes count where TCP segments that wait overlap and differ]:value:(first last)' \
        '--errors[Write a table of what is wrong with packets, with layers in tunnels and with messages]' \
        '--no-errors[Write a table of what is wrong with packets, with layers in tunnels and with messages]' \
        '--windows=[Tables of aligned stretches of time to write]:value:_values -s , value all none slots hosts pairs' \
        '--tick=[Length of a row of slots, 1ms to 24h0m0s]:value:_files' \
        '--window=[Length of the windows of hosts and pairs, 1s to 744h0m0s, in whole seconds]:value:_files' \
        '--hop=[From the begin of one of these windows to that of the next, whole seconds that divide --window, at most 60 times]:value:_files' \
        '--max-expand=[Stop reading an input that decompresses to more than this]:value:_files' \
        '--salvage[Read on behind damage in a capture, where its records continue]' \
        '--max-packet=[Longest captured packet that is believed, up to 16777216]:value:_files' \
        '--row-group-rows=[Rows per Parquet row group]:value:_files' \
        '--part-rows=[Rows per file of a table]:value:_files' \
        '--log-format=[Format of messages on stderr]:value:(text json)' \
        '--quiet[Say nothing but warnings and errors]' \
        '-q[Say nothing but warnings and errors]' \
        '--verbose[Say more in the summary]' \
        '-v[Say more in the summary]' \
        '--progress[Show progress]' \
        '--no-progress[Show progress]' \
        '--config=[YAML file with values for these flags]:value:_files' \
        '--print-config[Print the values in force and where each comes from, then stop]' \
        '*:argument:_files'
      ;;
    esac
    ;;
  plan)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--memory=[Memory that the run may take]:value:_files' \
      '--format=[As in run]:value:(parquet csv tsv jsonl arrow sqlite)' \
      '--features=[Feature groups, as in run]:value:_values -s , value all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets' \
      '--records=[Records, as in run]:value:_values -s , value all none tls x509 quic http ssh dhcp dns' \
      '--errors[As in run]' \
      '--no-errors[As in run]' \
      '--save-errors[As in run]' \
      '--unknown[As in run]' \
      '--windows=[Tables of windows, as in run]:value:_values -s , value all none slots hosts pairs' \
      '--window=[As in run]:value:_files' \
      '--hop=[As in run]:value:_files' \
      '--save-streams=[As in run]:value:_files' \
      '--stream-memory=[As in run]:value:_files' \
      '--first-packets=[As in run]:value:_files' \
      '--row-group-rows=[As in run]:value:_files' \
      '--merge[As in run]' \
      '--duplicates=[As in run]:value:(keep mark drop)' \
      '--fragment-bytes=[As in run]:value:_files' \
      '*:argument:_files'
    ;;
  show)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--select=[Columns to show, in this order]:value:_values -s , value flow_id conn_id piece_no tunnel_depth parent_flow_id community_id capture_id first_packet_index src_ip src_ip_binary src_port dst_ip dst_ip_binary dst_port icmp_type icmp_code protocol ip_version vlan_ids start_ns start_time end_ns end_time duration_ns fwd_packets rev_packets fwd_wire_bytes rev_wire_bytes fwd_ip_bytes rev_ip_bytes fwd_payload_bytes rev_payload_bytes conn_state history end_reason end_reason_code direction_evidence fwd_data_packets rev_data_packets wire_min_bytes wire_mean_bytes wire_std_bytes wire_max_bytes fwd_wire_min_bytes fwd_wire_mean_bytes fwd_wire_std_bytes fwd_wire_max_bytes rev_wire_min_bytes rev_wire_mean_bytes rev_wire_std_bytes rev_wire_max_bytes fwd_payload_min_bytes fwd_payload_mean_bytes fwd_payload_std_bytes fwd_payload_max_bytes rev_payload_min_bytes rev_payload_mean_bytes rev_payload_std_bytes rev_payload_max_bytes iat_min_ns iat_mean_ns iat_std_ns iat_max_ns fwd_iat_min_ns fwd_iat_mean_ns fwd_iat_std_ns fwd_iat_max_ns rev_iat_min_ns rev_iat_mean_ns rev_iat_std_ns rev_iat_max_ns packets_per_s wire_bytes_per_s fwd_packets_per_s rev_packets_per_s producer_consumer_ratio fwd_tcp_flags fwd_fin_packets fwd_syn_packets fwd_rst_packets fwd_psh_packets fwd_ack_packets fwd_urg_packets fwd_ece_packets fwd_cwr_packets rev_tcp_flags rev_fin_packets rev_syn_packets rev_rst_packets rev_psh_packets rev_ack_packets rev_urg_packets rev_ece_packets rev_cwr_packets syn_rtt_ns ack_rtt_ns handshake_ns fwd_retransmitted_packets fwd_retransmitted_bytes fwd_out_of_order_packets fwd_gap_bytes fwd_zero_window_packets fwd_tcp_header_bytes fwd_window_first fwd_window_max fwd_mss fwd_window_scale fwd_tcp_options rev_retransmitted_packets rev_retransmitted_bytes rev_out_of_order_packets rev_gap_bytes rev_zero_window_packets rev_tcp_header_bytes rev_window_first rev_window_max rev_mss rev_window_scale rev_tcp_options active_periods active_min_ns active_mean_ns active_std_ns active_max_ns idle_min_ns idle_mean_ns idle_std_ns idle_max_ns subflows fwd_bulks fwd_bulk_packets fwd_bulk_payload_bytes fwd_bulk_ns rev_bulks rev_bulk_packets rev_bulk_payload_bytes rev_bulk_ns fwd_payload_entropy_bits fwd_payload_printable_ratio rev_payload_entropy_bits rev_payload_printable_ratio fwd_ttl_min fwd_ttl_max fwd_dscp fwd_ecn fwd_ecn_ce_packets rev_ttl_min rev_ttl_max rev_dscp rev_ecn rev_ecn_ce_packets tunnel_type tunnel_id parent_flows src_mac dst_mac mpls_labels link_tags quality_bits late_packets frag_packets frag_unresolved truncated_l4_packets truncated_payload_packets bad_ip_checksum_packets bad_l4_checksum_packets length_mismatch_packets duplicate_packets app_protocol app_protocol_source server_name alpn tls_version ja3 ja3s ja4 hassh hassh_server dns_name http_host user_agent http_status_first fwd_stream_bytes fwd_stream_gap_bytes fwd_stream_gaps fwd_stream_held_bytes fwd_stream_overlap_bytes fwd_stream_conflict_bytes rev_stream_bytes rev_stream_gap_bytes rev_stream_gaps rev_stream_held_bytes rev_stream_overlap_bytes rev_stream_conflict_bytes fwd_size_histogram fwd_iat_histogram rev_size_histogram rev_iat_histogram first_sizes_bytes first_directions first_iats_ns first_tcp_flags' \
      '--where=[Show only rows that meet this condition]:value:_files' \
      '--order=[Sort by these columns, the first one first, upwards]:value:_values -s , value flow_id conn_id piece_no tunnel_depth parent_flow_id community_id capture_id first_packet_index src_ip src_ip_binary src_port dst_ip dst_ip_binary dst_port icmp_type icmp_code protocol ip_version vlan_ids start_ns start_time end_ns end_time duration_ns fwd_packets rev_packets fwd_wire_bytes rev_wire_bytes fwd_ip_bytes rev_ip_bytes fwd_payload_bytes rev_payload_bytes conn_state history end_reason end_reason_code direction_evidence fwd_data_packets rev_data_packets wire_min_bytes wire_mean_bytes wire_std_bytes wire_max_bytes fwd_wire_min_bytes fwd_wire_mean_bytes fwd_wire_std_bytes fwd_wire_max_bytes rev_wire_min_bytes rev_wire_mean_bytes rev_wire_std_bytes rev_wire_max_bytes fwd_payload_min_bytes fwd_payload_mean_bytes fwd_payload_std_bytes fwd_payload_max_bytes rev_payload_min_bytes rev_payload_mean_bytes rev_payload_std_bytes rev_payload_max_bytes iat_min_ns iat_mean_ns iat_std_ns iat_max_ns fwd_iat_min_ns fwd_iat_mean_ns fwd_iat_std_ns fwd_iat_max_ns rev_iat_min_ns rev_iat_mean_ns rev_iat_std_ns rev_iat_max_ns packets_per_s wire_bytes_per_s fwd_packets_per_s rev_packets_per_s producer_consumer_ratio fwd_tcp_flags fwd_fin_packets fwd_syn_packets fwd_rst_packets fwd_psh_packets fwd_ack_packets fwd_urg_packets fwd_ece_packets fwd_cwr_packets rev_tcp_flags rev_fin_packets rev_syn_packets rev_rst_packets rev_psh_packets rev_ack_packets rev_urg_packets rev_ece_packets rev_cwr_packets syn_rtt_ns ack_rtt_ns handshake_ns fwd_retransmitted_packets fwd_retransmitted_bytes fwd_out_of_order_packets fwd_gap_bytes fwd_zero_window_packets fwd_tcp_header_bytes fwd_window_first fwd_window_max fwd_mss fwd_window_scale fwd_tcp_options rev_retransmitted_packets rev_retransmitted_bytes rev_out_of_order_packets rev_gap_bytes rev_zero_window_packets rev_tcp_header_bytes rev_window_first rev_window_max rev_mss rev_window_scale rev_tcp_options active_periods active_min_ns active_mean_ns active_std_ns active_max_ns idle_min_ns idle_mean_ns idle_std_ns idle_max_ns subflows fwd_bulks fwd_bulk_packets fwd_bulk_payload_bytes fwd_bulk_ns rev_bulks rev_bulk_packets rev_bulk_payload_bytes rev_bulk_ns fwd_payload_entropy_bits fwd_payload_printable_ratio rev_payload_entropy_bits rev_payload_printable_ratio fwd_ttl_min fwd_ttl_max fwd_dscp fwd_ecn fwd_ecn_ce_packets rev_ttl_min rev_ttl_max rev_dscp rev_ecn rev_ecn_ce_packets tunnel_type tunnel_id parent_flows src_mac dst_mac mpls_labels link_tags quality_bits late_packets frag_packets frag_unresolved truncated_l4_packets truncated_payload_packets bad_ip_checksum_packets bad_l4_checksum_packets length_mismatch_packets duplicate_packets app_protocol app_protocol_source server_name alpn tls_version ja3 ja3s ja4 hassh hassh_server dns_name http_host user_agent http_status_first fwd_stream_bytes fwd_stream_gap_bytes fwd_stream_gaps fwd_stream_held_bytes fwd_stream_overlap_bytes fwd_stream_conflict_bytes rev_stream_bytes rev_stream_gap_bytes rev_stream_gaps rev_stream_held_bytes rev_stream_overlap_bytes rev_stream_conflict_bytes fwd_size_histogram fwd_iat_histogram rev_size_histogram rev_iat_histogram first_sizes_bytes first_directions first_iats_ns first_tcp_flags' \
      '--head=[Show the first N rows]:value:_files' \
      '--tail=[Show the last N rows]:value:_files' \
      '--stats[Instead of rows, show of each column]' \
      '--format=[Format]:value:(table text csv tsv json jsonl)' \
      '--separator=[What stands between the values of csv and tsv]:value:_files' \
      '--header[Whether csv and tsv begin with the columns'\'' names]' \
      '--no-header[Whether csv and tsv begin with the columns'\'' names]' \
      '--units[Put units behind the columns'\'' names]' \
      '--utc[Show columns in ns since 1970 as times in UTC]' \
      '*:argument:_files'
    ;;
  fingerprint)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--host=[Only of these hosts]:value:_files' \
      '--format=[Format]:value:(json parquet text table)' \
      '--out=[File to write instead of standard output]:value:_files' \
      '-o[File to write instead of standard output]:value:_files' \
      '--force[Replace fingerprints that FILE has]' \
      '*:argument:_files'
    ;;
  compare)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--host=[Host of the source, where it has several]:value:_files' \
      '--target-host=[Host of the target]:value:_files' \
      '--metric=[Metric]:value:(cosine euclidean manhattan jaccard pearson)' \
      '--threshold=[A similarity of at least X matches, a distance of at most X]:value:_files' \
      '--scale=[Fingerprints (]:value:_files' \
      '--format=[Format]:value:(text json)' \
      '*:argument:_files'
    ;;
  inspect)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--host=[The host, where there are several]:value:_files' \
      '--feature=[Look at one feature]:value:_files' \
      '--timeline[Show the feature in each window too]' \
      '--limit=[Windows of the timeline, the newest]:value:_files' \
      '--scale=[Fingerprints (]:value:_files' \
      '--format=[Format]:value:(text json)' \
      '*:argument:_files'
    ;;
  baseline)
    commands=(
      'build:Learn from hosts tables what is normal.'
      'show:Say what is normal of a host, a subnet or all.'
      'list:List what a baseline has, and how much of it.'
      'merge:Make one baseline of several.'
      'forget:Take hosts out of a baseline.'
      'check:Check that a baseline is whole.'
      'export:Write a baseline in a format that other programs read.'
      'import:Make the baseline that was exported.'
    )
    if (( CURRENT == 3 )); then
      _describe command commands
      return
    fi
    case $words[3] in
    build)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--out=[The baseline]:value:_files' \
        '-o[The baseline]:value:_files' \
        '--append[Add to the baseline that is there, if one is]' \
        '--force[Replace the baseline that is there]' \
        '--max-age=[Keep so many days, the newest one in the baseline included, and drop older ones]:value:_files' \
        '--hosts=[Keep N hosts by themselves, those of private addresses first]:value:_files' \
        '--keys=[Keep N keys of services, peers and endpoints for a host and day]:value:_files' \
        '--labels=[Labels of hosts, each of which is a segment]:value:_files' \
        '--protocols[Make a segment of each IP protocol too]' \
        '--covered=[Leave out windows of which captures cover a smaller share]:value:_files' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    show)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--segment=[Whose windows]:value:_files' \
        '--hour=[What is normal at this hour of the week, 0 (Monday 00 UTC) to 167]:value:_files' \
        '--feature=[One feature alone]:value:_files' \
        '--top=[Keys to show of each category, the most frequent]:value:_files' \
        '--format=[Format]:value:(table json)' \
        '*:argument:_files'
      ;;
    list)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--kind=[List segments of one kind]:value:(all global protocol label subnet host)' \
        '--limit=[List N segments of a kind at most, and say how many more there are]:value:_files' \
        '--format=[Format]:value:(table json)' \
        '*:argument:_files'
      ;;
    merge)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--out=[Where to write what they have together]:value:_files' \
        '-o[Where to write what they have together]:value:_files' \
        '--force[Replace another baseline that is there]' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    forget)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    check)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '*:argument:_files'
      ;;
    export)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--format=[Format]:value:(json sqlite)' \
        '--out=[Where to write]:value:_files' \
        '-o[Where to write]:value:_files' \
        '--force[Replace the file that is there]' \
        '*:argument:_files'
      ;;
    import)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--out=[The baseline]:value:_files' \
        '-o[The baseline]:value:_files' \
        '--force[Replace the baseline that is there]' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    esac
    ;;
  drift)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--baseline=[What is normal]:value:_files' \
      '--fail-on=[Exit code 10 from this severity on]:value:(low medium high critical never)' \
      '--format=[What is written to stdout]:value:(text json markdown junit html)' \
      '--output=[Write that to a file, and nothing to stdout]:value:_files' \
      '-o[Write that to a file, and nothing to stdout]:value:_files' \
      '--report=[Write a report there too, in the format that its ending says]:value:_files' \
      '--suppress=[What is known and does not count, as YAML]:value:_files' \
      '--alerts=[Append what fails to this file, a JSON object a line]:value:_files' \
      '--alert-period=[How long an alert is not appended again, by the time of the windows]:value:_files' \
      '--host=[Say only what is said of these hosts by themselves]:value:_files' \
      '--top=[Show N items of a layer and N hosts in text, markdown and html]:value:_files' \
      '--from=[Judge only windows that begin at this instant or later]:value:_files' \
      '--to=[Judge only windows that begin before it]:value:_files' \
      '--labels=[Labels of hosts, as for baseline build, where the baseline has labels]:value:_files' \
      '--covered=[Leave out windows of which captures cover a smaller share]:value:_files' \
      '*:argument:_files'
    ;;
  rules)
    commands=(
      'run:Apply rules to datasets and tables.'
      'list:List rules: those that come with pcapmill, or those of files.'
      'check:Check files of rules against the tables that there can be.'
    )
    if (( CURRENT == 3 )); then
      _describe command commands
      return
    fi
    case $words[3] in
    run)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--rules=[Files of rules]:value:_files' \
        '--shipped[These too, besides those of --rules]' \
        '--only=[Only rules of these names]:value:_files' \
        '--without=[Not the rules of these names]:value:_files' \
        '--baseline=[What is normal, for rules that ask]:value:_files' \
        '--format=[Format]:value:(text json jsonl markdown junit)' \
        '--fail-on=[Exit with 10 where an alert is at least so severe]:value:(none low medium high critical)' \
        '--memory=[Memory for groups and events that wait, as 512MiB]:value:_files' \
        '--late=[Where memory is short, how far behind the latest row others may come]:value:_files' \
        '*:argument:_files'
      ;;
    list)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--format=[Format]:value:(table json yaml)' \
        '*:argument:_files'
      ;;
    check)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '*:argument:_files'
      ;;
    esac
    ;;
  label)
    commands=(
      'run:Say what each flow of a dataset is called. This is what label does without another command'\''s name.'
      'compare:Say how far two labellings agree.'
      'check:Read sources of labels, and say what is in them.'
      'import:Write rules of other tools as a file of rules, to be kept and changed.'
    )
    if [[ CURRENT -eq 3 && $words[CURRENT] != -* ]]; then
      _files
      _describe command commands
      return
    fi
    case $words[3] in
    run)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--rules=[What says which flows are what]:value:_files' \
        '--out=[Folder for the labels]:value:_files' \
        '-o[Folder for the labels]:value:_files' \
        '--force[Replace labels that are there, of other flows, rules or options]' \
        '--zone=[Zone of times that have none]:value:_files' \
        '--format=[Format of all sources, where their content does not tell]:value:_files' \
        '--preset=[Names of the columns of CSV, where its header does not tell]:value:_files' \
        '--csv-map=[Which columns of CSV say what]:value:_files' \
        '--alert-label=[What an alert'\''s label is]:value:(category signature)' \
        '--score-column=[Of tables of scores, the column that has them]:value:_files' \
        '--score-label=[What rows of tables of scores are called at or above --score-threshold]:value:_files' \
        '--score-threshold=[Scores below do not count]:value:_files' \
        '--from-name=[Label all flows of captures whose name fits]:value:_files' \
        '--skip-label=[Take rules and events of this label as if they were not there]:value:_files' \
        '--before=[How long before a flow'\''s start an event may be about it]:value:_files' \
        '--after=[How long after a flow'\''s end an event may be about it]:value:_files' \
        '--attempted=[What attempts that did no harm are called]:value:(suffix same drop)' \
        '--tables=[Tables to label]:value:(flows records windows all)' \
        '--packets=[Label the packets of this capture too, which the flows are of]:value:_files' \
        '--pcapml[Write the captures of --packets as pcapng too, with labels as comments on their packets]' \
        '--report=[Write the coverage report there too, in the format that its ending says]:value:_files' \
        '--workers=[Goroutines]:value:_files' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    compare)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--key-a=[Column of A that says which row is which]:value:_files' \
        '--key-b=[The same of B]:value:_files' \
        '--column-a=[Column of A that has labels]:value:_files' \
        '--column-b=[The same of B]:value:_files' \
        '--capture=[Packets of which capture are compared]:value:_files' \
        '--format=[Format]:value:(text json markdown html)' \
        '--top=[Show N rows of a table, but for json]:value:_files' \
        '*:argument:_files'
      ;;
    check)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--output=[Format of what is said]:value:(text markdown html)' \
        '--zone=[Zone of times that have none]:value:_files' \
        '--format=[Format of all sources, where their content does not tell]:value:_files' \
        '--preset=[Names of the columns of CSV, where its header does not tell]:value:_files' \
        '--csv-map=[Which columns of CSV say what]:value:_files' \
        '--alert-label=[What an alert'\''s label is]:value:(category signature)' \
        '--score-column=[Of tables of scores, the column that has them]:value:_files' \
        '--score-label=[What rows of tables of scores are called at or above --score-threshold]:value:_files' \
        '--score-threshold=[Scores below do not count]:value:_files' \
        '*:argument:_files'
      ;;
    import)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--out=[The file of rules]:value:_files' \
        '-o[The file of rules]:value:_files' \
        '--force[Replace the file that is there]' \
        '--zone=[Zone of times that have none]:value:_files' \
        '--format=[Format of all sources, where their content does not tell]:value:_files' \
        '--preset=[Names of the columns of CSV, where its header does not tell]:value:_files' \
        '--csv-map=[Which columns of CSV say what]:value:_files' \
        '--alert-label=[What an alert'\''s label is]:value:(category signature)' \
        '--score-column=[Of tables of scores, the column that has them]:value:_files' \
        '--score-label=[What rows of tables of scores are called at or above --score-threshold]:value:_files' \
        '--score-threshold=[Scores below do not count]:value:_files' \
        '*:argument:_files'
      ;;
    *)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--rules=[What says which flows are what]:value:_files' \
        '--out=[Folder for the labels]:value:_files' \
        '-o[Folder for the labels]:value:_files' \
        '--force[Replace labels that are there, of other flows, rules or options]' \
        '--zone=[Zone of times that have none]:value:_files' \
        '--format=[Format of all sources, where their content does not tell]:value:_files' \
        '--preset=[Names of the columns of CSV, where its header does not tell]:value:_files' \
        '--csv-map=[Which columns of CSV say what]:value:_files' \
        '--alert-label=[What an alert'\''s label is]:value:(category signature)' \
        '--score-column=[Of tables of scores, the column that has them]:value:_files' \
        '--score-label=[What rows of tables of scores are called at or above --score-threshold]:value:_files' \
        '--score-threshold=[Scores below do not count]:value:_files' \
        '--from-name=[Label all flows of captures whose name fits]:value:_files' \
        '--skip-label=[Take rules and events of this label as if they were not there]:value:_files' \
        '--before=[How long before a flow'\''s start an event may be about it]:value:_files' \
        '--after=[How long after a flow'\''s end an event may be about it]:value:_files' \
        '--attempted=[What attempts that did no harm are called]:value:(suffix same drop)' \
        '--tables=[Tables to label]:value:(flows records windows all)' \
        '--packets=[Label the packets of this capture too, which the flows are of]:value:_files' \
        '--pcapml[Write the captures of --packets as pcapng too, with labels as comments on their packets]' \
        '--report=[Write the coverage report there too, in the format that its ending says]:value:_files' \
        '--workers=[Goroutines]:value:_files' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    esac
    ;;
  dataset)
    commands=(
      'build:Join tables with their labels into a dataset.'
      'split:Divide a dataset into training, validation and test.'
      'check:Look for leakage in a split dataset.'
      'export:Make a package of a dataset, with all that others must know of it.'
      'card:Write the card of a dataset.'
      'rebuild:Make a package again from its captures, and compare.'
    )
    if (( CURRENT == 3 )); then
      _describe command commands
      return
    fi
    case $words[3] in
    build)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--labels=[Labels of these, as label wrote them]:value:_files' \
        '--out=[Folder for the dataset]:value:_files' \
        '-o[Folder for the dataset]:value:_files' \
        '--table=[Table whose rows are labelled]:value:_files' \
        '--keep-role=[Columns of these roles too]:value:(identity time leak_prone label)' \
        '--columns=[Only these columns, by names and patterns such as fwd_*]:value:_files' \
        '--drop=[Never these columns]:value:_files' \
        '--leak-prone=[What becomes of columns that tell the testbed]:value:(drop warn keep)' \
        '--lists[Columns of lists too]' \
        '--where=[Only rows that meet a condition, as of show --where]:value:_files' \
        '--outcome=[Only rows that labelling left so]:value:(labelled unlabelled ambiguous)' \
        '--unlabelled=[Take rows that no source says anything of, as LABEL, such as BENIGN]:value:_files' \
        '--ambiguous=[Take rows that are ambiguous, as LABEL]:value:_files' \
        '--attempted=[What becomes of attempted attacks]:value:(keep same drop)' \
        '--map=[YAML or CSV that gives labels other names, or drops them]:value:_files' \
        '--min-class=[Classes of fewer rows are small]:value:_files' \
        '--small-classes=[What becomes of them]:value:(warn drop)' \
        '--sample=[Take so many rows at most, or this share of them, as 0]:value:_files' \
        '--per-class=[Take so many rows of each class at most]:value:_files' \
        '--seed=[Another seed is another sample]:value:_files' \
        '--memory=[Memory for labels that are in another order than their rows]:value:_files' \
        '--force[Replace the dataset that DIR holds]' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    split)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--out=[Folder for the splits]:value:_files' \
        '-o[Folder for the splits]:value:_files' \
        '--by=[What decides]:value:(time host capture campaign conn random)' \
        '--shares=[Shares of training, validation and test]:value:_files' \
        '--stratify[Reach the shares for each label]' \
        '--group=[Keep rows together that have the same value of these columns of keys, such as campaign or src_ip]:value:_files' \
        '--seed=[Another seed is another split]:value:_files' \
        '--embargo=[By time]:value:_files' \
        '--boundaries=[By time]:value:_files' \
        '--hosts=[By host]:value:(internal initiator)' \
        '--internal=[By host]:value:_files' \
        '--test-hosts=[By host]:value:_files' \
        '--benign=[Labels of what is no campaign, in any case of letters]:value:_files' \
        '--block=[By campaign]:value:_files' \
        '--open-world=[Keep these labels from training, or N labels that the seed chooses]:value:_files' \
        '--open-validation[In validation too]' \
        '--scale=[Write data scaled by what training has, too]:value:(none standard minmax robust)' \
        '--impute=[What stands for unknown values in it]:value:(none mean median zero)' \
        '--log1p[Take the logarithm of numbers first]' \
        '--force[Replace what DIR holds]' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    check)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--label=[Of others]:value:_files' \
        '--split=[Of others]:value:_files' \
        '--group=[Of others]:value:_files' \
        '--time=[Of others]:value:_files' \
        '--scalers=[Of others]:value:_files' \
        '--format=[Format]:value:(text json markdown junit)' \
        '--details[As text, all that is known of each finding, notes too]' \
        '--fail-on=[Exit with 10 where a finding is at least so severe]:value:(none note warning error)' \
        '--allow=[Findings that are known and accepted, of one column or of all]:value:_files' \
        '--accuracy=[Balanced accuracy from which one column alone is a shortcut]:value:_files' \
        '--min-class=[Rows of a class in a split, below which there is a note]:value:_files' \
        '--sample=[Rows of training, and of the others, whose values are compared]:value:_files' \
        '--seed=[Of the choice of these rows]:value:_files' \
        '*:argument:_files'
      ;;
    export)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--out=[Folder to write]:value:_files' \
        '-o[Folder to write]:value:_files' \
        '--meta=[YAML file with what only you can say]:value:_files' \
        '--license=[Licence, as CC-BY-4]:value:_files' \
        '--title=[Title]:value:_files' \
        '--version=[Version of the dataset]:value:_files' \
        '--csv[Write data as CSV too]' \
        '--arrow[Write data as Arrow IPC files too]' \
        '--keys[Pack the keys table, which has addresses, times and connections of rows]' \
        '--no-keys[Pack the keys table, which has addresses, times and connections of rows]' \
        '--check[Look for leaks between the splits, as dataset check does, and say in the card what is found]' \
        '--no-check[Look for leaks between the splits, as dataset check does, and say in the card what is found]' \
        '--force[Replace the package that DIR holds]' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    card)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--meta=[YAML file with what only you can say]:value:_files' \
        '--check[Look for leaks between the splits, as dataset check does, and say what is found]' \
        '--out=[File to write, which is replaced]:value:_files' \
        '-o[File to write, which is replaced]:value:_files' \
        '*:argument:_files'
      ;;
    rebuild)
      _arguments \
        '--help[Show help.]' \
        '-h[Show help.]' \
        '--from=[Folders with the captures and files of labels, whatever they are called there]:value:_files' \
        '--out=[Folder to make the package in]:value:_files' \
        '-o[Folder to make the package in]:value:_files' \
        '--quiet[Say nothing but what is wrong]' \
        '-q[Say nothing but what is wrong]' \
        '*:argument:_files'
      ;;
    esac
    ;;
  nightly)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--example[Print a configuration with comments, and do nothing else]' \
      '--dry-run[List what would be done, and write nothing]' \
      '--date=[Do this night again, with all of its captures, and no other]:value:_files' \
      '--accept=[Say that a flagged night is as it should be]:value:_files' \
      '--reject=[Say that a night is not as it should be, though it was not flagged]:value:_files' \
      '--why=[Why, for the history and the page]:value:_files' \
      '--json[Print the summary as JSON instead of the line]' \
      '--quiet[Print nothing to stdout]' \
      '-q[Print nothing to stdout]' \
      '*:argument:_files'
    ;;
  interfaces)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--format=[Format]:value:(table text csv tsv json jsonl)' \
      '--separator=[What stands between the values of csv and tsv]:value:_files' \
      '--header[Whether csv and tsv begin with the columns'\'' names]' \
      '--no-header[Whether csv and tsv begin with the columns'\'' names]' \
      '--units[Put units behind the columns'\'' names]' \
      '*:argument:_files'
    ;;
  schema)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--format=[Format]:value:(table json markdown)' \
      '*:argument:(flows tls x509 quic http ssh dhcp dns errors slots hosts pairs capture_gaps flow_labels label_hits record_labels window_labels packet_labels keys captures)'
    ;;
  features)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '*:argument:_files'
    ;;
  verify)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--any-mode[Accept files that others may read, as after unpacking an archive]' \
      '*:argument:_files'
    ;;
  version)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '*:argument:_files'
    ;;
  completion)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '*:argument:(bash zsh fish)'
    ;;
  esac
}
if [[ $funcstack[1] == _pcapmill ]]; then
  _pcapmill "$@"
else
  compdef _pcapmill pcapmill
fi
