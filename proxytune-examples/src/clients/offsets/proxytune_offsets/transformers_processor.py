"""Steers a base that transformers runs: a `LogitsProcessor` for `generate`.

    client = OffsetClient("/run/offsets.sock", model.config.vocab_size, fingerprint(tokenizer))
    steering = OffsetsProcessor(client, attention_mask=inputs["attention_mask"])
    model.generate(**inputs, logits_processor=[steering], stopping_criteria=[steering.sender()])

With `sender` the experts read a token while the base does; without it they do so after the base, and
texts are the same.
"""

import itertools

import torch
from transformers import LogitsProcessor, StoppingCriteria

_keys = itertools.count(1)


class OffsetsProcessor(LogitsProcessor):
    """Steers the texts of one call of `generate`; not with beams, whose rows change places."""

    def __init__(self, client, attention_mask=None, end_ids=(), strengths=None, room=0):
        """attention_mask: of the prompts, where they are padded; end_ids: ids after which a text is
        over and is not steered; strengths: as `OffsetClient.join` has them; room: the most tokens."""
        self.client = client
        self.mask = attention_mask
        self.end_ids = set(end_ids)
        self.strengths = strengths
        self.room = room
        self.keys = []
        self.given = 0

    def sender(self):
        """Sends each token as soon as it is picked; give it to `generate` as a stopping criterion."""
        return _Sender(self)

    def read(self, input_ids):
        """Sends what is new of the texts."""
        if self.given == input_ids.shape[1]:
            return
        if not self.keys:
            self._begin(input_ids)
        elif len(self.keys) != input_ids.shape[0] or input_ids.shape[1] < self.given:
            raise ValueError("the texts are others than before: beams can't be steered")
        else:
            new = input_ids[:, self.given :].tolist()
            last = input_ids[:, self.given - 1].tolist()
            for row, key in enumerate(self.keys):
                if key is not None and last[row] in self.end_ids and self.given > self.prompt:
                    self.client.leave(key)
                    self.keys[row] = None
                elif key is not None:
                    self.client.read(key, new[row])
        self.given = input_ids.shape[1]
        self.client.send()

    def _begin(self, input_ids):
        self.prompt = input_ids.shape[1]
        for row, ids in enumerate(input_ids.tolist()):
            if self.mask is not None:
                ids = [token for token, kept in zip(ids, self.mask[row].tolist()) if kept]
            key = next(_keys)
            self.client.join(key, self.strengths, self.room)
            self.client.read(key, ids)
            self.keys.append(key)

    def __call__(self, input_ids, scores):
        self.read(input_ids)
        if not self.client.pending:
            return scores
        keys, rows = self.client.receive()
        places = {key: row for row, key in enumerate(self.keys) if key is not None}
        offsets = torch.from_numpy(rows).to(scores.device, torch.float32)
        steered = scores.clone()
        steered[torch.tensor([places[key] for key in keys], device=scores.device)] += offsets
        return steered

    def close(self):
        """Ends the texts."""
        if self.client.pending:
            self.client.receive()
        for key in self.keys:
            if key is not None:
                self.client.leave(key)
        self.keys = []
        self.client.send()
        if self.client.pending:
            self.client.receive()


class _Sender(StoppingCriteria):
    def __init__(self, processor):
        self.processor = processor

    def __call__(self, input_ids, scores, **_):
        self.processor.read(input_ids)
        return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)
