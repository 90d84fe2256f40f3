"""A peer of SideBySide's: peers.py transformers DTYPE FOLDER... or peers.py llama.cpp LIBRARIES VARIANT FILE...

Reads commands from standard input, one a line, and answers each with milliseconds on a line of its own, or with "error" and why:
  load         loads the models
  prefill N    the first model reads N tokens; the logits of the last one
  step N       each of the first N models reads one token behind 128 others, which they have read
"""

import ctypes
import os
import pathlib
import sys
import time

POSITION = 128


def ids(count):
    return [3 + i % 500 for i in range(count)]


class Transformers:
    def __init__(self, dtype, *folders):
        import torch
        import transformers

        self.torch, self.transformers = torch, transformers
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        self.dtype, self.folders, self.models, self.caches = getattr(torch, dtype), folders, [], []

    def load(self):
        for folder in self.folders:
            model = self.transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=self.dtype)
            self.models.append(model.eval())

    def run(self, model, tokens, cache):
        with self.torch.inference_mode():
            input_ids = self.torch.tensor([tokens])
            return model(input_ids, past_key_values=cache, use_cache=True, logits_to_keep=1)

    def prepare(self, count):
        while len(self.caches) < count:
            model = self.models[len(self.caches)]
            self.caches.append(self.run(model, ids(POSITION), None).past_key_values)

    def step(self, count):
        for model, cache in zip(self.models[:count], self.caches):
            self.run(model, ids(1), cache)
            cache.crop(-1)

    def prefill(self, tokens):
        self.run(self.models[0], ids(tokens), None)


class Batch(ctypes.Structure):
    _fields_ = [("n_tokens", ctypes.c_int32)] + [(f"p{i}", ctypes.c_void_p) for i in range(6)]


class Parameters(ctypes.Structure):
    """Of either kind: larger than they are, and passed on as they were given but for the first number of a context."""

    _fields_ = [("first", ctypes.c_uint32), ("rest", ctypes.c_uint32 * 255)]


class Llama:
    def __init__(self, libraries, variant, *files):
        folder = pathlib.Path(libraries)
        for pattern in ["libggml-base*.so", "libggml.*so", "libllama.*so"]:
            (path,) = folder.glob(pattern)
            library = ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
            self.ggml, self.lib = (library, None) if "ggml" in pattern else (self.ggml, library)
        if variant == "auto":
            self.ggml.ggml_backend_load_all_from_path(str(folder).encode())
        else:
            self.ggml.ggml_backend_load.restype = ctypes.c_void_p
            if not self.ggml.ggml_backend_load(str(folder / f"libggml-cpu-{variant}.so").encode()):
                raise ValueError(f"llama.cpp has no variant {variant} that runs here")
        lib = self.lib
        self.quiet = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda *any: None)
        lib.llama_log_set(self.quiet, None)
        lib.llama_model_default_params.restype = Parameters
        lib.llama_context_default_params.restype = Parameters
        lib.llama_model_load_from_file.restype = ctypes.c_void_p
        lib.llama_model_load_from_file.argtypes = [ctypes.c_char_p, Parameters]
        lib.llama_init_from_model.restype = ctypes.c_void_p
        lib.llama_init_from_model.argtypes = [ctypes.c_void_p, Parameters]
        lib.llama_get_memory.restype = ctypes.c_void_p
        lib.llama_get_memory.argtypes = [ctypes.c_void_p]
        lib.llama_memory_clear.argtypes = [ctypes.c_void_p, ctypes.c_bool]
        lib.llama_memory_seq_rm.argtypes = [ctypes.c_void_p] + 3 * [ctypes.c_int32]
        lib.llama_batch_get_one.restype = Batch
        lib.llama_batch_get_one.argtypes = [ctypes.c_void_p, ctypes.c_int32]
        lib.llama_decode.argtypes = [ctypes.c_void_p, Batch]
        lib.llama_set_n_threads.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int32]
        lib.llama_get_logits.restype = ctypes.POINTER(ctypes.c_float)
        lib.llama_get_logits.argtypes = [ctypes.c_void_p]
        lib.llama_backend_init()
        self.files, self.contexts, self.warm = files, [], 0

    def load(self):
        threads = int(os.environ["OMP_NUM_THREADS"])
        for file in self.files:
            model = self.lib.llama_model_load_from_file(file.encode(), self.lib.llama_model_default_params())
            if not model:
                raise ValueError(f"llama.cpp can't load {file}")
            parameters = self.lib.llama_context_default_params()
            parameters.first = 2048
            context = self.lib.llama_init_from_model(model, parameters)
            if not context:
                raise ValueError(f"llama.cpp makes no context of {file}")
            self.lib.llama_set_n_threads(context, threads, threads)
            self.contexts.append(context)

    def run(self, context, tokens):
        array = (ctypes.c_int32 * len(tokens))(*tokens)
        if self.lib.llama_decode(context, self.lib.llama_batch_get_one(array, len(tokens))) != 0:
            raise ValueError("llama_decode failed")
        self.lib.llama_get_logits(context)[0]  # waits for them

    def forget(self, context, position):
        self.lib.llama_memory_seq_rm(self.lib.llama_get_memory(context), 0, position, -1)

    def prepare(self, count):
        for context in self.contexts[self.warm : count]:
            self.forget(context, 0)
            self.run(context, ids(POSITION))
        self.warm = max(self.warm, count)

    def step(self, count):
        for context in self.contexts[:count]:
            self.run(context, ids(1))
            self.forget(context, POSITION)

    def prefill(self, tokens):
        self.warm = 0
        self.forget(self.contexts[0], 0)
        self.run(self.contexts[0], ids(tokens))


def main(kind, *arguments):
    peer = {"transformers": Transformers, "llama.cpp": Llama}[kind](*arguments)
    print("ready", flush=True)
    for line in sys.stdin:
        command, *numbers = line.split()
        try:
            if command == "step":
                peer.prepare(int(numbers[0]))
            start = time.perf_counter()
            getattr(peer, command)(*map(int, numbers))
            print((time.perf_counter() - start) * 1e3, flush=True)
        except Exception as e:
            print("error", str(e).replace("\n", " "), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
