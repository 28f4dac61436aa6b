#!/bin/sh
# Install the system libraries that certbeam draws with, where they are missing: libcairo2 and the Noto fonts.
set -eu

packages=""
ldconfig -p 2>/dev/null | grep -q 'libcairo\.so\.2' || packages="$packages libcairo2"
find /usr/share/fonts "$HOME/.fonts" -name 'NotoSansDevanagari-Regular.*' 2>/dev/null | grep -q . \
  || packages="$packages fonts-noto-core"
find /usr/share/fonts "$HOME/.fonts" -name 'NotoSansCJK-Regular.*' 2>/dev/null | grep -q . \
  || packages="$packages fonts-noto-cjk"
[ -n "$packages" ] || exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  sudo="sudo -n"
fi
if ! command -v apt-get >/dev/null 2>&1 || { [ -n "$sudo" ] && ! $sudo true 2>/dev/null; }; then
  echo "Please install (names of Debian and Ubuntu):$packages" >&2
  exit 1
fi
echo "Installing$packages …"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086 # the list is meant to be split
$sudo apt-get install -y -qq --no-install-recommends $packages >/dev/null
