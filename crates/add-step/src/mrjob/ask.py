"""Has an mrjob job say what it would ask of mrjob's runner for EMR.

    python -c THIS SCRIPT ARGUMENT...

SCRIPT is the path of a file or the name of a module. It runs as if Python had started it, up to where its job would
start, and then as far as it only ends. This prints MARK at once, so that a program which is no Python is told from a
script that fails; then one line of JSON and, behind it, the bytes of a zip of mrjob. What the script prints goes to
stderr.
"""

import ast
import io
import json
import linecache
import os
import runpy
import sys
import sysconfig
import zipfile

# Stdout is for the answer alone: whatever the script prints into its own does not get between.
ANSWER = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)

MARK = b"asked by emr-tools\n"

# What the job has said of itself, once it has.
SAID = []


def main():
    ANSWER.write(MARK)
    ANSWER.flush()
    script, args = sys.argv[1], sys.argv[2:]
    try:
        import mrjob.job
    except ImportError as error:
        refuse("no_mrjob", str(error))
    patch(mrjob.job.MRJob)
    # A job may look at its runner, and sees the one that it has with mrjob.
    args = ["-r", "emr"] + args
    sys.argv = [script] + args
    try:
        if os.path.exists(script):
            sys.path[0] = os.path.dirname(os.path.abspath(script))
            runpy.run_path(script, run_name="__main__")
        else:
            sys.path[0] = os.getcwd()
            runpy.run_module(script, run_name="__main__", alter_sys=True)
    except BaseException:
        if not SAID:
            raise
    if not SAID:
        refuse("no_job", "")
    answer(*SAID)


def patch(job_class):
    execute = job_class.execute

    def execute_job(job):
        refuse_own_run(job, job_class)
        for part in ("mapper", "combiner", "reducer", "spark"):
            if getattr(job.options, "run_" + part, None):
                refuse("task", typed(job, "run_" + part))
        execute(job)

    def run_job(job):
        # Only another thread can come here again, and the first job counts.
        if SAID:
            answer(*SAID)
        refuse_own_run(job, job_class)
        if getattr(job.options, "runner", None) is None:
            refuse("own_arguments", "")
        description = describe(job)
        refuse_relative_imports(description["script"])
        SAID[:] = [description, zip_of_mrjob()]
        watch(sys._getframe())

    def make_runner(job):
        refuse("own_runner", "")

    job_class.execute = execute_job
    job_class.run_job = run_job
    job_class.make_runner = make_runner


def watch(frame):
    """Stops the script at the first line or call that would do something behind its job: the job has not run yet.

    Lines alone do not tell: more may stand on that of the job, or around its call. Nothing is raised, as a script may
    catch all. Which lines of an installed module do something for the job, as a decorator's may, cannot be told: there
    it stops without a word.
    """
    is_own = own_paths()

    def is_known(frame):
        return frame.f_globals.get("__name__") == "__main__" or is_own(path_of(frame))

    def stop(frame):
        if is_known(frame):
            path = path_of(frame)
            text = linecache.getline(path, frame.f_lineno).strip()
            SAID[0]["behind"] = {"file": path, "line": frame.f_lineno, "text": text}
        answer(*SAID)

    def trace(frame, event, arg):
        if event == "line" and not (is_known(frame) and is_idle(path_of(frame), frame.f_lineno)):
            stop(frame)
        return trace

    def profile(frame, event, arg):
        caller = frame.f_back if event == "call" else frame
        if event not in ("call", "c_call") or is_mrjob(caller):
            return
        if is_around(caller):
            answer(*SAID)
        # exit() is a function of Python's own, which site makes and which calls others.
        is_exit = arg is sys.exit or "_sitebuiltins" in (module(frame), module(caller))
        if not is_exit:
            stop(caller)

    while frame:
        if not is_around(frame) and not is_mrjob(frame):
            frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(lambda frame, event, arg: None)
    sys.setprofile(profile)


def path_of(frame):
    return os.path.realpath(frame.f_code.co_filename)


def module(frame):
    return frame.f_globals.get("__name__", "")


def is_mrjob(frame):
    return module(frame).startswith("mrjob.")


def is_around(frame):
    """Whether a frame belongs to what runs the script."""
    return frame is None or frame.f_globals is globals() or module(frame) == "runpy"


def is_idle(path, line):
    """Whether the statement at this line of a script calls nothing but what ends the script."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (IOError, SyntaxError, TypeError, ValueError):
        return False
    node = next((node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno == line), None)
    if isinstance(node, (ast.If, ast.While)):
        return not calls(node.test)
    if isinstance(node, ast.FunctionDef):
        return not any(calls(part) for part in node.decorator_list + [node.args])
    if not isinstance(node, (ast.Assign, ast.Break, ast.Continue, ast.Expr, ast.Pass, ast.Raise, ast.Return)):
        return False
    ending = getattr(node, "value", None) or getattr(node, "exc", None)
    called = getattr(ending, "func", None)
    if getattr(called, "attr", getattr(called, "id", None)) in ("exit", "SystemExit"):
        return not any(calls(part) for part in ending.args)
    return not calls(node)


def calls(node):
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


def refuse_own_run(job, job_class):
    """Refuses a job whose class does more than to run: nobody would do the rest."""
    for name in ("run", "run_job"):
        of = next(parent for parent in type(job).__mro__ if name in vars(parent))
        if of not in job_class.__mro__:
            refuse("own_run", of.__name__ + "." + name)


def refuse_relative_imports(script):
    """Refuses a script that only Python's -m can run: tasks run its file."""
    try:
        with open(script, "rb") as file:
            waiting = [ast.parse(file.read())]
    except (IOError, SyntaxError, TypeError, ValueError):
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom) and node.level:
            refuse("relative_import", "from %s%s import" % ("." * node.level, node.module or ""))
        # What is tried may fail.
        if not isinstance(node, ast.Try):
            waiting.extend(ast.iter_child_nodes(node))


