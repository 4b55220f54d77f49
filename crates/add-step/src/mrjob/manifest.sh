#!/bin/sh -e
# Runs the rest of its arguments, with the path and the URI of a file behind them, and removes the file after that. Its
# input is a line of a manifest: the URI, behind a key.
uri=$(cut -f 2-)
name=$(basename "$uri")
path=$(mktemp -d ./input-XXXXXXXXXX)/$name
{
    case $uri in
        s3://*) aws s3 cp "$uri" "$path" || hadoop fs -copyToLocal "$uri" "$path" ;;
        *://*) hadoop fs -copyToLocal "$uri" "$path" ;;
        *) cp "$uri" "$path" ;;
    esac
    case $path in
        *.bz2) bunzip2 "$path"; path=${path%.bz2} ;;
        *.gz) gunzip "$path"; path=${path%.gz} ;;
    esac
} >&2
code=0
"$@" "$path" "$uri" || code=$?
[ "$code" -eq 0 ] || printf '\nwhile reading input from %s\n' "$uri" >&2
rm -rf "$(dirname "$path")"
exit "$code"
