#!/bin/sh
# Installs fluxr from a release, whose signature and checksums it verifies, or builds it from the checkout that it is in.
# Plain POSIX sh; needs curl or wget, openssl, tar. docs/releasing.md says what a release consists of.
set -eu

# The copy of this script in a release knows its version, where that is, and the key that signed it. `cargo testbed release` fills them in.
own_version=
own_url=
own_key=

usage() {
    cat << 'END'
Install fluxr.

Usage: install.sh [options]

Without options, the copy of this script in a release installs that release, and the copy in a checkout
builds that checkout with cargo. Either says so before it begins.

Options:
  --bin-dir DIR               where to install (default: ~/.local/bin)
  --version X.Y.Z             the version to install (default: the one this script belongs to)
  --release URL               the folder with the files of a release: https://, http:// or file://;
                              {version} stands for the version
  --public-key FILE           the key that the release is signed with (default: the one in this script)
  --insecure-skip-signature   do not verify the signature; checksums are verified in any case
  --from-source               build the checkout that this script is in
  -h, --help                  this text
END
}

fail() {
    printf '✗ %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf 'hint: %s\n' "$2" >&2
    exit 1
}

say() {
    printf '%s\n' "$1" >&2
}

has() {
    command -v "$1" > /dev/null 2>&1
}

# Removes what is not finished; a fluxr that was there before stays as it was.
clean_up() {
    [ -z "$work" ] || rm -rf "$work"
    [ -z "$staged" ] || rm -f "$staged"
    [ "$made_bin_dir" = no ] || (cd "$folder" && rmdir -p "${bin_dir#"$folder"/}") 2> /dev/null || true
}

# fetch URL FILE
fetch() {
    case $1 in
        file://*) reason=$(cp "${1#file://}" "$2" 2>&1) && return ;;
        *)
            if has curl; then
                case $1 in https://*) only=https ;; *) only=http,https ;; esac
                reason=$(curl --proto "=$only" --connect-timeout 30 --retry 3 -fsSL -o "$2" "$1" 2>&1) && return
            elif has wget; then
                # That of busybox tries once and knows no such option; GNU's would try twenty times.
                case $(wget --help 2>&1) in *--tries*) tries='--tries=3 --waitretry=1' ;; *) tries= ;; esac
                # shellcheck disable=SC2086 # two words
                reason=$(wget -nv $tries -O "$2" "$1" 2>&1) && return
                reason=$(printf '%s\n' "$reason" | grep -v '^http' | tail -n 1)
            else
                fail 'neither curl nor wget is installed' 'install one of them, then run this again'
            fi
            ;;
    esac
    fail "could not fetch $1: $reason" "${3:-check the network, --release and --version}"
}

# sha256 FILE
sha256() {
    if has sha256sum; then
        sha256sum < "$1"
    elif has shasum; then
        shasum -a 256 < "$1"
    else
        openssl dgst -sha256 -r < "$1"
    fi | cut -d ' ' -f 1
}

# Fails unless the checksums are those that the key has signed.
verify_signature() {
    if [ "$skip_signature" = yes ]; then
        say '⚠️ the signature is not verified: the server decides what is installed'
        return
    fi
    [ -n "$key" ] || fail 'there is no key to verify the signature with: nothing was installed' \
        '--public-key FILE with the key of the release, or --insecure-skip-signature'
    has openssl || fail 'openssl verifies the signature and is not installed: nothing was installed' \
        'install openssl, or pass --insecure-skip-signature'
    fetch "$url/$sums.sig" "$work/sig" 'the release is not signed, or not whole'
    printf '%s\n' "$key" > "$work/key"
    openssl base64 -d -A -in "$work/sig" -out "$work/der" 2> /dev/null || true
    openssl dgst -sha256 -verify "$work/key" -signature "$work/der" "$work/sums" > /dev/null 2>&1 ||
        fail "$url/$sums is not signed with the key of fluxr: nothing was installed" \
            'the files were changed, or the key is another one: get both again from a place that you trust'
    say '✔ signature verified'
}

# Whether programs for the GNU C library can be loaded.
has_gnu_libc() {
    for loader in /lib/ld-linux-* /lib64/ld-linux-*; do
        [ ! -e "$loader" ] || return 0
    done
    return 1
}

