#!/bin/sh
# Issue the certificates of the demo into a folder and build the page that shows them. `make demo` calls this script.
set -eu

out=$1
bin=${BIN:-.venv/bin}

[ -e "$out/keys.json" ] || "$bin/certbeam" keys new --out "$out/keys.json" --base_url https://certs.example.org/certs

# Exit status 1 means that claims were rejected. The demo has one event for each kind of error.
run() {
  pipeline=$1
  shift
  echo
  echo "certbeam $pipeline"
  "$bin/certbeam" "$pipeline" \
    --input "examples/$pipeline-events.jsonl" \
    --lms "sqlite:$out/certbeam.db" \
    --registry "sqlite:$out/registry.db" \
    --storage "$out/certs" \
    --large_messages "$out/large_messages" \
    --outcomes "$out/outcomes/$pipeline" \
    --dead_letters "$out/dead_letters/$pipeline" \
    --audit "$out/audit/$pipeline" \
    --keys "$out/keys.json" \
    --template_allow examples || [ $? -eq 1 ]
}

run issue
run generate
echo
echo "certbeam verify"
set -- "$out"/certs/*/*.svg
"$bin/certbeam" verify --offline "$out/certs" "$1"
"$bin/python" examples/gallery.py "$out/certs" "$out/outcomes" "$out/index.html"
echo
echo "The certificates: $(cd "$out" && pwd)/index.html"
