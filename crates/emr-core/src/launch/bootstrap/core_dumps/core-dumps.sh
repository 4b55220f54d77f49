#!/bin/sh
# Lets each process that crashes on this node leave a core dump in /tmp/cores.
#
# A bootstrap action: Hadoop's daemons start after it, and the processes of jobs inherit the limit from them. A core may
# take a quarter of the room that is left; the rest of a larger one is cut off. Running this again does no harm.
set -eu

root=${CORE_DUMPS_ROOT:-} # for tests
pattern=/tmp/cores/core.%e.%p.%h.%t

[ "$(id -u)" -eq 0 ] || exec sudo sh "$0"

# put FILE: makes FILE of what is read from stdin.
put() {
    mkdir -p "$(dirname "$root$1")"
    cat >"$root$1"
    chmod 644 "$root$1"
}

# add FILE LINE: adds LINE to FILE unless it is there.
add() {
    grep -qsxF "$2" "$root$1" || printf '%s\n' "$2" >>"$root$1"
}

make_room() {
    mkdir -p "$root/tmp/cores"
    # The disk for data has more room than /tmp, which on Amazon Linux 2023 is memory.
    if grep -qs "^[^ ]* /mnt " "$root/proc/mounts" && ! grep -qs "^[^ ]* /tmp/cores " "$root/proc/mounts"; then
        mkdir -p "$root/mnt/cores"
        chmod 1777 "$root/mnt/cores"
        mount --bind "$root/mnt/cores" "$root/tmp/cores" || echo "no room of its own for /tmp/cores" >&2
    fi
    chmod 1777 "$root/tmp/cores"
}

name_cores() {
    echo "kernel.core_pattern = $pattern" | put /etc/sysctl.d/99-core-dumps.conf
    echo "$pattern" >"$root/proc/sys/kernel/core_pattern"
}

# Logins, sudo, su, and on releases before 5.30 the daemons that su starts.
allow_sessions() {
    put /etc/security/limits.d/99-core-dumps.conf <<END
* soft core $kib
* hard core unlimited
root soft core $kib
root hard core unlimited
END
}

# The services of Amazon Linux 2 and 2023, YARN's among them.
allow_services() {
    [ -d "$root/run/systemd/system" ] || return 0
    printf '[Manager]\nDefaultLimitCORE=%s\n' "$((kib * 1024))" | put /etc/systemd/system.conf.d/99-core-dumps.conf
    systemctl daemon-reexec
}

# What starts daemons before systemd: the init scripts of Amazon Linux, which else forbid cores, and the Hadoop of AMI
# versions 2 and 3.
allow_daemons() {
    if [ -f "$root/etc/sysconfig/init" ]; then
        add /etc/sysconfig/init "DAEMON_COREFILE_LIMIT=$kib"
    fi
    if [ -d "$root/home/hadoop/conf" ]; then
        add /home/hadoop/conf/hadoop-user-env.sh "ulimit -S -c $kib"
        chown hadoop "$root/home/hadoop/conf/hadoop-user-env.sh"
    fi
}

make_room
kib=$(df -Pk "$root/tmp/cores" | awk 'NR == 2 { print int($4 / 4) }')
name_cores
allow_sessions
allow_services
allow_daemons
