#!/bin/sh
# Ends the job flow once it has been without work for too long: terminate-when-idle.sh IDLE_S [TO_END_OF_HOUR_S]
#
# A bootstrap action for releases to which EMR gives no auto-termination. It works on the master alone, stays there in
# the background, and looks for steps, YARN applications and Hadoop 1 jobs. With TO_END_OF_HOUR_S it also waits until
# less than that is left of an hour since the instance started. Whatever it cannot find out counts as work, for as long
# as that lasts: it ends no job, and what hangs for good is left to terminate-idle-job-flows.
set -u

pause=15
grace=600
root=${TERMINATE_WHEN_IDLE_ROOT:-} # for tests
info=$root/mnt/var/lib/info
logs=$root/mnt/var/log
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/home/hadoop/bin

is_number() { case $1 in '' | *[!0-9]*) return 1 ;; esac }

if [ $# -lt 1 ] || [ $# -gt 2 ] || ! is_number "$1" || ! is_number "${2:-0}"; then
    echo "usage: $0 IDLE_S [TO_END_OF_HOUR_S], in whole seconds" >&2
    exit 2
fi
longest_idle=$1
end_of_hour=${2:-3601}

# Sets `now` to the seconds since the machine started, which no change of its clock moves. Where they cannot be read it
# stays as it is, so that time seems to stand still; and no process is needed, of which a busy machine may have no more.
tell_time() {
    read -r uptime _ <"$root/proc/uptime" && is_number "${uptime%%.*}" && now=${uptime%%.*}
}

say() { echo "$(date -u +%FT%TZ) $*"; }

# The steps that were ever begun here, because a short one comes and goes between two looks.
begun_steps() { ls "$info/steps" "$logs/hadoop/steps" 2>/dev/null; }

is_step_there() {
    grep -qsE '"state" *: *"(PENDING|RUNNING|CANCEL_PENDING)"' "$info"/steps/*.json && return
    pgrep -f /mnt/var/lib/hadoop/steps/ >/dev/null
    [ $? -ne 1 ]
}

# Whether Hadoop is up and says clearly that it has nothing to do. Until it is installed nobody says so.
is_hadoop_idle() {
    if command -v yarn >/dev/null; then
        answer=$(nice yarn application -list 2>/dev/null) &&
            printf '%s\n' "$answer" | grep -q '^Total .*applications.*: *0[[:space:]]*$'
    else
        answer=$(nice hadoop job -list 2>/dev/null) &&
            printf '%s\n' "$answer" | grep -q '^0 jobs currently running'
    fi
}

has_work() {
    before=$steps
    steps=$(begun_steps)
    [ "$steps" != "$before" ] || is_step_there || ! is_hadoop_idle
}

shut_down() {
    say "without work for $idle s: shutting down"
    sudo shutdown -h now || say "the shutdown failed; trying again"
}

# Only the end of the machine ends this: a shutdown may fail, or be asked for and not come.
watch() {
    say "ending this job flow after $longest_idle s without work"
    until tell_time; do sleep "$pause"; done
    began=$now
    active=$now
    steps=$(begun_steps)
    while :; do
        sleep "$pause"
        if has_work; then
            tell_time
            active=$now
            continue
        fi
        tell_time
        idle=$((now - active))
        if [ $((now - began)) -gt "$grace" ] && [ "$idle" -gt "$longest_idle" ] &&
            [ $((3600 - now % 3600)) -lt "$end_of_hour" ]; then
            shut_down
        fi
    done
}

grep -qs '"isMaster" *: *true' "$info/instance.json" || exit 0
log=$logs/bootstrap-actions/terminate-when-idle.log
touch "$log" || log=/dev/null
# EMR waits for a bootstrap action until nobody has its streams open.
(
    trap '' HUP
    watch
) </dev/null >>"$log" 2>&1 &
