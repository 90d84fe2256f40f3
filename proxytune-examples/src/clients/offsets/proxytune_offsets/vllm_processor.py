"""Steers a base that vLLM runs, as a logits processor of its V1 interface.

vLLM finds it by the entry point `vllm.logits_processors`. The environment says where the server is:
PROXYTUNE_OFFSETS names its socket, PROXYTUNE_OFFSETS_DTYPE the numbers' format (float16, or float32),
and PROXYTUNE_OFFSETS_RECONNECT how many seconds a server that has gone is waited for. Without the first
nothing is steered, and a request that asks for it is refused.

A request says how it is steered with `extra_args`: {"proxytune": 0.7} for the only pair, or
{"proxytune": {"chat": 0.7, "code": 0.3}}; without it all pairs steer as the server was started with.
"""

import itertools
import math
import os

import torch
from vllm.v1.sample.logits_processor import BatchUpdate, LogitsProcessor
from vllm.v1.sample.logits_processor.builtin import process_dict_updates

from .client import OffsetClient, fingerprint

KEY = "proxytune"
NAME = "proxytune_offsets.vllm_processor:OffsetsProcessor"


def _socket():
    return os.environ.get("PROXYTUNE_OFFSETS", "")


def _given(params):
    return (params.extra_args or {}).get(KEY)


class _Request:
    def __init__(self, key, prompt, output):
        self.key = key
        self.prompt = prompt
        self.output = output  # vLLM's own list, which grows
        self.row = None


class OffsetsProcessor(LogitsProcessor):
    """Tokens go out before the base's forward pass, and offsets are added behind it."""

    @classmethod
    def validate_params(cls, sampling_params):
        given = _given(sampling_params)
        if given is None:
            return
        if not _socket():
            raise ValueError(f"{KEY} is asked for, and PROXYTUNE_OFFSETS names no server")
        alphas = given.values() if isinstance(given, dict) and given else [given]
        for alpha in alphas:
            number = isinstance(alpha, (int, float)) and not isinstance(alpha, bool)
            if not number or not math.isfinite(alpha):
                raise ValueError(f"{KEY} is a finite number or a dict of them, got {given!r}")

    def __init__(self, vllm_config, device, is_pin_memory):
        self.device = device
        self.client = None
        self.requests = {}  # by their place in the batch
        self.keys = itertools.count(1)
        if _socket():
            self.client = self._connect(vllm_config, is_pin_memory)

    @staticmethod
    def _connect(vllm_config, is_pin_memory):
        from transformers import AutoTokenizer

        model = vllm_config.model_config
        tokenizer = AutoTokenizer.from_pretrained(
            model.tokenizer,
            revision=model.tokenizer_revision,
            trust_remote_code=model.trust_remote_code,
        )

        def allocate(size):
            return torch.empty(size, dtype=torch.uint8, pin_memory=is_pin_memory).numpy()

        return OffsetClient(
            _socket(),
            model.get_vocab_size(),
            fingerprint(tokenizer),
            dtype=os.environ.get("PROXYTUNE_OFFSETS_DTYPE", "float16"),
            longest=model.max_model_len,
            requests=vllm_config.scheduler_config.max_num_seqs,
            reconnect=float(os.environ.get("PROXYTUNE_OFFSETS_RECONNECT", "10")),
            allocate=allocate,
        )

    def is_argmax_invariant(self):
        return False

    def _begin(self, params, prompt, output):
        if prompt is None:
            raise ValueError("a prompt of embeddings can't be steered: the experts read token ids")
        request = _Request(next(self.keys), prompt, output)
        room = len(prompt) + (params.max_tokens or 0) if params.max_tokens else 0
        self.client.join(request.key, _given(params), room)
        return request

    def update_state(self, batch_update: "BatchUpdate | None"):
        if self.client is None:
            return
        self._receive()  # of a step that was not sampled
        before = set(self.requests.values())
        process_dict_updates(self.requests, batch_update, self._begin)
        for gone in before.difference(self.requests.values()):
            self.client.leave(gone.key)
        self._read()
        self.client.send()

    def _read(self):
        """Queues what is new of all texts; false where vLLM does not know some token yet."""
        known_all = True
        for request in self.requests.values():
            given = self.client.length(request.key)
            output = request.output
            if output and output[-1] == -1:
                known_all = False
                output = output[: output.index(-1)]
            length = len(request.prompt) + len(output)
            if given == 0:
                self.client.read(request.key, request.prompt + output)
            elif length > given:
                self.client.read(request.key, output[given - length :])
            elif length < given and known_all:  # vLLM has taken tokens back
                ids = request.prompt + output
                self.client.read(request.key, ids[-1:], kept=length - 1)
        return known_all

    def _receive(self):
        if self.client.pending:
            keys, rows = self.client.receive()
            # A copy: the client's memory is for its next rows, and some of these are needed again.
            offsets = torch.from_numpy(rows).to(self.device, torch.float32, copy=True)
            by_key = {request.key: request for request in self.requests.values()}
            for index, key in enumerate(keys):
                by_key[key].row = offsets[index]

    def apply(self, logits):
        if self.client is None or not self.requests:
            return logits
        self._receive()
        # Where steps are scheduled ahead of their tokens, these are known only now.
        known_all = self._read()
        self.client.send()
        self._receive()
        if not known_all:
            raise RuntimeError(
                "vLLM has not told the tokens that were picked, so that nothing can be steered: start"
                " it with --no-async-scheduling, or, which is slower, with --logits-processors"
                f" {NAME}"
            )
        places = sorted(self.requests)
        offsets = torch.stack([self.requests[place].row for place in places])
        if places == list(range(logits.shape[0])):
            return logits.add_(offsets)
        logits[torch.tensor(places, device=logits.device)] += offsets
        return logits


class PluginProcessor(OffsetsProcessor):
    """What the entry point loads: nothing where the processor is named beside, to steer but once."""

    def __init__(self, vllm_config, device, is_pin_memory):
        named = vllm_config.model_config.logits_processors or ()
        if any(each in (NAME, OffsetsProcessor) for each in named):
            self.client = None
            self.requests = {}
        else:
            super().__init__(vllm_config, device, is_pin_memory)
