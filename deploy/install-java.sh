#!/bin/sh
# Install Java 17 and Maven where missing: the servers of `make services` run on them.
set -eu

command -v java >/dev/null && command -v mvn >/dev/null && exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  sudo="sudo -n"
fi
if ! command -v apt-get >/dev/null 2>&1 || { [ -n "$sudo" ] && ! $sudo true 2>/dev/null; }; then
  echo "Java 17 and Maven are needed and cannot be installed here: install openjdk-17-jre-headless and maven" >&2
  exit 1
fi
echo "Installing Java 17 and Maven …"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless maven >/dev/null
