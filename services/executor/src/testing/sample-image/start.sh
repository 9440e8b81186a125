#!/bin/bash
# A tiny executor image: does what config.yaml's `behave` says, by the contract, with nothing but a shell.
# As a process: YMIR_IN and YMIR_OUT name the job's folders (default /in and /out).
IN="${YMIR_IN:-/in}"
OUT="${YMIR_OUT:-/out}"

value() { sed -n "s/^$1: *//p" "$IN/config.yaml" | tr -d "\"'"; }
asked() { grep -q "^run_$1: true" "$IN/env.yaml"; }
monitor() { printf '%s\t%s\t%s\t%s%s\n' "$(value task_id)" "$(date +%s)" "$1" "$2" "$3" >"$OUT/monitor.txt"; }

stage() {
  mkdir -p "$OUT/models/$1"
  printf 'weights of %s' "$1" >"$OUT/models/$1/model.onnx"
  STAGES="$STAGES  $1: {stage_name: $1, files: [model.onnx], timestamp: $3, mAP: $2, TP: 5}
"
  printf 'best_stage_name: %s\nmAP: %s\nmodel_stages:\n%s' "$1" "$2" "$STAGES" >"$OUT/models/result.yaml"
}

train() {
  [ -s "$IN/train-index.tsv" ] && [ -s "$IN/val-index.tsv" ] || { echo 'no index'; exit 3; }
  while IFS="$(printf '\t')" read -r image annotation; do
    [ -s "$IN${image#/in}" ] && [ -s "$IN${annotation#/in}" ] || { echo "missing $image"; exit 3; }
  done <"$IN/train-index.tsv"
  monitor 0.25 2
  stage epoch_1 0.5 1663934682
  monitor 0.75 2
  stage epoch_2 0.8 1663935000
}

mine() {
  # lowest first, to see that the order is not relied on
  number=0
  while read -r image; do
    number=$((number + 1))
    printf '%s\t0.%s\n' "$image" "$number"
  done <"$IN/candidate-index.tsv" >"$OUT/result.tsv"
}

infer() {
  separator=''
  printf '{"detection": {' >"$OUT/infer-result.json"
  while read -r image; do
    printf '%s"%s": {"boxes": [{"box": {"x": 1, "y": 2, "w": 3, "h": 4}, "class_name": "cat", "score": 0.9}]}' \
      "$separator" "$(basename "$image")" >>"$OUT/infer-result.json"
    separator=', '
  done <"$IN/candidate-index.tsv"
  printf '}}' >>"$OUT/infer-result.json"
}

echo "hello from the sample image: behave $(value behave)"
case "$(value behave)" in
  crash) monitor 0.4 4 "$(printf '\t300002\tthe data is not there')"; echo 'Traceback: boom' >&2; exit 9 ;;
  garbage) printf '\000\377 half of nothi' >"$OUT/monitor.txt" ;;
  nothing) exit 0 ;;
  forever) echo 'will never end'; trap '' TERM; while :; do sleep 0.1; done ;;
  brood) trap '' TERM; while :; do printf . >>"$OUT/beat"; sleep 0.05; done & while :; do sleep 0.1; done ;;
  polite) trap 'echo goodbye; exit 0' TERM; touch "$OUT/ready"; while :; do sleep 0.05; done ;;
  killed) kill -KILL $$ ;;
  stubborn) (trap '' TERM; sleep 60) & ;;
  fills) monitor 0.1 2; while :; do head -c 100000 /dev/zero >>"$OUT/large"; sleep 0.05; done ;;
  litters) while :; do head -c 200000 /dev/zero >>/tmp/litter; sleep 0.05; done ;;
  wait) monitor 0.1 2; while [ ! -e "$OUT/go" ]; do sleep 0.05; done ;;
  loud) echo 'a warning' >&2; echo 'on we go'; while [ ! -e "$OUT/go" ]; do :; done; echo 'an error' >&2 ;;
  script) eval "$(value script | base64 -d)" ;;
  late) monitor 0.1 2; train; while [ ! -e "$OUT/go" ]; do echo "waiting"; sleep 0.05; done; exit 7 ;;
esac

if asked training; then train; fi
if asked mining; then mine; fi
if asked infer; then infer; fi
[ "$(value behave)" = garbage ] || monitor 1 3
