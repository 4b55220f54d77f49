# shellcheck shell=bash
# Written by emr-sandbox. Spark's own scripts source this before they start. This machine is the whole cluster, so it
# removes options that select YARN, and logs them in the controller's log. In cluster mode it writes the driver's output
# where YARN would. Being sourced, it can read and change the words of the command line.

emr_sandbox_note() {
    printf '%s INFO Spark (main): %s\n' "$(date '+%Y-%m-%d %H:%M:%S,000')" "$1" >>"$EMR_SANDBOX_CONTROLLER_LOG"
}

emr_sandbox_words=()
emr_sandbox_cluster=
emr_sandbox_left_out=
case ${1-} in
    org.apache.spark.deploy.SparkSubmit) emr_sandbox_words+=("$1") && shift ;;
    org.apache.spark.*) emr_sandbox_words+=("$@") && set -- ;;
esac
while [ $# -gt 0 ]; do
    # One option, whose value is in the same word or in the next.
    case $1 in
        --verbose | --supervise | --version | --help | --usage-error | -v | -h | -S) emr_sandbox_size=1 ;;
        --*=*) emr_sandbox_size=1 ;;
        -*) emr_sandbox_size=2 ;;
        # The application. The words after it are its own.
        *) break ;;
    esac
    [ "$emr_sandbox_size" -le $# ] || emr_sandbox_size=$#
    case "${*:1:emr_sandbox_size}" in
        --deploy-mode[\ =]cluster | --master[\ =]yarn-cluster | --conf[\ =]spark.submit.deployMode=cluster | \
            -c\ spark.submit.deployMode=cluster)
            emr_sandbox_cluster=1
            emr_sandbox_left_out+=" ${*:1:emr_sandbox_size}"
            ;;
        --master[\ =]yarn* | --conf[\ =]spark.master=yarn* | -c\ spark.master=yarn*)
            emr_sandbox_left_out+=" ${*:1:emr_sandbox_size}"
            ;;
        *) emr_sandbox_words+=("${@:1:emr_sandbox_size}") ;;
    esac
    shift "$emr_sandbox_size"
done
set -- "${emr_sandbox_words[@]}" "$@"

if [ -n "$emr_sandbox_left_out" ]; then
    emr_sandbox_note "left out$emr_sandbox_left_out: this machine is the whole cluster"
fi
emr_sandbox_note "s3:// is read and written $EMR_SANDBOX_S3_CLIENT"
if [ -n "$emr_sandbox_cluster" ]; then
    emr_sandbox_size=1
    mkdir -p "$EMR_SANDBOX_DRIVERS"
    until mkdir "$EMR_SANDBOX_DRIVERS/$emr_sandbox_size" 2>/dev/null; do
        emr_sandbox_size=$((emr_sandbox_size + 1))
    done
    exec >"$EMR_SANDBOX_DRIVERS/$emr_sandbox_size/stdout" 2>"$EMR_SANDBOX_DRIVERS/$emr_sandbox_size/stderr"
fi
unset emr_sandbox_words emr_sandbox_cluster emr_sandbox_left_out emr_sandbox_size
unset -f emr_sandbox_note

if [ -n "${EMR_SANDBOX_OUTER_SPARK_CONF-}" ] && [ -f "$EMR_SANDBOX_OUTER_SPARK_CONF/spark-env.sh" ]; then
    # shellcheck source=/dev/null
    . "$EMR_SANDBOX_OUTER_SPARK_CONF/spark-env.sh"
fi
