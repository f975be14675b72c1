#compdef pcapmill
_pcapmill() {
  local -a commands
  commands=(
    'run:Turn captures into tables.'
    'plan:Say what a run may take of memory, and how many flows fit.'
    'show:Look into a table.'
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
      '--format=[Format of the tables]:value:(parquet csv tsv jsonl arrow)' \
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
      '--key=[Keep flows apart by more than endpoints and protocol]:value:_files' \
      '--tunnel-depth=[Look into tunnels in tunnels this deep, up to 8]:value:_files' \
      '--fragment-ipv4=[Wait so long, in packet time, for the rest of a fragmented IPv4 datagram]:value:_files' \
      '--fragment-ipv6=[The same for IPv6]:value:_files' \
      '--fragment-datagrams=[Incomplete datagrams held at a time]:value:_files' \
      '--fragment-bytes=[Bytes of memory that they may take]:value:_files' \
      '--features=[Feature groups to write]:value:_files' \
      '--first-packets=[Packets that the first_packets group keeps, up to 1000]:value:_files' \
      '--payload-bytes=[Bytes of each direction'\''s payload that the payload group looks at, up to 255]:value:_files' \
      '--checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
      '--no-checksums[Verify IPv4, TCP, UDP and ICMP checksums]' \
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
  plan)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--memory=[Memory that the run may take]:value:_files' \
      '--features=[Feature groups, as in run]:value:_files' \
      '--first-packets=[As in run]:value:_files' \
      '*:argument:_files'
    ;;
  show)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--select=[Columns to show, in this order]:value:_files' \
      '--where=[Show only rows that meet these comparisons, joined by and]:value:_files' \
      '--head=[Show the first N rows]:value:_files' \
      '--tail=[Show the last N rows]:value:_files' \
      '--format=[Format]:value:(table csv tsv json jsonl)' \
      '--stats[Show values, nulls, distinct values, least, mean and largest of each column instead of rows]' \
      '*:argument:_files'
    ;;
  schema)
    _arguments \
      '--help[Show help.]' \
      '-h[Show help.]' \
      '--format=[Format]:value:(table json markdown)' \
      '*:argument:(flows)'
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
