"""What mr_imports.py imports."""


def key(line):
    return line[:1]
