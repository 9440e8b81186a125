#!/bin/sh
# The smallest executor image that trains, mines and infers: no network learns anything here, boxes are counted.
#   training   the average box of each class, and in how many images the class is: one stage, prior.tsv
#   mining     the size of an image's file: what is hard to compress may be worth a look
#   inference  the average boxes, for each image the same
# The folders are /in and /out; YMIR_IN and YMIR_OUT say otherwise where the image runs as a process.
set -eu

IN="${YMIR_IN:-/in}"
OUT="${YMIR_OUT:-/out}"
TAB=$(printf '\t')
work=$(mktemp -d)

# --- what is asked -----------------------------------------------------------------------------------------------

# asked training|mining|infer: whether env.yaml asks for it
asked() { grep -q "^run_$1: true" "$IN/env.yaml"; }

# value KEY: a text or number of config.yaml, without YAML's quotes
value() { sed -n "s/^$1: *//p" "$IN/config.yaml" | tr -d "\"'"; }

# list KEY: the items of a list in config.yaml, one a line, without YAML's quotes
list() {
  awk -v key="$1:" '
    /^[^ -]/ { inside = $0 == key; next }
    inside && sub(/^ *- /, "") {
      if (sub(/^"/, "") && sub(/"$/, "")) {
        gsub(/\\\\/, "\001"); gsub(/\\"/, "\""); gsub(/\001/, "\\")
      } else if (sub(/^\047/, "") && sub(/\047$/, "")) gsub(/\047\047/, "\047")
      print
    }' "$IN/config.yaml"
}

# here PATH: where a path that an index or config.yaml names lies
here() { printf '%s' "$IN${1#/in}"; }

# --- what is told ------------------------------------------------------------------------------------------------

