#!/bin/sh
# Installs pli for the user who runs this: downloads the archive of a release for this system, compares its SHA-256 sum
# with the list of the release, starts the program once, and moves it to its place by a rename. It needs no root, and
# edits no settings of a shell. docs/install.md describes it. POSIX sh.
#
# Everything is in functions, and the last line starts them: a script that was cut during its download does nothing. Its
# braces keep a shell from starting a part of that line.

set -u

usage() {
  cat <<'END'
Usage: install.sh [--from ADDRESS] [--version VERSION] [--to FOLDER]

  --from ADDRESS     where the releases are (https), by default PLI_RELEASES:
                     ADDRESS/latest/download/ has the newest, ADDRESS/download/vVERSION/ each one
  --version VERSION  the release to install, by default the newest
  --to FOLDER        the folder of the program, by default ~/.local/bin
END
}

# The oldest glibc on which pli runs: 2.28.
GLIBC_MAJOR=2
GLIBC_MINOR=28

# The largest files that are downloaded, in blocks of 512 bytes (of 1024 in bash): 64 KiB and 256 MiB.
SUMS_BLOCKS=128
ARCHIVE_BLOCKS=524288

work=
child=

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

clean_up() {
  # A second Ctrl-C would end rm.
  trap '' HUP INT TERM
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null
    # It would make its file again.
    wait "$child" 2>/dev/null
  fi
  if [ -n "$work" ]; then rm -rf "$work"; fi
}

# Sets `system` to the name that this system has in the names of archives.
find_system() {
  kernel=$(uname -s)
  processor=$(uname -m)
  case $kernel in
    Linux) system=linux ;;
    Darwin) system=macos ;;
    *) fail "there is no archive for $kernel that this script installs. docs/install.md names other ways." ;;
  esac
  # A shell under Rosetta reports the processor that Rosetta emulates.
  if [ "$system" = macos ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then processor=arm64; fi
  case $processor in
    x86_64 | amd64) system=$system-x64 ;;
    aarch64 | arm64) system=$system-arm64 ;;
    *) fail "there is no archive for the processor $processor." ;;
  esac
  if [ "$kernel" = Linux ]; then check_libc; fi
}

# Ends the script unless the system has a glibc that pli runs on.
check_libc() {
  # With 64-bit kernels some systems have 32-bit programs only.
  bits=$(getconf LONG_BIT 2>/dev/null || echo 64)
  [ "$bits" = 64 ] || fail "this system's programs have $bits bits. pli needs a 64-bit system."
  # "glibc 2.36". On musl getconf is missing or does not have this name.
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc=
  case $libc in
    "glibc "[0-9]*.[0-9]*) ;;
    *) fail "this system has no glibc (systems with musl, such as Alpine, have none). pli needs glibc $GLIBC_MAJOR.$GLIBC_MINOR or newer." ;;
  esac
  version=${libc#glibc }
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%[!0-9]*}
  if [ "$major" -lt "$GLIBC_MAJOR" ] || { [ "$major" -eq "$GLIBC_MAJOR" ] && [ "$minor" -lt "$GLIBC_MINOR" ]; }; then
    fail "this system has glibc $version. pli needs $GLIBC_MAJOR.$GLIBC_MINOR or newer."
  fi
}

# download URL FILE BLOCKS. In the background, because a shell handles no signal while it runs a program in the foreground.
download() {
  # In the subshell; `exec` lets a signal reach the program.
  (
    # A write over the limit fails, instead of ending the program with a core dump.
    trap '' XFSZ
    ulimit -f "$3"
    if has curl; then
      # The option applies to redirections too.
      protocols='=https'
      case $1 in http:*) protocols='=http' ;; esac
      exec curl --fail --silent --show-error --location --proto "$protocols" --connect-timeout 30 \
        --speed-limit 1 --speed-time 60 --output "$2" "$1"
    fi
    # wget has no such option. With a proxy that does not exist a redirection to http fails.
    case $1 in https:*) export http_proxy=http://127.0.0.1:9 no_proxy='' ;; esac
    exec wget -q -t 2 -T 60 -O "$2" "$1"
  ) &
  child=$!
  wait "$child"
  result=$?
  child=
  [ "$result" -eq 0 ] || fail "$1 cannot be downloaded. Nothing was installed."
}

# sum_of FILE
sum_of() {
  if has sha256sum; then
    sha256sum <"$1"
  else
    shasum -a 256 <"$1"
  fi | cut -d ' ' -f 1
}

