#!/bin/sh
# Installs what this checkout lacks, into .venv/, .veza/ and node_modules/: uv, the locked Python environments, the CDK
# command line, FFmpeg and ClamAV, and a browser for the tests. Needs nothing but a Debian or Ubuntu with python3 >= 3.11 and Node >= 20. Every part
# has a stamp made of what it was built from, so that a second run takes no time. Safe to kill and to run again.
#
#   dev/bootstrap.sh            everything
#   dev/bootstrap.sh python     only what `make check` needs: uv and .venv
#   dev/bootstrap.sh browser    everything, and Chromium for the tests that look at the page
set -eu
cd "$(dirname "$0")/.."
ROOT=$PWD
HOME_DIR=$ROOT/.veza
STAMPS=$HOME_DIR/stamps
LOG=$HOME_DIR/bootstrap.log
DEBS=$HOME_DIR/debs
UV=$HOME_DIR/uv/bin/uv
ENGINE_PACKAGES="ffmpeg clamav clamav-daemon clamav-freshclam clamav-testfiles"
ENGINE_PROGRAMS="ffmpeg ffprobe clamd clamscan freshclam"
BROWSER_PACKAGES="chromium"
export PATH="$HOME_DIR/bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME

say() { printf '%s\n' "$*" >&2; }

die() { # message, then lines of advice
    say ""; say "✗ $1"; shift
    for line in "$@"; do say "  $line"; done
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" = 0 ]; }

has_apt() { have apt-get && have dpkg; }

# step NAME FUNCTION: runs it with its output in the log, prints how long it took, shows the log's tail if it fails.
step() {
    started=$(date +%s)
    if [ -t 2 ]; then printf '  … %s\r' "$1" >&2; fi
    # A process of its own: a shell forgets `set -e` in whatever it runs as a condition.
    if "$ROOT/dev/bootstrap.sh" run "$2" >"$LOG" 2>&1; then
        printf '  ✓ %s  (%ss)\n' "$1" "$(($(date +%s) - started))" >&2
    else
        printf '  ✗ %s\n\n' "$1" >&2
        tail -n 25 "$LOG" >&2
        die "Could not install: $1." "The whole output is in ${LOG#"$ROOT"/}. Run the same command again to retry."
    fi
}

fingerprint() { # of the files and words given
    { for each in "$@"; do if [ -f "$each" ]; then cat "$each"; else echo "$each"; fi; done; echo "$ROOT"; } |
        sha256sum | cut -c1-32
}

fresh() { [ -f "$STAMPS/$1" ] && [ "$(cat "$STAMPS/$1")" = "$2" ]; }

stamp() { mkdir -p "$STAMPS"; printf '%s\n' "$2" >"$STAMPS/$1"; }

# --- what has to be there before ------------------------------------------------------------------------------------

find_python() {
    for candidate in "${VEZA_PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] && have "$candidate" || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        "$candidate" -c 'import sys; print(sys.executable)'
        return
    done
    die "Python 3.11 or newer is missing." "Debian, Ubuntu: apt-get install python3" "macOS: brew install python@3.13"
}

require_node() {
    have node && have npm ||
        die "Node 20 or newer, with npm, is missing." "Debian: apt-get install nodejs npm" "Elsewhere: https://nodejs.org"
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
        die "Node 20 or newer is needed, this is $(node --version)." "See https://nodejs.org for a newer one."
}

missing_engines() {
    for program in $ENGINE_PROGRAMS; do have "$program" || printf '%s ' "$program"; done
    if has_apt && [ ! -d /usr/share/clamav-testfiles ] && [ ! -d "$DEBS/unpacked/usr/share/clamav-testfiles" ]; then
        printf 'clamav-testfiles '
    fi
}

require_engines_elsewhere() {
    say ""; say "✗ Missing on this machine: $1"
    say "  Debian and Ubuntu get it from here; on this system please install it yourself, then run the command again:"
    case $(uname -s) in
    Darwin) say "    brew install ffmpeg clamav" ;;
    *) say "    Fedora: dnf install ffmpeg-free clamav clamd clamav-update"
       say "    Arch:   pacman -S ffmpeg clamav"
       say "    Alpine: apk add ffmpeg clamav clamav-daemon freshclam" ;;
    esac
    exit 1
}

# --- Debian packages ------------------------------------------------------------------------------------------------

# apt with lists and cache of our own, for who may not write the system's.
own_apt() {
    mkdir -p "$DEBS/lists/partial" "$DEBS/cache/archives/partial"
    apt-get -o Dir::State::Lists="$DEBS/lists" -o Dir::Cache="$DEBS/cache" -o APT::Sandbox::User= \
        -o Debug::NoLocking=1 -o Dir::Log="$DEBS" "$@"
}

