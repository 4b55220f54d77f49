"""How mrjob reads bootstrap commands and actions.

Reads a JSON list of texts, and prints a list of what each is: as a command, a list of texts and of files as {"path",
"name", "type"}; as an action, a list of words; null where mrjob refuses it."""

import json
import sys

from mrjob.setup import parse_setup_cmd
from mrjob.util import shlex_split


def read(reader, text):
    try:
        return reader(text)
    except ValueError:
        return None


texts = json.load(sys.stdin)
print(json.dumps([[read(parse_setup_cmd, text), read(shlex_split, text)] for text in texts]))