def typed(job, name):
    """How the option `name` is written among the arguments."""
    actions = getattr(getattr(job, "arg_parser", None), "_option_string_actions", {})
    spelt = [text for text, action in actions.items() if action.dest == name]
    for word in sys.argv[1:]:
        word = word.split("=")[0]
        if len(word) > 1 and any(text == word or len(word) > 2 and text.startswith(word) for text in spelt):
            return word
    return spelt[0] if spelt else "--" + name.replace("_", "-")


def describe(job):
    import mrjob
    from mrjob.options import _RUNNER_OPTS

    asked = job._non_option_kwargs()
    for option, path in asked.get("file_upload_args", []):
        asked["extra_args"] += [option, {"path": path, "name": None}]
    options = vars(job.options)
    given = {name: value for name, value in options.items() if name in _RUNNER_OPTS and value not in (None, [], {})}
    if options.get("conf_paths") is not None:
        given["conf_paths"] = options["conf_paths"]
    if options.get("runner") != "emr":
        given["runner"] = options["runner"]
    given["jobconf"] = java(options.get("jobconf"))
    script = asked["mr_job_script"]
    return {
        "version": mrjob.__version__,
        "script": script and os.path.abspath(script),
        "steps": [with_java(step) for step in job._steps_desc()],
        "arguments": asked["extra_args"],
        "inputs": list(asked["input_paths"]),
        "output_dir": asked["output_dir"],
        "step_output_dir": asked["step_output_dir"],
        "inputformat": asked["hadoop_input_format"],
        "outputformat": asked["hadoop_output_format"],
        "sort_values": bool(called(job, "sort_values")),
        "attributes": {
            "jobconf": java(job.jobconf()),
            "partitioner": asked["partitioner"],
            "libjars": called(job, "libjars"),
            "upload_files": called(job, "files"),
            "upload_archives": called(job, "archives"),
            "upload_dirs": called(job, "dirs"),
        },
        "switches": given,
        "spelt": {name: typed(job, name) for name in given},
        "neighbours": neighbours(script),
    }


def called(job, name):
    """What a method of the job returns, which older versions of mrjob lack."""
    return getattr(job, name, lambda: None)()


def with_java(step):
    return dict(step, jobconf=java(step.get("jobconf")))


def java(properties):
    """Properties as Hadoop reads them: mrjob.conf.combine_jobconfs."""

    def text(value):
        return str(value).lower() if isinstance(value, bool) else value if value is None else str(value)

    return {name: text(value) for name, value in (properties or {}).items()}


def neighbours(script):
    """The modules that the script has imported from where Python looks first: name and path of each."""
    if not script:
        return {}
    script = os.path.realpath(script)
    folder = own_folder()
    is_own = own_paths()
    above = [script]
    while script.startswith(folder) and os.path.dirname(above[-1]) + os.sep != folder:
        above.append(os.path.dirname(above[-1]))
    inits = [os.path.join(path, "__init__.py") for path in above[1:]]
    found = {}
    for name, module in list(sys.modules.items()):
        path = os.path.realpath(getattr(module, "__file__", None) or "")
        top = name.split(".")[0]
        if top in ("__main__", "mrjob") or path == script or path in inits:
            continue
        if is_own(path):
            found[top] = folder + path[len(folder):].split(os.sep)[0]
    return found


def own_folder():
    """Where Python looks first: the folder of the script, or, for a module, the one that we are in."""
    return os.path.realpath(sys.path[0] or os.getcwd()) + os.sep


def own_paths():
    """A function that tells paths of the script's own from those of what is installed."""
    folder = own_folder()
    installed = [os.path.realpath(path) + os.sep for path in sysconfig.get_paths().values()]
    apart = [path for path in installed if not folder.startswith(path)]
    return lambda path: path.startswith(folder) and not any(path.startswith(other) for other in apart)


def zip_of_mrjob():
    """A zip of mrjob, the same bytes for the same mrjob."""
    import mrjob

    root = os.path.dirname(os.path.abspath(mrjob.__file__))
    if not os.path.isdir(root):
        refuse("packed_mrjob", root)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(files):
                if name.endswith((".pyc", ".pyo", "~")) or name.startswith((".#", "._")):
                    continue
                path = os.path.join(folder, name)
                entry = zipfile.ZipInfo("mrjob/" + os.path.relpath(path, root).replace(os.sep, "/"))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                with open(path, "rb") as file:
                    archive.writestr(entry, file.read())
    return packed.getvalue()


def refuse(why, detail):
    answer({"refusal": why, "detail": detail}, b"")


def answer(what, rest):
    ANSWER.write(json.dumps(what).encode("ascii") + b"\n" + rest)
    ANSWER.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    # What the script has registered for its end has no job to do it with.
    os._exit(0)


main()