# download_debs PACKAGES: fetches them and the dependencies this machine lacks into .veza/debs/files.
download_debs() {
    needed=$(own_apt -s install --no-install-recommends "$@" | sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p')
    mkdir -p "$DEBS/files"
    # shellcheck disable=SC2086 # a list of words
    ( cd "$DEBS/files" && own_apt download ${needed:-$*} )
}

# unpack_debs PACKAGES: without root; below .veza/debs/unpacked.
unpack_debs() {
    rm -rf "$DEBS/files"
    # Lists of an earlier run may name versions that the mirror no longer has: then fetch them anew.
    if [ -z "$(ls "$DEBS/lists" 2>/dev/null | grep _Packages)" ] || ! download_debs "$@"; then
        own_apt update
        download_debs "$@"
    fi
    for deb in "$DEBS"/files/*.deb; do dpkg -x "$deb" "$DEBS/unpacked"; done
    rm -rf "$DEBS/files" "$DEBS/cache"
}

# wrap PROGRAM TARGET: a program that was unpacked, with the libraries that were; as $HOME_DIR/bin/PROGRAM.new.
wrap() {
    mkdir -p "$HOME_DIR/bin"
    # Some libraries hide in folders of their own (blas, pulseaudio), found by alternatives we don't have.
    libraries=$(find "$DEBS/unpacked" \( -name '*.so' -o -name '*.so.*' \) -exec dirname {} + | sort -u | paste -sd: -)
    printf '#!/bin/sh\nLD_LIBRARY_PATH="%s${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "%s" "$@"\n' \
        "$libraries" "$2" >"$HOME_DIR/bin/$1.new"
    chmod +x "$HOME_DIR/bin/$1.new"
}

unpack_engines() {
    # shellcheck disable=SC2086
    unpack_debs $ENGINE_PACKAGES
    for program in $ENGINE_PROGRAMS clamdscan sigtool; do
        target=$(find "$DEBS/unpacked/usr/bin" "$DEBS/unpacked/usr/sbin" -name "$program" 2>/dev/null | head -n 1)
        [ -z "$target" ] || wrap "$program" "$target"
    done
    # Only what starts gets its name: a half-done installation must not look like a finished one.
    for program in $ENGINE_PROGRAMS clamdscan sigtool; do
        [ -e "$HOME_DIR/bin/$program.new" ] || continue
        case $program in ff*) "$HOME_DIR/bin/$program.new" -version ;; *) "$HOME_DIR/bin/$program.new" --help ;; esac >/dev/null
        mv "$HOME_DIR/bin/$program.new" "$HOME_DIR/bin/$program"
    done
}

# The program itself, not Debian's script around it, which looks for its files in the system.
unpack_browser() {
    unpack_debs $BROWSER_PACKAGES
    wrap chromium "$DEBS/unpacked/usr/lib/chromium/chromium"
    "$HOME_DIR/bin/chromium.new" --version
    mv "$HOME_DIR/bin/chromium.new" "$HOME_DIR/bin/chromium"
}

apt_install() { # PACKAGES
    export DEBIAN_FRONTEND=noninteractive
    lock="-o DPkg::Lock::Timeout=120"
    # shellcheck disable=SC2086
    apt-get install $lock -y --no-install-recommends "$@" ||
        { apt-get update $lock && apt-get install $lock -y --no-install-recommends "$@"; }
}

install_browser() { apt_install $BROWSER_PACKAGES; }

# We start clamd ourselves: no service of these packages shall start now or at the next boot.
install_engines() {
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ] || grep -q 'veza bootstrap' "$policy"; then
        printf '#!/bin/sh\n# veza bootstrap: no service starts during this installation\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
        trap 'exit 1' HUP INT TERM
    fi
    # shellcheck disable=SC2086
    apt_install $ENGINE_PACKAGES
    if [ -d /run/systemd/system ]; then
        systemctl disable --now clamav-daemon.service clamav-daemon.socket clamav-freshclam.service || true
    fi
}

# --- Python and Node ------------------------------------------------------------------------------------------------

# Debian's python3 may come without pip and without ensurepip; its own wheel of pip then runs from the package.
install_uv() {
    rm -rf "$HOME_DIR/uv" "$HOME_DIR/pip"
    if "$PYTHON" -m pip --version; then
        pip() { "$PYTHON" -m pip "$@"; }
    elif "$PYTHON" -m venv "$HOME_DIR/pip"; then
        pip() { "$HOME_DIR/pip/bin/python" -m pip "$@"; }
    elif has_apt; then
        rm -rf "$HOME_DIR/pip"
        unpack_debs python3-pip-whl
        wheel=$(find "$DEBS/unpacked/usr/share/python-wheels" -name 'pip-*.whl' | head -n 1)
        pip() { PYTHONPATH=$wheel "$PYTHON" -m pip "$@"; }
    else
        echo "Python has neither pip nor ensurepip. Install pip for $PYTHON."
        return 1
    fi
    pip install --disable-pip-version-check --no-warn-script-location --require-hashes --only-binary :all: \
        --target "$HOME_DIR/uv" -r requirements/bootstrap.lock
    rm -rf "$HOME_DIR/pip"
    "$UV" --version
}

# sync_venv FOLDER LOCK
sync_venv() {
    [ -x "$1/bin/python" ] && same_python "$1/bin/python" || "$UV" venv --clear --python "$PYTHON" "$1"
    VIRTUAL_ENV=$ROOT/$1 "$UV" pip sync --require-hashes "$2"
}

same_python() { [ "$("$1" -c 'import sys; print(sys.base_prefix, sys.version)' 2>&1)" = "$PYTHON_IDENTITY" ]; }

sync_project() {
    sync_venv .venv requirements/dev.lock
    # The `veza` command itself, pointing at this checkout.
    VIRTUAL_ENV=$ROOT/.venv "$UV" pip install --no-deps --no-build-isolation --editable .
}

sync_cloud() { sync_venv .veza/cloud requirements/cloud.lock; }

install_cdk() { npm ci --no-audit --no-fund --loglevel=error; node_modules/.bin/cdk --version; }

# --- the run --------------------------------------------------------------------------------------------------------

# part NAME LABEL FUNCTION PROOF INPUTS…: runs FUNCTION unless the stamp says so and the file PROOF is there.
part() {
    name=$1 label=$2 action=$3 proof=$4
    shift 4
    key=$(fingerprint "$@")
    if fresh "$name" "$key" && [ -e "$proof" ]; then return; fi
    rm -f "$STAMPS/$name"
    step "$label" "$action"
    stamp "$name" "$key"
}

prepare_python() {
    part uv "uv" install_uv "$UV" requirements/bootstrap.lock "$PYTHON_IDENTITY"
    part venv "Python environment" sync_project .venv/bin/veza \
        requirements/dev.lock pyproject.toml "$PYTHON_IDENTITY"
}

prepare_engines() {
    missing=$(missing_engines)
    [ -n "$missing" ] || return 0
    if ! has_apt; then require_engines_elsewhere "$missing"; fi
    say "  missing: $missing"
    if is_root; then step "FFmpeg and ClamAV, with apt" install_engines
    else step "FFmpeg and ClamAV, unpacked into .veza/" unpack_engines; fi
    missing=$(missing_engines)
    [ -z "$missing" ] || die "Still missing after the installation: $missing" "See ${LOG#"$ROOT"/}."
}

prepare_browser() {
    ! have chromium || return 0
    has_apt || die "Chromium is missing, which the tests of the page need." "Install it as \`chromium\`, then run the command again."
    if is_root; then step "Chromium, with apt" install_browser
    else step "Chromium, unpacked into .veza/" unpack_browser; fi
}

main() {
    what=${1:-all}
    if [ "$what" = run ]; then "$2"; return; fi
    PYTHON=$(find_python)
    PYTHON_IDENTITY=$("$PYTHON" -c 'import sys; print(sys.base_prefix, sys.version)')
    export PYTHON PYTHON_IDENTITY
    if [ "$what" != python ]; then
        require_node
        missing=$(missing_engines)
        if [ -n "$missing" ] && ! has_apt; then require_engines_elsewhere "$missing"; fi
    fi
    mkdir -p "$HOME_DIR"
    # Two of us at once would write the same folders. Debian always has flock; elsewhere it is not essential.
    exec 9>"$HOME_DIR/bootstrap.lock"
    if have flock; then flock 9; fi
    prepare_python
    if [ "$what" != python ]; then
        part cloud "MiniStack" sync_cloud .veza/cloud/bin/ministack requirements/cloud.lock "$PYTHON_IDENTITY"
        part cdk "CDK command line" install_cdk node_modules/.bin/cdk package-lock.json "$(node --version)"
        prepare_engines
    fi
    if [ "$what" = browser ]; then prepare_browser; fi
}

main "$@"
