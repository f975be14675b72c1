# bash completion for pcapmill

# The last element of a list with commas, of the words that are not in it yet.
_pcapmill_list() {
  local before= word left=
  [[ $cur == *,* ]] && before=${cur%,*},
  for word in $1; do
    [[ ,$before == *,$word,* ]] || left+=" $word"
  done
  compopt -o nospace 2>/dev/null
  COMPREPLY=($(compgen -P "$before" -W "$left" -- "${cur##*,}"))
}

_pcapmill() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  [ "$cur" = = ] && cur= || { [ "$prev" = = ] && prev=${COMP_WORDS[COMP_CWORD-2]}; } # --flag=value is three words
  COMPREPLY=()
  [ "$COMP_CWORD" -eq 1 ] && { COMPREPLY=($(compgen -W "run live plan show fingerprint compare inspect baseline drift rules label dataset nightly interfaces schema features verify version completion --help" -- "$cur")); return; }
  case "${COMP_WORDS[1]}" in
  run)
    case "$prev" in
    --format) COMPREPLY=($(compgen -W "parquet csv tsv jsonl arrow sqlite" -- "$cur")); return ;;
    --inputs) COMPREPLY=($(compgen -W "sequence independent" -- "$cur")); return ;;
    --duplicates) COMPREPLY=($(compgen -W "keep mark drop" -- "$cur")); return ;;
    --duplicate-key) COMPREPLY=($(compgen -W "ip vlan frame inner" -- "$cur")); return ;;
    --timers) COMPREPLY=($(compgen -W "native zeek" -- "$cur")); return ;;
    --key) _pcapmill_list "vlan tunnel"; return ;;
    --features) _pcapmill_list "all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets"; return ;;
    --addr-format) COMPREPLY=($(compgen -W "text binary both" -- "$cur")); return ;;
    --records) _pcapmill_list "all none tls x509 quic http ssh dhcp dns"; return ;;
    --overlap) COMPREPLY=($(compgen -W "first last" -- "$cur")); return ;;
    --windows) _pcapmill_list "all none slots hosts pairs"; return ;;
    --input-hash) COMPREPLY=($(compgen -W "sha256 none" -- "$cur")); return ;;
    --log-format) COMPREPLY=($(compgen -W "text json" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --demo --out -o --force --format --memory --workers --inputs --merge --reorder --duplicates --duplicate-key --duplicate-window --timers --tcp-idle --tcp-closed --udp-idle --other-idle --active --key --tunnel-depth --fragment-ipv4 --fragment-ipv6 --fragment-datagrams --fragment-bytes --features --addr-format --first-packets --payload-bytes --checksums --no-checksums --records --keep-secrets --stream-bytes --stream-memory --save-streams --overlap --errors --no-errors --save-errors --unknown --unknown-limit --windows --tick --window --hop --from --to --packets --filter --filter-inside --bpf-ddd --include --exclude --max-expand --salvage --max-packet --input-hash --row-group-rows --part-rows --log-format --quiet -q --verbose -v --progress --no-progress --config --print-config" -- "$cur")); return; }
    ;;
  live)
    [ "$COMP_CWORD" -eq 2 ] && [[ $cur != -* ]] && { COMPREPLY=($(compgen -W "start capture analyse forward" -- "$cur") $(compgen -f -- "$cur")); return; }
    case "${COMP_WORDS[2]}" in
    start)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "parquet csv tsv jsonl arrow" -- "$cur")); return ;;
      --timestamps) COMPREPLY=($(compgen -W "auto software hardware" -- "$cur")); return ;;
      --keep-segments) COMPREPLY=($(compgen -W "none flagged all" -- "$cur")); return ;;
      --alert-from) COMPREPLY=($(compgen -W "low medium high critical" -- "$cur")); return ;;
      --duplicates) COMPREPLY=($(compgen -W "keep mark drop" -- "$cur")); return ;;
      --duplicate-key) COMPREPLY=($(compgen -W "ip vlan frame inner" -- "$cur")); return ;;
      --timers) COMPREPLY=($(compgen -W "native zeek" -- "$cur")); return ;;
      --key) _pcapmill_list "vlan tunnel"; return ;;
      --features) _pcapmill_list "all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets"; return ;;
      --addr-format) COMPREPLY=($(compgen -W "text binary both" -- "$cur")); return ;;
      --records) _pcapmill_list "all none tls x509 quic http ssh dhcp dns"; return ;;
      --overlap) COMPREPLY=($(compgen -W "first last" -- "$cur")); return ;;
      --windows) _pcapmill_list "all none slots hosts pairs"; return ;;
      --log-format) COMPREPLY=($(compgen -W "text json" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --interface -i --out -o --segments --format --duration --filter --snaplen --promisc --no-promisc --rings --block-bytes --blocks --timestamps --rotate --retain --zstd --session-note --keep-segments --fail-on-loss --checkpoint-every --baseline --judge-every --suppress --labels --covered --rules --shipped --alert-from --alert-period --save-baseline --metrics --metrics-any --pprof --no-sandbox --require-sandbox --memory --workers --reorder --duplicates --duplicate-key --duplicate-window --timers --tcp-idle --tcp-closed --udp-idle --other-idle --active --key --tunnel-depth --fragment-ipv4 --fragment-ipv6 --fragment-datagrams --fragment-bytes --features --addr-format --first-packets --payload-bytes --checksums --no-checksums --records --keep-secrets --stream-bytes --stream-memory --overlap --errors --no-errors --windows --tick --window --hop --max-expand --salvage --max-packet --row-group-rows --part-rows --log-format --quiet -q --verbose -v --progress --no-progress --config --print-config" -- "$cur")); return; }
      ;;
    capture)
      case "$prev" in
      --timestamps) COMPREPLY=($(compgen -W "auto software hardware" -- "$cur")); return ;;
      --log-format) COMPREPLY=($(compgen -W "text json" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --interface -i --segments --filter --snaplen --promisc --no-promisc --rings --block-bytes --blocks --timestamps --rotate --retain --zstd --no-sandbox --require-sandbox --released-by --duration --session-note --fail-on-loss --log-format --quiet -q" -- "$cur")); return; }
      ;;
    analyse)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "parquet csv tsv jsonl arrow" -- "$cur")); return ;;
      --keep-segments) COMPREPLY=($(compgen -W "none flagged all" -- "$cur")); return ;;
      --alert-from) COMPREPLY=($(compgen -W "low medium high critical" -- "$cur")); return ;;
      --duplicates) COMPREPLY=($(compgen -W "keep mark drop" -- "$cur")); return ;;
      --duplicate-key) COMPREPLY=($(compgen -W "ip vlan frame inner" -- "$cur")); return ;;
      --timers) COMPREPLY=($(compgen -W "native zeek" -- "$cur")); return ;;
      --key) _pcapmill_list "vlan tunnel"; return ;;
      --features) _pcapmill_list "all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets"; return ;;
      --addr-format) COMPREPLY=($(compgen -W "text binary both" -- "$cur")); return ;;
      --records) _pcapmill_list "all none tls x509 quic http ssh dhcp dns"; return ;;
      --overlap) COMPREPLY=($(compgen -W "first last" -- "$cur")); return ;;
      --windows) _pcapmill_list "all none slots hosts pairs"; return ;;
      --log-format) COMPREPLY=($(compgen -W "text json" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --out -o --format --follow --keep-segments --fail-on-loss --checkpoint-every --baseline --judge-every --suppress --labels --covered --rules --shipped --alert-from --alert-period --save-baseline --metrics --metrics-any --pprof --no-sandbox --require-sandbox --memory --workers --reorder --duplicates --duplicate-key --duplicate-window --timers --tcp-idle --tcp-closed --udp-idle --other-idle --active --key --tunnel-depth --fragment-ipv4 --fragment-ipv6 --fragment-datagrams --fragment-bytes --features --addr-format --first-packets --payload-bytes --checksums --no-checksums --records --keep-secrets --stream-bytes --stream-memory --overlap --errors --no-errors --windows --tick --window --hop --from --to --filter --filter-inside --bpf-ddd --max-expand --salvage --max-packet --row-group-rows --part-rows --log-format --quiet -q --verbose -v --progress --no-progress --config --print-config" -- "$cur")); return; }
      ;;
    forward)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "rfc5424" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --syslog --format --state --facility --enterprise --message-bytes --hostname --once" -- "$cur")); return; }
      ;;
    *)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "parquet csv tsv jsonl arrow" -- "$cur")); return ;;
      --timestamps) COMPREPLY=($(compgen -W "auto software hardware" -- "$cur")); return ;;
      --keep-segments) COMPREPLY=($(compgen -W "none flagged all" -- "$cur")); return ;;
      --alert-from) COMPREPLY=($(compgen -W "low medium high critical" -- "$cur")); return ;;
      --duplicates) COMPREPLY=($(compgen -W "keep mark drop" -- "$cur")); return ;;
      --duplicate-key) COMPREPLY=($(compgen -W "ip vlan frame inner" -- "$cur")); return ;;
      --timers) COMPREPLY=($(compgen -W "native zeek" -- "$cur")); return ;;
      --key) _pcapmill_list "vlan tunnel"; return ;;
      --features) _pcapmill_list "all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets"; return ;;
      --addr-format) COMPREPLY=($(compgen -W "text binary both" -- "$cur")); return ;;
      --records) _pcapmill_list "all none tls x509 quic http ssh dhcp dns"; return ;;
      --overlap) COMPREPLY=($(compgen -W "first last" -- "$cur")); return ;;
      --windows) _pcapmill_list "all none slots hosts pairs"; return ;;
      --log-format) COMPREPLY=($(compgen -W "text json" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --interface -i --out -o --segments --format --duration --filter --snaplen --promisc --no-promisc --rings --block-bytes --blocks --timestamps --rotate --retain --zstd --session-note --keep-segments --fail-on-loss --checkpoint-every --baseline --judge-every --suppress --labels --covered --rules --shipped --alert-from --alert-period --save-baseline --metrics --metrics-any --pprof --no-sandbox --require-sandbox --memory --workers --reorder --duplicates --duplicate-key --duplicate-window --timers --tcp-idle --tcp-closed --udp-idle --other-idle --active --key --tunnel-depth --fragment-ipv4 --fragment-ipv6 --fragment-datagrams --fragment-bytes --features --addr-format --first-packets --payload-bytes --checksums --no-checksums --records --keep-secrets --stream-bytes --stream-memory --overlap --errors --no-errors --windows --tick --window --hop --max-expand --salvage --max-packet --row-group-rows --part-rows --log-format --quiet -q --verbose -v --progress --no-progress --config --print-config" -- "$cur")); return; }
      ;;
    esac
    ;;
  plan)
    case "$prev" in
    --format) COMPREPLY=($(compgen -W "parquet csv tsv jsonl arrow sqlite" -- "$cur")); return ;;
    --features) _pcapmill_list "all default core volume size timing rates flags tcp activity subflows bulk payload ip tunnel link quality application streams histograms first_packets"; return ;;
    --records) _pcapmill_list "all none tls x509 quic http ssh dhcp dns"; return ;;
    --windows) _pcapmill_list "all none slots hosts pairs"; return ;;
    --duplicates) COMPREPLY=($(compgen -W "keep mark drop" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --memory --format --features --records --errors --no-errors --save-errors --unknown --windows --window --hop --save-streams --stream-memory --first-packets --row-group-rows --merge --duplicates --fragment-bytes" -- "$cur")); return; }
    ;;
  show)
    case "$prev" in
    --select) _pcapmill_list "flow_id conn_id piece_no tunnel_depth parent_flow_id community_id capture_id first_packet_index src_ip src_ip_binary src_port dst_ip dst_ip_binary dst_port icmp_type icmp_code protocol ip_version vlan_ids start_ns start_time end_ns end_time duration_ns fwd_packets rev_packets fwd_wire_bytes rev_wire_bytes fwd_ip_bytes rev_ip_bytes fwd_payload_bytes rev_payload_bytes conn_state history end_reason end_reason_code direction_evidence fwd_data_packets rev_data_packets wire_min_bytes wire_mean_bytes wire_std_bytes wire_max_bytes fwd_wire_min_bytes fwd_wire_mean_bytes fwd_wire_std_bytes fwd_wire_max_bytes rev_wire_min_bytes rev_wire_mean_bytes rev_wire_std_bytes rev_wire_max_bytes fwd_payload_min_bytes fwd_payload_mean_bytes fwd_payload_std_bytes fwd_payload_max_bytes rev_payload_min_bytes rev_payload_mean_bytes rev_payload_std_bytes rev_payload_max_bytes iat_min_ns iat_mean_ns iat_std_ns iat_max_ns fwd_iat_min_ns fwd_iat_mean_ns fwd_iat_std_ns fwd_iat_max_ns rev_iat_min_ns rev_iat_mean_ns rev_iat_std_ns rev_iat_max_ns packets_per_s wire_bytes_per_s fwd_packets_per_s rev_packets_per_s producer_consumer_ratio fwd_tcp_flags fwd_fin_packets fwd_syn_packets fwd_rst_packets fwd_psh_packets fwd_ack_packets fwd_urg_packets fwd_ece_packets fwd_cwr_packets rev_tcp_flags rev_fin_packets rev_syn_packets rev_rst_packets rev_psh_packets rev_ack_packets rev_urg_packets rev_ece_packets rev_cwr_packets syn_rtt_ns ack_rtt_ns handshake_ns fwd_retransmitted_packets fwd_retransmitted_bytes fwd_out_of_order_packets fwd_gap_bytes fwd_zero_window_packets fwd_tcp_header_bytes fwd_window_first fwd_window_max fwd_mss fwd_window_scale fwd_tcp_options rev_retransmitted_packets rev_retransmitted_bytes rev_out_of_order_packets rev_gap_bytes rev_zero_window_packets rev_tcp_header_bytes rev_window_first rev_window_max rev_mss rev_window_scale rev_tcp_options active_periods active_min_ns active_mean_ns active_std_ns active_max_ns idle_min_ns idle_mean_ns idle_std_ns idle_max_ns subflows fwd_bulks fwd_bulk_packets fwd_bulk_payload_bytes fwd_bulk_ns rev_bulks rev_bulk_packets rev_bulk_payload_bytes rev_bulk_ns fwd_payload_entropy_bits fwd_payload_printable_ratio rev_payload_entropy_bits rev_payload_printable_ratio fwd_ttl_min fwd_ttl_max fwd_dscp fwd_ecn fwd_ecn_ce_packets rev_ttl_min rev_ttl_max rev_dscp rev_ecn rev_ecn_ce_packets tunnel_type tunnel_id parent_flows src_mac dst_mac mpls_labels link_tags quality_bits late_packets frag_packets frag_unresolved truncated_l4_packets truncated_payload_packets bad_ip_checksum_packets bad_l4_checksum_packets length_mismatch_packets duplicate_packets app_protocol app_protocol_source server_name alpn tls_version ja3 ja3s ja4 hassh hassh_server dns_name http_host user_agent http_status_first fwd_stream_bytes fwd_stream_gap_bytes fwd_stream_gaps fwd_stream_held_bytes fwd_stream_overlap_bytes fwd_stream_conflict_bytes rev_stream_bytes rev_stream_gap_bytes rev_stream_gaps rev_stream_held_bytes rev_stream_overlap_bytes rev_stream_conflict_bytes fwd_size_histogram fwd_iat_histogram rev_size_histogram rev_iat_histogram first_sizes_bytes first_directions first_iats_ns first_tcp_flags"; return ;;
    --order) _pcapmill_list "flow_id conn_id piece_no tunnel_depth parent_flow_id community_id capture_id first_packet_index src_ip src_ip_binary src_port dst_ip dst_ip_binary dst_port icmp_type icmp_code protocol ip_version vlan_ids start_ns start_time end_ns end_time duration_ns fwd_packets rev_packets fwd_wire_bytes rev_wire_bytes fwd_ip_bytes rev_ip_bytes fwd_payload_bytes rev_payload_bytes conn_state history end_reason end_reason_code direction_evidence fwd_data_packets rev_data_packets wire_min_bytes wire_mean_bytes wire_std_bytes wire_max_bytes fwd_wire_min_bytes fwd_wire_mean_bytes fwd_wire_std_bytes fwd_wire_max_bytes rev_wire_min_bytes rev_wire_mean_bytes rev_wire_std_bytes rev_wire_max_bytes fwd_payload_min_bytes fwd_payload_mean_bytes fwd_payload_std_bytes fwd_payload_max_bytes rev_payload_min_bytes rev_payload_mean_bytes rev_payload_std_bytes rev_payload_max_bytes iat_min_ns iat_mean_ns iat_std_ns iat_max_ns fwd_iat_min_ns fwd_iat_mean_ns fwd_iat_std_ns fwd_iat_max_ns rev_iat_min_ns rev_iat_mean_ns rev_iat_std_ns rev_iat_max_ns packets_per_s wire_bytes_per_s fwd_packets_per_s rev_packets_per_s producer_consumer_ratio fwd_tcp_flags fwd_fin_packets fwd_syn_packets fwd_rst_packets fwd_psh_packets fwd_ack_packets fwd_urg_packets fwd_ece_packets fwd_cwr_packets rev_tcp_flags rev_fin_packets rev_syn_packets rev_rst_packets rev_psh_packets rev_ack_packets rev_urg_packets rev_ece_packets rev_cwr_packets syn_rtt_ns ack_rtt_ns handshake_ns fwd_retransmitted_packets fwd_retransmitted_bytes fwd_out_of_order_packets fwd_gap_bytes fwd_zero_window_packets fwd_tcp_header_bytes fwd_window_first fwd_window_max fwd_mss fwd_window_scale fwd_tcp_options rev_retransmitted_packets rev_retransmitted_bytes rev_out_of_order_packets rev_gap_bytes rev_zero_window_packets rev_tcp_header_bytes rev_window_first rev_window_max rev_mss rev_window_scale rev_tcp_options active_periods active_min_ns active_mean_ns active_std_ns active_max_ns idle_min_ns idle_mean_ns idle_std_ns idle_max_ns subflows fwd_bulks fwd_bulk_packets fwd_bulk_payload_bytes fwd_bulk_ns rev_bulks rev_bulk_packets rev_bulk_payload_bytes rev_bulk_ns fwd_payload_entropy_bits fwd_payload_printable_ratio rev_payload_entropy_bits rev_payload_printable_ratio fwd_ttl_min fwd_ttl_max fwd_dscp fwd_ecn fwd_ecn_ce_packets rev_ttl_min rev_ttl_max rev_dscp rev_ecn rev_ecn_ce_packets tunnel_type tunnel_id parent_flows src_mac dst_mac mpls_labels link_tags quality_bits late_packets frag_packets frag_unresolved truncated_l4_packets truncated_payload_packets bad_ip_checksum_packets bad_l4_checksum_packets length_mismatch_packets duplicate_packets app_protocol app_protocol_source server_name alpn tls_version ja3 ja3s ja4 hassh hassh_server dns_name http_host user_agent http_status_first fwd_stream_bytes fwd_stream_gap_bytes fwd_stream_gaps fwd_stream_held_bytes fwd_stream_overlap_bytes fwd_stream_conflict_bytes rev_stream_bytes rev_stream_gap_bytes rev_stream_gaps rev_stream_held_bytes rev_stream_overlap_bytes rev_stream_conflict_bytes fwd_size_histogram fwd_iat_histogram rev_size_histogram rev_iat_histogram first_sizes_bytes first_directions first_iats_ns first_tcp_flags"; return ;;
    --format) COMPREPLY=($(compgen -W "table text csv tsv json jsonl" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --select --where --order --head --tail --stats --format --separator --header --no-header --units --utc" -- "$cur")); return; }
    ;;
  fingerprint)
    case "$prev" in
    --format) COMPREPLY=($(compgen -W "json parquet text table" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --host --format --out -o --force" -- "$cur")); return; }
    ;;
  compare)
    case "$prev" in
    --metric) COMPREPLY=($(compgen -W "cosine euclidean manhattan jaccard pearson" -- "$cur")); return ;;
    --format) COMPREPLY=($(compgen -W "text json" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --host --target-host --metric --threshold --scale --format" -- "$cur")); return; }
    ;;
  inspect)
    case "$prev" in
    --format) COMPREPLY=($(compgen -W "text json" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --host --feature --timeline --limit --scale --format" -- "$cur")); return; }
    ;;
  baseline)
    [ "$COMP_CWORD" -eq 2 ] && { COMPREPLY=($(compgen -W "build show list merge forget check export import --help" -- "$cur")); return; }
    case "${COMP_WORDS[2]}" in
    build)
      case "$prev" in
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --out -o --append --force --max-age --hosts --keys --labels --protocols --covered --quiet -q" -- "$cur")); return; }
      ;;
    show)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "table json" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --segment --hour --feature --top --format" -- "$cur")); return; }
      ;;
    list)
      case "$prev" in
      --kind) COMPREPLY=($(compgen -W "all global protocol label subnet host" -- "$cur")); return ;;
      --format) COMPREPLY=($(compgen -W "table json" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --kind --limit --format" -- "$cur")); return; }
      ;;
    merge)
      case "$prev" in
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --out -o --force --quiet -q" -- "$cur")); return; }
      ;;
    forget)
      case "$prev" in
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --quiet -q" -- "$cur")); return; }
      ;;
    check)
      case "$prev" in
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h" -- "$cur")); return; }
      ;;
    export)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "json sqlite" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --format --out -o --force" -- "$cur")); return; }
      ;;
    import)
      case "$prev" in
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --out -o --force --quiet -q" -- "$cur")); return; }
      ;;
    esac
    ;;
  drift)
    case "$prev" in
    --fail-on) COMPREPLY=($(compgen -W "low medium high critical never" -- "$cur")); return ;;
    --format) COMPREPLY=($(compgen -W "text json markdown junit html" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --baseline --fail-on --format --output -o --report --suppress --alerts --alert-period --host --top --from --to --labels --covered" -- "$cur")); return; }
    ;;
  rules)
    [ "$COMP_CWORD" -eq 2 ] && { COMPREPLY=($(compgen -W "run list check --help" -- "$cur")); return; }
    case "${COMP_WORDS[2]}" in
    run)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "text json jsonl markdown junit" -- "$cur")); return ;;
      --fail-on) COMPREPLY=($(compgen -W "none low medium high critical" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --rules --shipped --only --without --baseline --format --fail-on --memory --late" -- "$cur")); return; }
      ;;
    list)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "table json yaml" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --format" -- "$cur")); return; }
      ;;
    check)
      case "$prev" in
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h" -- "$cur")); return; }
      ;;
    esac
    ;;
  label)
    [ "$COMP_CWORD" -eq 2 ] && [[ $cur != -* ]] && { COMPREPLY=($(compgen -W "run compare check import" -- "$cur") $(compgen -f -- "$cur")); return; }
    case "${COMP_WORDS[2]}" in
    run)
      case "$prev" in
      --alert-label) COMPREPLY=($(compgen -W "category signature" -- "$cur")); return ;;
      --attempted) COMPREPLY=($(compgen -W "suffix same drop" -- "$cur")); return ;;
      --tables) COMPREPLY=($(compgen -W "flows records windows all" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --rules --out -o --force --zone --format --preset --csv-map --alert-label --score-column --score-label --score-threshold --from-name --skip-label --before --after --attempted --tables --packets --pcapml --report --workers --quiet -q" -- "$cur")); return; }
      ;;
    compare)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "text json markdown html" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --key-a --key-b --column-a --column-b --capture --format --top" -- "$cur")); return; }
      ;;
    check)
      case "$prev" in
      --output) COMPREPLY=($(compgen -W "text markdown html" -- "$cur")); return ;;
      --alert-label) COMPREPLY=($(compgen -W "category signature" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --output --zone --format --preset --csv-map --alert-label --score-column --score-label --score-threshold" -- "$cur")); return; }
      ;;
    import)
      case "$prev" in
      --alert-label) COMPREPLY=($(compgen -W "category signature" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --out -o --force --zone --format --preset --csv-map --alert-label --score-column --score-label --score-threshold" -- "$cur")); return; }
      ;;
    *)
      case "$prev" in
      --alert-label) COMPREPLY=($(compgen -W "category signature" -- "$cur")); return ;;
      --attempted) COMPREPLY=($(compgen -W "suffix same drop" -- "$cur")); return ;;
      --tables) COMPREPLY=($(compgen -W "flows records windows all" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --rules --out -o --force --zone --format --preset --csv-map --alert-label --score-column --score-label --score-threshold --from-name --skip-label --before --after --attempted --tables --packets --pcapml --report --workers --quiet -q" -- "$cur")); return; }
      ;;
    esac
    ;;
  dataset)
    [ "$COMP_CWORD" -eq 2 ] && { COMPREPLY=($(compgen -W "build split check export card rebuild --help" -- "$cur")); return; }
    case "${COMP_WORDS[2]}" in
    build)
      case "$prev" in
      --keep-role) COMPREPLY=($(compgen -W "identity time leak_prone label" -- "$cur")); return ;;
      --leak-prone) COMPREPLY=($(compgen -W "drop warn keep" -- "$cur")); return ;;
      --outcome) COMPREPLY=($(compgen -W "labelled unlabelled ambiguous" -- "$cur")); return ;;
      --attempted) COMPREPLY=($(compgen -W "keep same drop" -- "$cur")); return ;;
      --small-classes) COMPREPLY=($(compgen -W "warn drop" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --labels --out -o --table --keep-role --columns --drop --leak-prone --lists --where --outcome --unlabelled --ambiguous --attempted --map --min-class --small-classes --sample --per-class --seed --memory --force --quiet -q" -- "$cur")); return; }
      ;;
    split)
      case "$prev" in
      --by) COMPREPLY=($(compgen -W "time host capture campaign conn random" -- "$cur")); return ;;
      --hosts) COMPREPLY=($(compgen -W "internal initiator" -- "$cur")); return ;;
      --scale) COMPREPLY=($(compgen -W "none standard minmax robust" -- "$cur")); return ;;
      --impute) COMPREPLY=($(compgen -W "none mean median zero" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --out -o --by --shares --stratify --group --seed --embargo --boundaries --hosts --internal --test-hosts --benign --block --open-world --open-validation --scale --impute --log1p --force --quiet -q" -- "$cur")); return; }
      ;;
    check)
      case "$prev" in
      --format) COMPREPLY=($(compgen -W "text json markdown junit" -- "$cur")); return ;;
      --fail-on) COMPREPLY=($(compgen -W "none note warning error" -- "$cur")); return ;;
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --label --split --group --time --scalers --format --details --fail-on --allow --accuracy --min-class --sample --seed" -- "$cur")); return; }
      ;;
    export)
      case "$prev" in
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --out -o --meta --license --title --version --csv --arrow --keys --no-keys --check --no-check --force --quiet -q" -- "$cur")); return; }
      ;;
    card)
      case "$prev" in
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --meta --check --out -o" -- "$cur")); return; }
      ;;
    rebuild)
      case "$prev" in
      esac
      [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --from --out -o --quiet -q" -- "$cur")); return; }
      ;;
    esac
    ;;
  nightly)
    case "$prev" in
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --example --dry-run --date --accept --reject --why --json --quiet -q" -- "$cur")); return; }
    ;;
  interfaces)
    case "$prev" in
    --format) COMPREPLY=($(compgen -W "table text csv tsv json jsonl" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --format --separator --header --no-header --units" -- "$cur")); return; }
    ;;
  schema)
    case "$prev" in
    --format) COMPREPLY=($(compgen -W "table json markdown" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --format" -- "$cur")); return; }
    COMPREPLY=($(compgen -W "flows tls x509 quic http ssh dhcp dns errors slots hosts pairs capture_gaps flow_labels label_hits record_labels window_labels packet_labels keys captures" -- "$cur")); return
    ;;
  features)
    case "$prev" in
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h" -- "$cur")); return; }
    ;;
  verify)
    case "$prev" in
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --any-mode" -- "$cur")); return; }
    ;;
  version)
    case "$prev" in
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h" -- "$cur")); return; }
    ;;
  completion)
    case "$prev" in
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h" -- "$cur")); return; }
    COMPREPLY=($(compgen -W "bash zsh fish" -- "$cur")); return
    ;;
  esac
  COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _pcapmill pcapmill
