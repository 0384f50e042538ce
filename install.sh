#!/usr/bin/env bash
# Installs fluxr: from a release, after verifying its checksum, or from this checkout.
#
#   ./install.sh --from-source [--bin-dir DIR]
#   ./install.sh --release URL --version X.Y.Z [--bin-dir DIR]
#
# URL is the folder that holds fluxr_X.Y.Z_OS_ARCH.tar.gz and fluxr_X.Y.Z_checksums.txt (https:// or file://).
set -euo pipefail

bin_dir=${HOME}/.local/bin
release=
version=
from_source=no
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    printf '✗ %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf 'hint: %s\n' "$2" >&2
    exit 1
}

while [ $# -gt 0 ]; do
    case $1 in
        --bin-dir) bin_dir=${2:?"--bin-dir needs a folder"}; shift ;;
        --release) release=${2:?"--release needs a URL"}; shift ;;
        --version) version=${2:?"--version needs a version"}; version=${version#v}; shift ;;
        --from-source) from_source=yes ;;
        -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) fail "unknown argument $1" "./install.sh --help" ;;
    esac
    shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ "$from_source" = yes ]; then
    command -v cargo > /dev/null || fail 'cargo is not installed' 'install Rust, then run this again'
    cargo build --quiet --locked --release --manifest-path "$here/Cargo.toml" --bin fluxr
    binary=${CARGO_TARGET_DIR:-$here/target}/release/fluxr
else
    [ -n "$release" ] && [ -n "$version" ] || fail 'say where from: --from-source, or --release URL --version X.Y.Z' './install.sh --help'
    case $(uname -s) in Linux) os=linux ;; Darwin) os=darwin ;; *) fail "no release is made for $(uname -s)" '--from-source' ;; esac
    case $(uname -m) in x86_64 | amd64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;; *) fail "no release is made for $(uname -m)" '--from-source' ;; esac
    archive=fluxr_${version}_${os}_${arch}.tar.gz
    sums=fluxr_${version}_checksums.txt
    for file in "$archive" "$sums"; do
        curl --fail --silent --show-error --location --retry 3 --output "$work/$file" "$release/$file" ||
            fail "could not fetch $release/$file" 'look at --release and --version'
    done
    wanted=$(awk -v file="$archive" '$2 == file || $2 == "*" file { print $1 }' "$work/$sums")
    [ -n "$wanted" ] || fail "$sums has no line for $archive"
    if command -v sha256sum > /dev/null; then
        found=$(sha256sum "$work/$archive" | cut -d' ' -f1)
    else
        found=$(shasum -a 256 "$work/$archive" | cut -d' ' -f1)
    fi
    [ "$wanted" = "$found" ] || fail "$archive does not have the checksum that $sums says: nothing was installed"
    tar -xzf "$work/$archive" -C "$work" fluxr
    binary=$work/fluxr
fi

mkdir -p "$bin_dir"
# Put in place by a rename, so that a running fluxr is never half overwritten.
install -m 0755 "$binary" "$bin_dir/.fluxr.new"
mv -f "$bin_dir/.fluxr.new" "$bin_dir/fluxr"
printf '✔ installed %s as %s\n' "$("$bin_dir/fluxr" --version)" "$bin_dir/fluxr"
case ":$PATH:" in *":$bin_dir:"*) ;; *) printf 'hint: add %s to your PATH\n' "$bin_dir" ;; esac
