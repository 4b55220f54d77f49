# shellcheck shell=sh
# Waits until the sandbox has ended, then kills every process with the variable $1 in its environment.
while read -r _; do :; done

# A process that is just starting has its environment a moment later: so it looks until two looks in a row find nothing.
looks=0
quiet=0
while [ "$quiet" -lt 2 ] && [ "$looks" -lt 100 ]; do
    looks=$((looks + 1))
    quiet=$((quiet + 1))
    found=$(grep -lszxF -- "$1" /proc/[0-9]*/environ)
    for file in $found; do
        quiet=0
        pid=${file#/proc/}
        kill -KILL "${pid%/environ}" 2>/dev/null
    done
    sleep 0.02
done
