"""Keeps a request while the server is ended and started again; waits for a line before it goes on.

usage: offsets_restart_client.py SOCKET BASE OUT
"""

import json
import pathlib
import sys

from transformers import AutoTokenizer

sys.path.insert(0, str(pathlib.Path(__file__).parent / "offsets"))

from proxytune_offsets import OffsetClient, OffsetError, fingerprint

path, base, out = sys.argv[1:]
vocabulary = fingerprint(AutoTokenizer.from_pretrained(base))
said = {}


def pause(what):
    print(what, flush=True)
    sys.stdin.readline()


with OffsetClient(path, vocabulary[0], vocabulary, reconnect=60) as client:
    client.join(1)
    client.read(1, [5, 6, 7])
    client.send()
    client.receive()
    pause("joined")  # the server is ended and started again before the next line
    client.read(1, [8])
    client.send()
    said["again"] = client.receive()[1][0].tolist()
    client.join(2)
    client.read(2, [5, 6, 7, 8])
    client.send()
    said["whole"] = client.receive()[1][0].tolist()
    client.reconnect = 1
    client.read(1, [9])
    pause("rejoined")  # the server is ended for good
    try:
        client.send()
        client.receive()
    except OffsetError as failure:
        said["failure"] = str(failure)
pathlib.Path(out).write_text(json.dumps(said), encoding="utf-8")