# Sets `archive` and `expected` to the name and the sum of the one archive in a list that fits the name and the system.
find_entry() {
  archive=
  expected=
  while read -r sum name; do
    # The mark of a binary file.
    name=${name#\*}
    case $name in
      *[!0-9A-Za-z.+_-]*) continue ;;
      pli-v*"-$system.tar.gz") ;;
      *) continue ;;
    esac
    if [ -n "$wanted" ] && [ "$name" != "pli-v$wanted-$system.tar.gz" ]; then continue; fi
    [ -z "$archive" ] || fail "SHA256SUMS has several archives for $system. Nothing was installed."
    archive=$name
    expected=$sum
  done <"$1"
  [ -n "$archive" ] || fail "SHA256SUMS has no archive ${wanted:+of $wanted }for $system. Nothing was installed."
  case $expected in
    *[!0-9a-f]*) fail "SHA256SUMS has no valid sum of $archive. Nothing was installed." ;;
  esac
  [ ${#expected} -eq 64 ] || fail "SHA256SUMS has no valid sum of $archive. Nothing was installed."
}

# Tells whether a shell finds the new program by its name.
tell_path() {
  case ":$PATH:" in
    *":$to:"*) ;;
    *)
      printf '%s is not in PATH. This line, for example in ~/.profile, adds it:\n' "$to"
      # shellcheck disable=SC2016 # The shell that reads the profile expands it.
      printf '  export PATH="%s:$PATH"\n' "$to"
      return
      ;;
  esac
  found=$(command -v pli)
  if [ "$found" != "$to/pli" ]; then printf 'The command pli is still %s, which comes before in PATH.\n' "$found"; fi
}

main() {
  releases=${PLI_RELEASES:-}
  wanted=
  to=
  while [ $# -gt 0 ]; do
    case $1 in
      --from | --version | --to)
        [ -n "${2:-}" ] || fail "$1 needs a value."
        case $1 in
          --from) releases=$2 ;;
          --version) wanted=${2#v} ;;
          --to) to=$2 ;;
        esac
        shift 2
        ;;
      --help)
        usage
        exit 0
        ;;
      *)
        usage >&2
        exit 2
        ;;
    esac
  done
  [ -n "$releases" ] || fail "the address of the releases is missing: --from ADDRESS, or PLI_RELEASES."
  releases=${releases%/}
  case $releases in
    https://* | http://127.0.0.1:* | http://localhost:*) ;;
    *) fail "$releases: an address of releases begins with https://" ;;
  esac
  # "http://127.0.0.1:x@HOST" would be one on another computer.
  case $releases in
    *@*) fail "$releases: an address of releases has no user name and no @." ;;
  esac
  case $wanted in
    *[!0-9A-Za-z.+-]*) fail "$wanted is not a version." ;;
  esac
  if [ -z "$to" ]; then
    [ -n "${HOME:-}" ] || fail "HOME is not set. --to names the folder."
    to=$HOME/.local/bin
  fi

  find_system
  has curl || has wget || fail "neither curl nor wget is installed."
  has sha256sum || has shasum || fail "neither sha256sum nor shasum is installed, so the download cannot be verified."
  has tar || fail "tar is not installed."

  # CDPATH would make cd print.
  CDPATH=
  mkdir -p -- "$to" || fail "the folder $to cannot be made. --to names another one."
  to=$(cd -- "$to" && pwd) || fail "the folder $to cannot be opened. --to names another one."
  [ ! -d "$to/pli" ] || fail "$to/pli is a folder. --to names another place."
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # On the volume of the program, so that it gets its name by a rename.
  work=$(mktemp -d "$to/.pli-install.XXXXXX") || fail "$to is not writable. --to names another folder."

  if [ -n "$wanted" ]; then
    download "$releases/download/v$wanted/SHA256SUMS" "$work/SHA256SUMS" "$SUMS_BLOCKS"
  else
    download "$releases/latest/download/SHA256SUMS" "$work/SHA256SUMS" "$SUMS_BLOCKS"
  fi
  find_entry "$work/SHA256SUMS"
  version=${archive#pli-v}
  version=${version%"-$system.tar.gz"}
  printf 'Downloading %s\n' "$archive"
  # Not from latest/, which may be a newer release by now.
  download "$releases/download/v$version/$archive" "$work/archive.tar.gz" "$ARCHIVE_BLOCKS"
  actual=$(sum_of "$work/archive.tar.gz")
  if [ "$actual" != "$expected" ]; then
    fail "the download has the sum $actual, SHA256SUMS has $expected. Nothing was installed."
  fi

  # As the file of who runs this: root would give it the owner that it has in the archive.
  tar -xzof "$work/archive.tar.gz" -C "$work" pli || fail "$archive has no program pli. Nothing was installed."
  if [ ! -f "$work/pli" ] || [ -L "$work/pli" ]; then fail "pli in $archive is no file. Nothing was installed."; fi
  chmod 755 "$work/pli"
  "$work/pli" --version </dev/null >/dev/null || fail "the downloaded pli does not start here. Nothing was installed."
  # A pli that runs keeps its file.
  mv -f "$work/pli" "$to/pli" || fail "$to/pli cannot be replaced."
  printf 'pli %s is installed: %s\n' "$version" "$to/pli"
  tell_path
}

{ main "$@"; }