# The platforms whose programs can run here, the best first.
platforms() {
    case $(uname -m) in x86_64 | amd64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;; *) return ;; esac
    case $(uname -s) in
        Linux)
            if has_gnu_libc; then printf '%s ' "linux_$arch"; fi
            printf '%s\n' "linux_musl_$arch"
            ;;
        Darwin) printf '%s\n' "darwin_$arch" ;;
    esac
}

# Downloads and verifies a program that runs here and stages it.
from_release() {
    sums=fluxr_${version}_checksums.txt
    fetch "$url/$sums" "$work/sums"
    verify_signature
    offered=$(sed -n "s/^[0-9a-f]*  fluxr_${version}_\(.*\)\.tar\.gz\$/\1/p" "$work/sums" | tr '\n' ' ')
    [ -n "$offered" ] || fail "$url/$sums names no archive of fluxr $version: nothing was installed"
    reason=
    for platform in $(platforms); do
        case " $offered" in *" $platform "*) ;; *) continue ;; esac
        archive=fluxr_${version}_$platform.tar.gz
        wanted=$(awk -v file="$archive" '$2 == file { print $1 }' "$work/sums")
        fetch "$url/$archive" "$work/archive"
        [ "$wanted" = "$(sha256 "$work/archive")" ] ||
            fail "$url/$archive does not have the checksum in $sums: nothing was installed" \
                'it was changed, or did not arrive whole: run this again'
        say "✔ checksum of $archive verified"
        tar -xzf "$work/archive" -C "$work" fluxr
        stage "$work/fluxr"
        reason=$("$staged" --version 2>&1) || { reason=${reason:-it says nothing}; continue; }
        case "$reason " in
            "fluxr version $version "*) return ;;
            *) fail "$archive holds another version ($reason): nothing was installed" ;;
        esac
    done
    [ -z "$reason" ] || fail "fluxr $version does not run here: $reason" 'build it: install.sh --from-source in a checkout'
    system="$(uname -s) $(uname -m)"
    [ "$(uname -s)" != Linux ] || has_gnu_libc || system="$system without the GNU C library"
    fail "fluxr $version is not released for $system, but for: ${offered% }" \
        'build it: install.sh --from-source in a checkout'
}

# Builds the checkout and stages what comes out.
from_source() {
    has cargo || fail 'cargo is not installed' 'install Rust (rustup), then run this again'
    cargo build --locked --release --manifest-path "$here/Cargo.toml" --bin fluxr || fail 'fluxr does not build: nothing was installed'
    stage "${CARGO_TARGET_DIR:-$here/target}/release/fluxr"
}

# Copies a program beside the place where it belongs, so that putting it there is one rename.
stage() {
    if [ ! -d "$bin_dir" ]; then
        reason=$(mkdir -p "$bin_dir" 2>&1) || fail "cannot make $bin_dir: $reason" '--bin-dir DIR with a folder of yours, or run this with sudo'
        made_bin_dir=yes
    fi
    staged=$bin_dir/.fluxr.$$
    { reason=$(cp "$1" "$staged" 2>&1) && reason=$(chmod 755 "$staged" 2>&1); } ||
        fail "cannot write to $bin_dir: $reason" '--bin-dir DIR with a folder of yours, or run this with sudo'
}

parse() {
    while [ $# -gt 0 ]; do
        option=$1
        shift
        case $option in
            --bin-dir=* | --version=* | --release=* | --public-key=*)
                value=${option#*=}
                option=${option%%=*}
                ;;
            --bin-dir | --version | --release | --public-key)
                [ $# -gt 0 ] || fail "$option needs a value" 'install.sh --help'
                value=$1
                shift
                ;;
        esac
        case $option in
            --bin-dir) bin_dir=$value ;;
            --version) version=${value#v} ;;
            --release) url=$value ;;
            --public-key) key=$(cat "$value" 2> /dev/null) || fail "cannot read the key $value" ;;
            --insecure-skip-signature) skip_signature=yes ;;
            --from-source) source=yes ;;
            -h | --help)
                usage
                exit 0
                ;;
            *) fail "unknown option $option" 'install.sh --help lists the options' ;;
        esac
    done
}

