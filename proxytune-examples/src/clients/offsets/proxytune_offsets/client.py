"""The protocol of `proxytune serve --offsets`, byte by byte as OFFSETS.md has it.

A client has requests, which join, read tokens and leave. What is queued goes out with `send`, before
the base's forward pass, and `receive` gives the offsets after it. Where the connection breaks, it is
made again and all tokens are sent again, for `reconnect` seconds; then `OffsetError` is raised, so
that no text goes on unsteered.
"""

import hashlib
import math
import socket
import struct
import time

import numpy as np

VERSION = 1
MAGIC = b"PTOFFSET"
HELLO, READY, STEP, ROWS, REFUSED = 1, 2, 3, 4, 5
FORMATS = {"float32": (1, np.dtype("<f4")), "float16": (2, np.dtype("<f2"))}


class OffsetError(RuntimeError):
    """A connection or requests that can't be steered, with the codes of OFFSETS.md."""

    def __init__(self, message, code=0, requests=()):
        super().__init__(message)
        self.code = code
        self.requests = tuple(requests)


def fingerprint(tokenizer):
    """The size and the SHA-256 of a transformers tokenizer's vocabulary."""
    tokens = {index: token for token, index in tokenizer.get_vocab().items()}
    digest = hashlib.sha256()
    for index in sorted(tokens):
        encoded = tokens[index].encode("utf-8")
        digest.update(struct.pack("<II", index, len(encoded)))
        digest.update(encoded)
    return max(tokens) + 1, digest.digest()


class _Request:
    def __init__(self, room, strengths):
        self.room = room
        self.strengths = strengths
        self.ids = []


