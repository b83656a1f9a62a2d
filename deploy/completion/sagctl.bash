# bash completion of sagctl, made by: sagctl completion bash
_sagctl() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="status check links tunnels routes board sensors events why notes watch ping trace dns probe capture blink switch rekey log-level wan bundle metrics completion --help"
  else
    case ${COMP_WORDS[1]} in
      status) words="--offline --config --watch --json --socket --help" ;;
      check) words="--config --zh --sag --json --socket --help" ;;
      links) words="--watch --json --socket --help" ;;
      tunnels) words="--watch --json --socket --help" ;;
      routes) words="--watch --json --socket --help" ;;
      board) words="update abort --watch --json --socket --help" ;;
      sensors) words="--watch --json --socket --help" ;;
      events) words="--last --json --socket --help" ;;
      why) words="--watch --json --socket --help" ;;
      notes) words="--last --follow --json --socket --help" ;;
      watch) words="status links tunnels routes why board sensors --json --socket --help" ;;
      ping) words="--via --count --size --json --socket --help" ;;
      trace) words="--via --json --socket --help" ;;
      dns) words="--via --server --type --json --socket --help" ;;
      probe) words="--via --port --json --socket --help" ;;
      capture) words="--via --write --seconds --packets --host --port --protocol --json --socket --help" ;;
      blink) words="--seconds --json --socket --help" ;;
      switch) words="--json --socket --help" ;;
      rekey) words="--json --socket --help" ;;
      log-level) words="debug info notice warning error --for --json --socket --help" ;;
      wan) words="dhcp static pppoe keep undo release --address --gateway --dns --user --json --socket --help" ;;
      bundle) words="--output --anonymise --config --json --socket --help" ;;
      metrics) words="--json --socket --help" ;;
      completion) words="bash zsh man --json --socket --help" ;;
    esac
  fi
  case $before in
    --type) words="A AAAA" ;;
    --protocol) words="tcp udp icmp arp esp" ;;
    --anonymise) words="none public all" ;;
    --via) words=$(sagctl links --json 2>/dev/null | grep -o '"id":"[^"]*"' | cut -d'"' -f4) ;;
    --config|--socket|--write|--output) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _sagctl sagctl