# Decides where fluxr comes from, and says it.
decide() {
    here=
    # A script that comes through a pipe is in no folder.
    case $0 in *install.sh) here=$(cd "$(dirname "$0")" && pwd) ;; esac
    if [ -z "$source$url$version" ] && [ -z "$own_version" ] && [ -n "$here" ] && [ -f "$here/Cargo.toml" ]; then
        source=yes
    fi
    if [ "$source" = yes ]; then
        [ -z "$url$version" ] || fail '--from-source goes without --release and --version'
        [ -n "$here" ] && [ -f "$here/Cargo.toml" ] || fail 'this script is not in a checkout: there is nothing to build'
        say "► building fluxr from the checkout $here, into $bin_dir"
        return
    fi
    version=${version:-$own_version}
    if [ -z "$url" ] && [ -n "$here" ] && [ -f "$here/fluxr_${version}_checksums.txt" ]; then
        url=file://$here
    fi
    url=${url:-$own_url}
    [ -n "$url" ] || fail 'this copy of install.sh belongs to no release that it could fetch' \
        '--release URL --version X.Y.Z --public-key FILE, or --from-source in a checkout'
    case $version in
        '') fail 'which version?' '--version X.Y.Z' ;;
        [0-9]*.[0-9]*.[0-9]*) case $version in *[!0-9A-Za-z.+-]*) fail "$version is not a version" '--version X.Y.Z' ;; esac ;;
        *) fail "$version is not a version" '--version X.Y.Z' ;;
    esac
    url=$(printf '%s\n' "${url%/}" | sed "s/{version}/$version/g")
    case $url in
        https://* | http://* | file://*) ;;
        *) fail "$url is not an address that begins with https://, http:// or file://" ;;
    esac
    say "► installing fluxr $version from $url into $bin_dir"
}

# Fails early where nothing can be written, before anything is fetched or built.
look_at_bin_dir() {
    [ ! -d "$bin_dir/fluxr" ] || fail "$bin_dir/fluxr is a folder" '--bin-dir DIR with another folder'
    folder=$bin_dir
    while [ ! -e "$folder" ]; do folder=$(dirname "$folder"); done
    [ -d "$folder" ] || fail "$folder is not a folder" '--bin-dir DIR with another folder'
    [ -w "$folder" ] || fail "you may not write to $folder" '--bin-dir DIR with a folder of yours, or run this with sudo'
}

main() {
    work=
    staged=
    made_bin_dir=no
    bin_dir=${HOME:-}/.local/bin
    url=
    version=
    source=
    skip_signature=no
    key=$own_key
    parse "$@"
    case $bin_dir in
        /.local/bin) fail 'HOME is not set' '--bin-dir DIR' ;;
        '') fail '--bin-dir needs a folder' ;;
        /*) ;;
        # A shell does not expand it behind an equals sign.
        [~]/*) bin_dir=${HOME:-}/${bin_dir#[~]/} ;;
        *) bin_dir=$PWD/$bin_dir ;;
    esac
    decide
    look_at_bin_dir
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    if [ "$source" = yes ]; then
        from_source
    else
        work=$(mktemp -d) || fail 'cannot make a folder for what is downloaded' 'set TMPDIR'
        from_release
    fi
    before=
    [ ! -x "$bin_dir/fluxr" ] || before=$("$bin_dir/fluxr" --version 2> /dev/null) || before='another program'
    mv -f "$staged" "$bin_dir/fluxr" || fail "cannot write to $bin_dir"
    staged=
    made_bin_dir=no
    printf '✔ installed %s as %s\n' "$("$bin_dir/fluxr" --version)" "$bin_dir/fluxr"
    [ -z "$before" ] || say "it replaces $before"
    found=$(command -v fluxr || true)
    case ":$PATH:" in
        *":$bin_dir:"*) [ "$found" = "$bin_dir/fluxr" ] || say "hint: $found comes first on your PATH" ;;
        *) say "hint: add $bin_dir to your PATH" ;;
    esac
}

# The last line, so that a script that arrives cut in the middle does nothing.
main "$@"