class OffsetClient:
    """One connection. For one thread."""

    def __init__(
        self,
        path,
        width,
        vocabulary,
        dtype="float32",
        longest=0,
        requests=0,
        reconnect=10.0,
        timeout=60.0,
        allocate=None,
    ):
        """Connects.

        path: the socket; width: the logits of a row; vocabulary: what `fingerprint` gave; dtype: of
        the offsets; longest, requests: how long requests may get and how many there may be at once,
        0 where that is not known; reconnect: how many seconds a server that has gone is waited for;
        timeout: the longest wait for an answer; allocate: makes memory of so many bytes for rows.
        """
        if dtype not in FORMATS:
            raise ValueError(f"dtype must be one of {sorted(FORMATS)}, got {dtype!r}")
        self.path = str(path)
        self.width = width
        self.vocabulary_size, self.fingerprint = vocabulary
        self.format, self.dtype = FORMATS[dtype]
        self.longest = longest
        self.most_requests = requests
        self.reconnect = reconnect
        self.timeout = timeout
        self.allocate = allocate or bytearray
        self._buffer = self.allocate(0)
        self._socket = None
        self._requests = {}
        self._number = 0
        self._queued = ([], [], [])
        self._wanted = None
        self._connect()

    # What a caller does.

    def join(self, key, strengths=None, room=0):
        """Begins a request. strengths: {pair's name: alpha}, a number for the only pair, or None."""
        if key in self._requests:
            raise ValueError(f"request {key} has not left")
        request = _Request(room, self.strengths(strengths))
        self._requests[key] = request
        self._queued[1].append((key, room, request.strengths))

    def strengths(self, given):
        """Checks strengths: a list of pairs' indices with their alphas, empty for the usual ones."""
        if given is None:
            return []
        if isinstance(given, (int, float)) and not isinstance(given, bool):
            if len(self.pairs) != 1:
                raise ValueError(f"name one of the pairs {sorted(self.pairs)}, got {given}")
            given = {next(iter(self.pairs)): given}
        if not isinstance(given, dict) or not given:
            raise ValueError(f"strengths are a number or a dict of numbers, got {given!r}")
        strengths = []
        for name, alpha in given.items():
            if name not in self.pairs:
                raise ValueError(f"there is no pair {name!r}: there are {sorted(self.pairs)}")
            if isinstance(alpha, bool) or not isinstance(alpha, (int, float)):
                raise ValueError(f"alpha must be a number, got {alpha!r}")
            if not math.isfinite(alpha):
                raise ValueError(f"alpha must be finite, got {alpha}")
            strengths.append((list(self.pairs).index(name), float(alpha)))
        return strengths

    def read(self, key, tokens, kept=None, wanted=True):
        """Appends tokens to a request behind those that are kept: all, if not said otherwise."""
        request = self._requests[key]
        kept = len(request.ids) if kept is None else kept
        if not 0 <= kept <= len(request.ids) or not tokens:
            raise ValueError(f"{len(tokens)} tokens behind {kept} of {len(request.ids)}")
        del request.ids[kept:]
        request.ids.extend(tokens)
        self._queued[2].append((key, kept, bool(wanted), list(tokens)))

    def length(self, key):
        """How many tokens of a request were given."""
        return len(self._requests[key].ids)

    def leave(self, key):
        """Ends a request."""
        del self._requests[key]
        leaves, joins, reads = self._queued
        if any(joined[0] == key for joined in joins):
            self._queued = (
                leaves,
                [joined for joined in joins if joined[0] != key],
                [read for read in reads if read[0] != key],
            )
        else:
            self._queued = (leaves + [key], joins, [read for read in reads if read[0] != key])

    @property
    def pending(self):
        """Whether there is something to receive."""
        return self._wanted is not None

    def send(self):
        """Sends what is queued, if anything is."""
        if self._wanted is not None:
            raise RuntimeError("receive what was sent before")
        if not any(self._queued):
            return
        queued, self._queued = self._queued, ([], [], [])
        self._wanted = [read[0] for read in queued[2] if read[2]]
        try:
            self._send_step(*queued)
        except OSError as failure:
            self._again(failure)

    def receive(self):
        """The keys of the rows that were wanted, and the rows [n, width]; valid until the next call."""
        while True:
            try:
                keys, rows, failures = self._receive_rows()
                break
            except (OSError, EOFError) as failure:
                self._again(failure)
        self._wanted = None
        for key in failures:
            self._requests.pop(key, None)
        if failures:
            key, (code, text) = next(iter(failures.items()))
            raise OffsetError(
                f"{len(failures)} requests can't be steered; the first, {key}: {text}", code, failures
            )
        return keys, rows

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # The connection.

    def _connect(self):
        self.close()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self.timeout)
        try:
            connection.connect(self.path)
            self._socket = connection
            self._frame(
                struct.pack("<B", HELLO)
                + MAGIC
                + struct.pack("<HBBII", VERSION, self.format, 0, self.width, self.vocabulary_size)
                + self.fingerprint
                + struct.pack("<II", self.longest, self.most_requests)
            )
            self._ready(self._message())
        except BaseException:
            connection.close()
            self._socket = None
            raise

    def _ready(self, message):
        if message[0] != READY or message[1:9] != MAGIC:
            raise OffsetError(f"{self.path} is no server of offsets")
        version, form, _, width, self.context_length, _, _, pairs = struct.unpack_from(
            "<HBBIIIIH", message, 9
        )
        if (version, form, width) != (VERSION, self.format, self.width):
            raise OffsetError(f"{self.path} offers version {version} and rows of {width}")
        at = 9 + struct.calcsize("<HBBIIIIH")
        self.pairs = {}
        for _ in range(pairs):
            alpha, length = struct.unpack_from("<dH", message, at)
            at += struct.calcsize("<dH")
            self.pairs[message[at : at + length].decode("utf-8")] = alpha
            at += length

    def _again(self, failure):
        """Connects again, and sends all that the server has to know."""
        until = time.monotonic() + self.reconnect
        pause = 0.05
        while True:
            if time.monotonic() >= until:
                self.close()
                raise OffsetError(
                    f"the server of offsets at {self.path} has gone ({failure}), so that nothing can"
                    " be steered: start it again"
                ) from failure
            time.sleep(pause)
            pause = min(2 * pause, 1.0)
            try:
                self._connect()
                joins = [(key, each.room, each.strengths) for key, each in self._requests.items()]
                wanted = set(self._wanted or ())
                reads = [
                    (key, 0, key in wanted, each.ids)
                    for key, each in self._requests.items()
                    if each.ids
                ]
                self._send_step([], joins, reads)
                if self._wanted is None:
                    self._receive_rows()
                return
            except (OSError, EOFError) as next_failure:
                failure = next_failure

    def _frame(self, body):
        self._socket.sendall(struct.pack("<I", len(body)) + body)

    def _send_step(self, leaves, joins, reads):
        self._number += 1
        parts = [struct.pack("<BQIII", STEP, self._number, len(leaves), len(joins), len(reads))]
        parts.append(np.asarray(leaves, dtype="<u8").tobytes())
        for key, room, strengths in joins:
            parts.append(struct.pack("<QIH", key, room, len(strengths)))
            parts.extend(struct.pack("<Hd", pair, alpha) for pair, alpha in strengths)
        for key, kept, wanted, tokens in reads:
            parts.append(struct.pack("<QIBI", key, kept, wanted, len(tokens)))
            parts.append(np.asarray(tokens, dtype="<u4").tobytes())
        self._frame(b"".join(parts))

    def _exactly(self, into):
        view = memoryview(into).cast("B")
        while view:
            count = self._socket.recv_into(view)
            if count == 0:
                raise EOFError("the connection ended")
            view = view[count:]
        return into

    def _message(self):
        (length,) = struct.unpack("<I", self._exactly(bytearray(4)))
        message = bytes(self._exactly(bytearray(length)))
        self._check(message)
        return message

    @staticmethod
    def _check(message):
        if message[0] == REFUSED:
            code, length = struct.unpack_from("<HH", message, 1)
            text = message[5 : 5 + length].decode("utf-8", "replace")
            if code == 6:  # the server ends; there may be another soon
                raise EOFError(text)
            raise OffsetError(text, code)

    def _receive_rows(self):
        if self._socket is None:
            raise EOFError("there is no connection")
        (length,) = struct.unpack("<I", self._exactly(bytearray(4)))
        kind = bytes(self._exactly(bytearray(1)))
        if kind[0] != ROWS:
            self._check(kind + bytes(self._exactly(bytearray(length - 1))))
            raise OffsetError(f"the server of offsets sent a message of type {kind[0]}")
        number, rows, failed = struct.unpack("<QII", self._exactly(bytearray(16)))
        if number != self._number:
            raise OffsetError(f"the server of offsets answered step {number}, not {self._number}")
        failures = {}
        for _ in range(failed):
            key, code, size = struct.unpack("<QHH", self._exactly(bytearray(12)))
            text = bytes(self._exactly(bytearray(size))).decode("utf-8", "replace")
            failures[key] = (code, text)
        keys = np.frombuffer(self._exactly(bytearray(8 * rows)), dtype="<u8").tolist()
        size = rows * self.width * self.dtype.itemsize
        if len(self._buffer) < size:
            self._buffer = self.allocate(size)
        self._exactly(memoryview(self._buffer)[:size])
        values = np.frombuffer(self._buffer, dtype=self.dtype, count=rows * self.width)
        return keys, values.reshape(rows, self.width), failures
