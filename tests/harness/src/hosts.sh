#!/usr/bin/env bash
# The hosts of a cluster. Runs as process 1 of its own namespaces: hosts.sh cluster FOLDER SLAVES
#
#   client 198.51.100.2 -- 198.51.100.1 master 10.99.0.1 -- 10.99.0.11, 10.99.0.12 … slaves
#
# The client is the network of this process. Only the master reaches the slaves, and it forwards nothing. Each node has
# its own network, mounts, host name, processes, /tmp, /mnt, /run and /home. Its first process is sshd, and the node
# ends with it. All nodes end when stdin ends. Prints "done" with the PID of each node once all listen, and again after
# each of these lines on stdin:
#   kill N    kill the node N; 0 is the master
#   start N   start a slave again
#   cut N     take the link of a slave down
#   mend N    take it up again
set -euo pipefail

cluster() {
    folder=$1 slaves=$2 pids=()
    prepare
    ip link set lo up
    mkfifo "$folder/said" "$folder/ready"
    exec 3<> "$folder/said" 4<> "$folder/ready"
    tee "$folder/log" <&3 | grep --line-buffered -e 'has its network' -e 'Server listening on ' >&4 &
    start 0
    await 1
    for node in $(seq 1 "$slaves"); do start "$node"; done
    await "$((slaves + 1))"
    echo "done ${pids[*]}"
    while read -r verb node; do
        case $verb in
            kill) kill -KILL "${pids[$node]}"; wait "${pids[$node]}" 2>/dev/null || true ;;
            start) start "$node"; await 1 ;;
            cut) link "$node" down ;;
            mend) link "$node" up; reach "$node" ;;
        esac
        echo "done ${pids[*]}"
    done
}

prepare() {
    { cat /etc/passwd; echo 'hadoop:x:1999:1999::/home/hadoop:/bin/bash'; } > "$folder/passwd"
    { cat /etc/group; echo 'hadoop:x:1999:'; } > "$folder/group"
    { cat /etc/shadow; echo 'hadoop:*:19000:0:99999:7:::'; } > "$folder/shadow"
    chmod 600 "$folder/shadow"
    { echo 127.0.0.1 localhost; for node in $(seq 0 "$slaves"); do names "$node"; done; } > "$folder/hosts"
    ssh-keygen -q -t ed25519 -N '' -C '' -f "$folder/key"
    cat > "$folder/sshd_config" << CONFIG
AddressFamily inet
HostKey /run/host_key
PidFile none
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
PrintMotd no
Subsystem sftp internal-sftp
MaxStartups 10:30:100
CONFIG
}

# The address and the host name of a node.
names() {
    local last=$(($1 == 0 ? 1 : 10 + $1))
    echo "10.99.0.$last ip-10-99-0-$last.ec2.internal"
}

start() {
    local own=$folder/node$1
    if ! [ -d "$own" ]; then
        mkdir -p "$own/home/.ssh" "$own/mnt" "$own/tmp/cores"
        cp "$folder/key.pub" "$own/home/.ssh/authorized_keys"
        chmod 700 "$own/home" "$own/home/.ssh"
        chown -R 1999:1999 "$own/home"
        chmod 1777 "$own/tmp" "$own/tmp/cores"
    fi
    [ -f "$own/host_key" ] || ssh-keygen -q -t ed25519 -N '' -C '' -f "$own/host_key"
    # shellcheck disable=SC2046
    unshare -n -m -u "$BASH" "$0" "$([ "$1" = 0 ] && echo master || echo slave)" "$folder" "$1" $(names "$1") \
        $$ "${pids[0]:-}" < /dev/null > /dev/null 2>&3 &
    pids[$1]=$!
}

# Waits until $1 nodes are ready.
await() { for _ in $(seq 1 "$1"); do read -r -t 30 <&4; done; }

# Waits until the master reaches a slave again. Right after the link is up, the master still has no route.
reach() {
    local address
    read -r address _ <<< "$(names "$1")"
    until nsenter -t "${pids[0]}" -n "$BASH" -c ": < /dev/tcp/$address/22" 2>/dev/null; do :; done
}

link() { nsenter -t "${pids[0]}" -n ip link set "v$1" "$2"; }

# Runs in the network, mounts and host name of the master. $5 is the PID of the client.
master() {
    ip -batch - << LINKS
link set lo up
link add up1 type veth peer name up0 netns $5
addr add 198.51.100.1/30 dev up1
link set up1 up
link add br0 type bridge
addr add 10.99.0.1/24 dev br0
link set br0 up
LINKS
    nsenter -t "$5" -n ip -batch - << LINKS
addr add 198.51.100.2/30 dev up0
link set up0 up
LINKS
    echo 'the master has its network' >&2
    boot "$@"
}

# Runs in those of a slave. $6 is the PID of the master.
slave() {
    nsenter -t "$6" -n ip link delete "v$2" 2>/dev/null || true
    ip -batch - << LINKS
link set lo up
link add eth0 type veth peer name v$2 netns $6
addr add $3/24 dev eth0
link set eth0 up
LINKS
    nsenter -t "$6" -n ip link set "v$2" master br0 up
    boot "$@"
}

boot() {
    hostname "$4"
    exec unshare -p --fork --kill-child --mount-proc "$BASH" "$0" node "$@"
}

node() {
    local own=$1/node$2
    for file in passwd group shadow hosts; do mount --bind "$1/$file" "/etc/$file"; done
    mount -t tmpfs tmpfs /run
    mkdir /run/sshd
    cp "$1/sshd_config" "$own/host_key" /run/
    mount -t tmpfs tmpfs /home
    mkdir /home/hadoop
    mount --bind "$own/home" /home/hadoop
    mount --bind "$own/mnt" /mnt
    mount --bind "$own/tmp" /tmp
    cd /
    ulimit -Sc unlimited || true
    exec /usr/sbin/sshd -D -e -f /run/sshd_config
}

"$@"