# monitor PROGRESS STATE [ERROR_CODE MESSAGE]: written beside and moved, so that nobody reads half of it
monitor() {
  printf '%s\t%s\t%s\t%s' "$(value task_id)" "$(date +%s)" "$1" "$2" >"$work/monitor"
  [ $# -lt 4 ] || printf '\t%s\t%s' "$3" "$4" >>"$work/monitor"
  echo >>"$work/monitor"
  cp "$work/monitor" "$OUT/monitor.txt.new"
  mv "$OUT/monitor.txt.new" "$OUT/monitor.txt"
}

progress=0
error_code=160004
message='see the log'

# at PROGRESS WORDS: how far it is
at() {
  progress=$1
  echo "$2"
  monitor "$progress" 2
}

# fail ERROR_CODE MESSAGE: one of the protocol's codes
fail() {
  error_code=$1
  message=$2
  echo "error $error_code: $message" >&2
  exit 1
}

# whatever ends the script: an error is told, in words where there are any
ended() {
  status=$?
  [ "$status" -eq 0 ] || monitor "$progress" 4 "$error_code" "$message"
  rm -rf "$work"
}
trap ended EXIT
trap 'exit 143' TERM

# --- training ----------------------------------------------------------------------------------------------------

# boxes INDEX: image number, class index, xmin, ymin, xmax, ymax of all objects of a set (ark: commas, inclusive maxima)
boxes() {
  number=0
  while IFS="$TAB" read -r image annotation; do
    number=$((number + 1))
    [ -s "$(here "$image")" ] || fail 300003 "$image cannot be read"
    awk -F', *' -v OFS='\t' -v image="$number" 'NF >= 5 { print image, $1, $2, $3, $4, $5 }' "$(here "$annotation")"
  done <"$1"
}

# learn NAMES BOXES IMAGES: class name, share of the images that have it, average x, y, width, height
learn() {
  awk -F'\t' -v OFS='\t' -v images="$3" '
    NR == FNR { name[NR - 1] = $0; next }
    {
      boxes[$2]++; x[$2] += $3; y[$2] += $4; width[$2] += $5 - $3 + 1; height[$2] += $6 - $4 + 1
      if (!(($1, $2) in seen)) { seen[$1, $2]; with[$2]++ }
    }
    END {
      for (class = 0; class in name; class++) if (n = boxes[class])
        print name[class], with[class] / images, x[class] / n, y[class] / n, width[class] / n, height[class] / n
    }' "$1" "$2"
}

# evaluate NAMES PRIOR BOXES IMAGES IOU: mAP, true positives, false positives, false negatives. All predictions of a
# class score the same, so its precision-recall curve is one point and its average precision precision times recall.
evaluate() {
  awk -F'\t' -v names="$1" -v prior="$2" -v images="$4" -v threshold="$5" '
    function overlap(left, top, right, bottom, c,   width, height, both) {
      width = least(right + 1, x[c] + w[c]) - most(left, x[c])
      height = least(bottom + 1, y[c] + h[c]) - most(top, y[c])
      if (width <= 0 || height <= 0) return 0
      both = width * height
      return both / ((right + 1 - left) * (bottom + 1 - top) + w[c] * h[c] - both)
    }
    function least(a, b) { return a < b ? a : b }
    function most(a, b) { return a > b ? a : b }
    BEGIN {
      while ((getline line <names) > 0) class[line] = classes++
      while ((getline line <prior) > 0) {
        split(line, field, "\t")
        c = class[field[1]]; known[c]; x[c] = field[3]; y[c] = field[4]; w[c] = field[5]; h[c] = field[6]
      }
    }
    {
      positives[$2]++
      if ($2 in known && overlap($3, $4, $5, $6, $2) >= threshold && !(($1, $2) in hit)) { hit[$1, $2]; hits[$2]++ }
    }
    END {
      for (c in positives) { with++; sum += hits[c] / images * (hits[c] / positives[c]); fn += positives[c] - hits[c] }
      for (c in known) { tp += hits[c]; fp += images - hits[c] }
      print (with ? sum / with : 0), tp + 0, fp + 0, fn + 0
    }' "$3"
}

train() {
  [ "$(value export_format)" = ark:raw ] || fail 300001 'export_format must be ark:raw, which is read here'
  [ -s "$IN/train-index.tsv" ] && [ -s "$IN/val-index.tsv" ] || fail 300002 'a training and a validation set are needed'
  at 0.1 'reading the training set'
  list class_names >"$work/names"
  boxes "$IN/train-index.tsv" >"$work/train"
  images=$number
  [ -s "$work/train" ] || fail 300002 "none of the $images training images has a box of a class that is to be learnt"

  at 0.5 "counting $(wc -l <"$work/train") boxes in $images images"
  mkdir -p "$OUT/models/prior"
  learn "$work/names" "$work/train" "$images" >"$OUT/models/prior/prior.tsv"

  at 0.7 'looking at the validation set'
  boxes "$IN/val-index.tsv" >"$work/val"
  evaluate "$work/names" "$OUT/models/prior/prior.tsv" "$work/val" "$number" "$(value iou_threshold)" >"$work/metrics"
  read -r map tp fp fn <"$work/metrics"
  cat >"$OUT/models/result.yaml" <<END
best_stage_name: prior
mAP: $map
model_stages:
  prior: {stage_name: prior, files: [prior.tsv], timestamp: $(date +%s), mAP: $map, tp: $tp, fp: $fp, fn: $fn}
evaluate_config: {iou_thr: $(value iou_threshold)}
END
  echo "mAP $map"
}

# --- mining and inference ----------------------------------------------------------------------------------------

mine() {
  at 0.1 'mining'
  while read -r image; do
    [ -s "$(here "$image")" ] || fail 300003 "$image cannot be read"
    printf '%s\t%d\n' "$image" "$(wc -c <"$(here "$image")")"
  done <"$IN/candidate-index.tsv" >"$work/scores"
  sort -t "$TAB" -k 2,2nr "$work/scores" >"$OUT/result.tsv"
}

infer() {
  at 0.5 'inferring'
  list model_params_path >"$work/models"
  model=$(grep '/prior\.tsv$' "$work/models") || fail 300004 'model_params_path names no prior.tsv'
  [ -s "$(here "$model")" ] || fail 300004 "$model is not there"
  awk -F'\t' -v threshold="$(value score_threshold)" '
    function text(words) { gsub(/\\/, "&&", words); gsub(/"/, "\\\\&", words); return "\"" words "\"" }
    BEGIN { printf "{\"detection\": {" }
    NR == FNR && $2 >= threshold {
      box = sprintf("{\"x\": %s, \"y\": %s, \"w\": %s, \"h\": %s}", $3, $4, $5, $6)
      boxes = boxes comma sprintf("{\"box\": %s, \"class_name\": %s, \"score\": %s}", box, text($1), $2)
      comma = ", "
    }
    NR == FNR { next }
    {
      count = split($0, part, "/")
      printf "%s\n%s: {\"boxes\": [%s]}", (FNR > 1 ? "," : ""), text(part[count]), boxes
    }
    END { print "\n}}" }' "$(here "$model")" "$IN/candidate-index.tsv" >"$OUT/infer-result.json"
}

# -----------------------------------------------------------------------------------------------------------------

monitor 0 1
if asked training; then train; fi
if asked mining; then mine; fi
if asked infer; then infer; fi
monitor 1 3
