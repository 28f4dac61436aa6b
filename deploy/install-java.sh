#!/bin/sh
# Install Java 17 and Maven where missing: the servers of `make services` run on them.
set -eu

command -v java >/dev/null && command -v mvn >/dev/null && exit 0

if [ "$(id -u)" = 0 ]; then as_root=; elif command -v sudo >/dev/null; then as_root=sudo; else as_root=none; fi
if [ "$as_root" = none ] || ! command -v apt-get >/dev/null; then
  echo "Java 17 and Maven are needed and cannot be installed here: install openjdk-17-jre-headless and maven" >&2
  exit 1
fi
$as_root apt-get update -qq
$as_root apt-get install -y -qq openjdk-17-jre-headless maven
