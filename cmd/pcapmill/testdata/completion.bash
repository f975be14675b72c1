# bash completion for pcapmill
_pcapmill() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "run plan show schema features verify version completion --help" -- "$cur"))
    return
  fi
  case "${COMP_WORDS[1]}" in
  run)
    case "$prev" in
    --format) COMPREPLY=($(compgen -W "parquet csv tsv jsonl arrow" -- "$cur")); return ;;
    --inputs) COMPREPLY=($(compgen -W "sequence independent" -- "$cur")); return ;;
    --duplicates) COMPREPLY=($(compgen -W "keep mark drop" -- "$cur")); return ;;
    --duplicate-key) COMPREPLY=($(compgen -W "ip vlan frame inner" -- "$cur")); return ;;
    --timers) COMPREPLY=($(compgen -W "native zeek" -- "$cur")); return ;;
    --input-hash) COMPREPLY=($(compgen -W "sha256 none" -- "$cur")); return ;;
    --log-format) COMPREPLY=($(compgen -W "text json" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --demo --out -o --force --format --memory --workers --inputs --merge --reorder --duplicates --duplicate-key --duplicate-window --timers --tcp-idle --tcp-closed --udp-idle --other-idle --active --key --tunnel-depth --fragment-ipv4 --fragment-ipv6 --fragment-datagrams --fragment-bytes --features --first-packets --payload-bytes --checksums --no-checksums --from --to --packets --filter --filter-inside --bpf-ddd --include --exclude --max-expand --salvage --max-packet --input-hash --row-group-rows --part-rows --log-format --quiet -q --verbose -v --progress --no-progress --config --print-config" -- "$cur")); return; }
    ;;
  plan)
    case "$prev" in
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --memory --features --first-packets" -- "$cur")); return; }
    ;;
  show)
    case "$prev" in
    --format) COMPREPLY=($(compgen -W "table csv tsv json jsonl" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --select --where --head --tail --format --stats" -- "$cur")); return; }
    ;;
  schema)
    case "$prev" in
    --format) COMPREPLY=($(compgen -W "table json markdown" -- "$cur")); return ;;
    esac
    [[ $cur == -* ]] && { COMPREPLY=($(compgen -W "--help -h --format" -- "$cur")); return; }
    COMPREPLY=($(compgen -W "flows" -- "$cur")); return ;;
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
    COMPREPLY=($(compgen -W "bash zsh fish" -- "$cur")); return ;;
  esac
  COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _pcapmill pcapmill
