#!/usr/bin/env bash
# Prints how quick uploads and downloads are beside scp and sftp: one file of 1 GiB and 1,000 files of 100 KB, on
# loopback and through a relay that adds a round trip of 50 ms and no limit on the bandwidth.
#
#   benches/transfer.sh [ROUNDS]     the median of so many rounds (3); the tools take turns in each
#
# Uses an SSH server of its own in out/bench-transfer. LARGE and SMALL set other sizes in bytes; TOOLS, PATHS and
# DATA leave some out, as in TOOLS='scp ours' PATHS=loopback DATA=large; PROFILE=dev takes another build.

set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-3}
large=${LARGE:-1073741824}
small=${SMALL:-100000}
round_trip=50
work=$PWD/out/bench-transfer
read -ra tools <<<"${TOOLS:-scp sftp ours}"
profile=${PROFILE:-release}
built=target/${profile/#dev/debug}
ssh_options=(-q -o "UserKnownHostsFile=$work/home/.ssh/known_hosts" -o IdentitiesOnly=yes -i "$work/home/.ssh/id" -F none)

main() {
    [[ -n ${SKIP_BUILD:-} ]] || {
        scripts/setup.sh --tests
        cargo build --locked --quiet --profile "$profile" -p transfer -p delay-proxy
    }
    trap stop EXIT
    prepare
    start
    printf '%-9s %-9s %-12s' path way data
    printf ' %9s' "${tools[@]/%/ (s)}"
    printf ' %9s %7s\n' 'best/ours' 'MB/s'
    local path way data
    for path in ${PATHS:-loopback delayed}; do
        for data in ${DATA:-large small}; do
            for way in upload download; do
                row "$path" "$way" "$data"
            done
        done
    done
}

prepare() {
    mkdir -p "$work/home/.ssh" "$work/large" "$work/small"
    [[ -e $work/large/file && $(stat -c %s "$work/large/file") == "$large" ]] || head -c "$large" /dev/urandom >"$work/large/file"
    local number
    for number in $(seq -w 1000); do
        [[ -e $work/small/$number ]] || head -c "$small" /dev/urandom >"$work/small/$number"
    done
    for key in host home/.ssh/id; do
        [[ -e $work/$key ]] || ssh-keygen -q -t ed25519 -N '' -f "$work/$key"
    done
    cp "$work/home/.ssh/id.pub" "$work/authorized_keys"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start() {
    server=$(free_port)
    relay=$(free_port)
    cat >"$work/sshd_config" <<END
Port $server
ListenAddress 127.0.0.1
HostKey $work/host
AuthorizedKeysFile $work/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
SetEnv HOME=$work/home
Subsystem sftp /usr/lib/openssh/sftp-server
END
    ((EUID != 0)) || mkdir -p /run/sshd
    /usr/sbin/sshd -D -f "$work/sshd_config" &
    sshd=$!
    "$built/delay_proxy" "$relay" "$server" "$round_trip" &
    proxy=$!
    local port
    for port in "$server" "$relay"; do
        until (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.1; done
        echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$work/host.pub")"
    done >"$work/home/.ssh/known_hosts"
}

stop() { kill "$sshd" "$proxy" 2>/dev/null || true; }

# once TOOL WAY PORT DATA: one transfer from $work/DATA to $work/to.
once() {
    local tool=$1 way=$2 port=$3 data=$4
    local from=$work/$data to=$work/to
    case $tool-$way in
        scp-upload) scp "${ssh_options[@]}" -P "$port" -r "$from" "127.0.0.1:$to" ;;
        scp-download) scp "${ssh_options[@]}" -P "$port" -r "127.0.0.1:$from" "$to" ;;
        sftp-upload)
            mkdir "$to"
            sftp "${ssh_options[@]}" -P "$port" -b - 127.0.0.1 <<<"put -r $from/. $to"
            ;;
        sftp-download) sftp "${ssh_options[@]}" -P "$port" -b - 127.0.0.1 <<<"get -r $from $to" ;;
        ours-upload) HOME=$work/home "$built/transfer" --config "$work/config-$port.toml" upload "$from" "$to" ;;
        ours-download) HOME=$work/home "$built/transfer" --config "$work/config-$port.toml" download "$from" "$to" ;;
    esac
}

# seconds TOOL WAY PORT DATA: wall time of one transfer, which must have brought everything.
seconds() {
    rm -rf "$work/to"
    cat "$work/$4"/* >/dev/null
    printf '[remote]\nhost = "127.0.0.1"\nport = %s\nuser = "%s"\nssh_key = "%s"\n' "$3" "$(id -un)" \
        "$work/home/.ssh/id" >"$work/config-$3.toml"
    local TIMEFORMAT=%R
    { time once "$@" >/dev/null 2>"$work/said"; } 2>&1 || { cat "$work/said" >&2; exit 1; }
    diff -r -x '.cosmos-*' "$work/$4" "$work/to" >&2 || exit 1
}

median() { printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

row() {
    local path=$1 way=$2 data=$3 port=$server tool round
    [[ $path == loopback ]] || port=$relay
    declare -A times=()
    for ((round = 0; round < rounds; round++)); do
        for tool in "${tools[@]}"; do
            times[$tool]+=" $(seconds "$tool" "$way" "$port" "$data")"
        done
    done
    local bytes=$large best=''
    [[ $data == large ]] || bytes=$((small * 1000))
    printf '%-9s %-9s %-12s' "$path" "$way" "$([[ $data == large ]] && echo '1 file' || echo '1,000 files')"
    local ours=''
    for tool in "${tools[@]}"; do
        # shellcheck disable=SC2086
        local time=$(median ${times[$tool]})
        printf ' %9s' "$time"
        if [[ $tool == ours ]]; then
            ours=$time
        elif [[ -z $best ]] || awk "BEGIN { exit !($time < $best) }"; then
            best=$time
        fi
    done
    awk -v ours="${ours:-1}" -v best="${best:-1}" -v bytes="$bytes" \
        'BEGIN { printf " %9.2f %7.0f\n", best / ours, bytes / ours / 1e6 }'
}

main "$@"
