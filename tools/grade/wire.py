"""Answers cross from the student's process to the grader's as plain data, and nothing else does.

Two processes talk over a pair of pipes. Numbers, text, lists, arrays, tensors and tables are sent
by value; functions and models by a number, and are called where they are. So the grader's process
never runs a line of the student's code: no method, no comparison, no `repr`.

A message is eight bytes with its length, and JSON.
"""

import base64
import builtins
import dataclasses
import importlib
import inspect
import itertools
import json
import os
import select
import sys
import time
import types
from collections.abc import Callable

import numpy as np
import pandas as pd

MOST_BYTES = 96 * 2**20
MOST_ITEMS = 2_000_000
DEEPEST = 20
LONGEST_TEXT = 100_000
PLAIN_ARRAYS = "biufcmM"  # numpy's letters for truth values, numbers and times
# An object of the student's may not be asked whether it equals the right answer: it would say yes.
NEVER_ASKED = {
    "eq",
    "equal",
    "equals",
    "all",
    "any",
    "allclose",
    "isclose",
    "isin",
    "issubset",
    "issuperset",
}


class WireError(Exception):
    """The other side is gone, or what it wrote is no message of ours."""


class TooLate(WireError):
    """The other side didn't answer in time."""


class Unreadable:
    """Stands for an answer of a type that doesn't cross: it equals nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<an object of the type {self.name}>"


class Peer:
    """One end of the pipes.

    read, write: file descriptors.
    do: what this end does for the other, by name: functions of the decoded message.
    deadline: when to give up, on the clock of time.monotonic(); None: never.
    """

    def __init__(
        self,
        read: int,
        write: int,
        do: dict[str, Callable] | None = None,
        deadline: float | None = None,
    ) -> None:
        self.read, self.write, self.deadline = read, write, deadline
        ours = {"call": self._call, "gradient": self._gradient, "attribute": self._attribute}
        self.do = {**ours, **(do or {})}
        self.exported: list[object] = []
        self.graphs: list[tuple] = []

    def request(self, what: str, **message: object) -> object:
        """Ask the other end, and serve what it asks meanwhile; returns its answer's JSON.

        Raises what the other end raised, and WireError where it is gone.
        """
        self._send({"do": what, **message})
        while "do" in (got := self._receive()):
            self._serve(got)
        if "raised" in got:
            raise _as_exception(got["raised"])
        return got.get("reply")

    def serve(self) -> None:
        """Serve one thing that the other end asks."""
        got = self._receive()
        if "do" not in got:
            raise WireError("answered what nobody asked")
        self._serve(got)

    def _serve(self, message: dict) -> None:
        action = self.do.get(message["do"]) if isinstance(message["do"], str) else None
        if action is None:
            raise WireError("asked for something unknown")
        try:
            reply = {"reply": action(message)}
        except WireError:
            raise
        except Exception as error:
            reply = {"raised": [type(error).__name__[:80], _text_of(error)]}
        self._send(reply)

    # Calls ------------------------------------------------------------------------------------

    def _remote_call(self, number: int, given: tuple, named: dict, module: object = None) -> object:
        """Call what the other end exported under `number`; gradients flow back through it."""
        inputs: list = []
        message = {
            "number": number,
            "given": [self.encode(value, inputs) for value in given],
            "named": {name: self.encode(value, inputs) for name, value in named.items()},
        }
        if module is not None:
            wanted = {k: p for k, p in module.named_parameters() if p.requires_grad}
            message["wanted"] = list(wanted)
            message["state"] = {k: self.encode(v) for k, v in module.changed().items()}
            message["training"] = module.training
            inputs += wanted.values()
        return self.decode(self.request("call", **message), inputs)

    def _call(self, message: dict) -> object:
        target = self.exported[message["number"]]
        leaves: list = []
        given = [self.decode(value, leaves) for value in message["given"]]
        named = {name: self.decode(value, leaves) for name, value in message["named"].items()}
        if "state" in message:
            state = {k: self.decode(v) for k, v in message["state"].items()}
            if state:
                target.load_state_dict(state, strict=False)
            target.train(message["training"])
            parameters = dict(target.named_parameters())
            leaves += [parameters[name] for name in message["wanted"]]
        made = target(*given, **named)
        if isinstance(target, type) and type(made) is target and _is_plain(target):
            return {"object": self._export(made), "name": _name(target)}
        return self.encode(made, graph_of=leaves)

    def _attribute(self, message: dict) -> object:
        target, name = self.exported[message["number"]], message["name"]
        if name.startswith("_") or not _is_own(type(target)):
            raise AttributeError(name)
        return self.encode(getattr(target, name))

    def _gradient(self, message: dict) -> object:
        import torch

        result, leaves = self.graphs[message["graph"]]
        gradient = self.decode(message["gradient"])
        found = torch.autograd.grad(result, leaves, gradient, retain_graph=True, allow_unused=True)
        return [self.encode(value) for value in found]

    # Values -----------------------------------------------------------------------------------

    def encode(
        self, value: object, inputs: list | None = None, graph_of: list | None = None
    ) -> object:
        """`value` as JSON. What can't cross becomes the name of its type.

        inputs: collects the tensors that want a gradient. graph_of: the leaves of a result.
        """
        counter = itertools.count()
        return self._encode(value, inputs, graph_of, DEEPEST, counter)

    def _encode(self, value, inputs, graph_of, deep, counter) -> object:
        def again(item: object) -> object:
            return self._encode(item, inputs, graph_of, deep - 1, counter)

        if deep == 0 or next(counter) > MOST_ITEMS:
            return {"unreadable": "something too deep or too long"}
        try:
            return self._encoded(value, inputs, graph_of, again)
        except (KeyboardInterrupt, SystemExit, WireError):
            raise
        except BaseException:
            return {"unreadable": str(type(value).__name__)[:80]}

    def _encoded(self, value, inputs, graph_of, again) -> object:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str.__str__(value)[:LONGEST_TEXT]
        if isinstance(value, np.generic):
            return {"scalar": self._array(np.asarray(value))}
        if isinstance(value, int):
            value = int.__add__(value, 0)
            return value if value.bit_length() < 2_000 else {"unreadable": "a huge number"}
        if isinstance(value, float):
            return {"float": float.__repr__(value)}
        if isinstance(value, complex):
            return {"complex": [float.__repr__(value.real), float.__repr__(value.imag)]}
        if isinstance(value, range):
            return {"range": [value.start, value.stop, value.step]}
        if isinstance(value, tuple) and hasattr(type(value), "_fields"):
            names = [str(name) for name in type(value)._fields]
            return {"named": names, "items": [again(x) for x in tuple.__iter__(value)]}
        for kind in (tuple, list, set, frozenset):
            if isinstance(value, kind):
                return {kind.__name__: [again(x) for x in kind.__iter__(value)]}
        if isinstance(value, dict):
            return {"dict": [[again(k), again(v)] for k, v in dict.items(value)]}
        if isinstance(value, type({}.values()) | type({}.keys()) | type({}.items())):
            return {"list": [again(x) for x in value]}
        if isinstance(value, np.ndarray):
            if value.dtype.kind in PLAIN_ARRAYS:
                return {"array": self._array(value)}
            return {"objects": [again(x) for x in value.ravel().tolist()], "shape": value.shape}
        if isinstance(value, pd.Index | pd.Series | pd.DataFrame):
            return self._table(value, again)
        torch = sys.modules.get("torch")
        if torch is not None:
            if isinstance(value, torch.Tensor):
                return self._tensor(value, inputs, graph_of)
            if isinstance(value, torch.Size):
                return {"tuple": list(value)}
            if isinstance(value, torch.nn.Module):
                return {"module": self._module(value, again)}
            if isinstance(value, type) and issubclass(value, torch.nn.Module):
                return {"function": self._export(value), "name": _name(value), "makes": "module"}
        if dataclasses.is_dataclass(value) and type(value).__module__.startswith("collab_lib."):
            fields = {f.name: again(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return {"dataclass": [type(value).__module__, type(value).__name__], "fields": fields}
        if isinstance(value, type) or callable(value):
            return {"function": self._export(value), "name": _name(value)}
        if isinstance(value, types.GeneratorType | map | filter | zip | enumerate):
            return {"list": [again(x) for x in itertools.islice(value, MOST_ITEMS)]}
        return {"unreadable": str(type(value).__name__)[:80]}

    @staticmethod
    def _array(array: np.ndarray) -> list:
        array = np.ascontiguousarray(np.asarray(array)) if array.ndim else np.asarray(array)
        if array.nbytes > MOST_BYTES // 2:
            raise ValueError("too large")
        code = base64.b64encode(array.tobytes()).decode("ascii")
        return [array.dtype.str, list(array.shape), code]

    def _table(self, value, again) -> dict:
        if isinstance(value, pd.DataFrame):
            columns = [again(value.iloc[:, k].to_numpy()) for k in range(value.shape[1])]
            return {
                "frame": columns,
                "columns": again(pd.DataFrame.__getattribute__(value, "columns")),
                "index": again(pd.DataFrame.__getattribute__(value, "index")),
            }
        if isinstance(value, pd.Series):
            name = value.name if isinstance(value.name, str | int) else None
            return {"series": again(value.to_numpy()), "index": again(value.index), "name": name}
        names = [name if isinstance(name, str | int) else None for name in value.names]
        if isinstance(value, pd.MultiIndex):
            return {"index": {"list": [again(x) for x in value.tolist()]}, "names": names}
        return {"index": again(value.to_numpy()), "names": names}

    def _tensor(self, value, inputs, graph_of) -> dict:
        import torch

        plain = torch.Tensor.detach(value).as_subclass(torch.Tensor).cpu()
        if plain.dtype == torch.bfloat16:
            plain = plain.float()
        coded: dict = {"tensor": self._array(plain.numpy())}
        if value.requires_grad:
            coded["grad"] = "leaf" if value.is_leaf else "inner"
            if inputs is not None:
                inputs.append(value)
            if graph_of is not None and value.grad_fn is not None:
                self.graphs.append((value, list(graph_of)))
                coded["graph"] = len(self.graphs) - 1
        return coded

    def _module(self, value, again) -> dict:
        return {
            "number": self._export(value),
            "name": _name(type(value)),
            "parameters": {k: again(v.detach()) for k, v in value.named_parameters()},
            "fixed": [k for k, v in value.named_parameters() if not v.requires_grad],
            "buffers": {k: again(v) for k, v in value.named_buffers()},
            "training": bool(value.training),
        }

    def _export(self, value: object) -> int:
        self.exported.append(value)
        return len(self.exported) - 1

    def decode(self, coded: object, inputs: list | None = None) -> object:
        """The value that `encode` was given. Raises WireError for what `encode` never writes."""
        try:
            return self._decode(coded, [] if inputs is None else inputs)
        except WireError:
            raise
        except Exception as error:
            raise WireError(f"sent an answer that is none: {type(error).__name__}") from None

    def _decode(self, coded, inputs) -> object:
        if coded is None or isinstance(coded, bool | int | str):
            return coded
        if not isinstance(coded, dict) or not coded:
            raise WireError("sent an answer that is none")
        kind, value = next(iter(coded.items()))

        def items(coded_items: list) -> list:
            return [self._decode(item, inputs) for item in coded_items]

        match kind:
            case "float":
                return float(value)
            case "complex":
                return complex(float(value[0]), float(value[1]))
            case "scalar":
                return _array_from(value)[()]
            case "range":
                return range(*value)
            case "named":
                from collections import namedtuple

                return namedtuple("Answer", value, rename=True)(*items(coded["items"]))
            case "tuple" | "list" | "set" | "frozenset":
                return getattr(builtins, kind)(items(value))
            case "dict":
                return {self._decode(k, inputs): self._decode(v, inputs) for k, v in value}
            case "array":
                return _array_from(value)
            case "objects":
                array = np.empty(len(value), dtype=object)
                array[:] = items(value)
                return array.reshape(coded["shape"])
            case "frame":
                table = pd.DataFrame(dict(enumerate(items(value))), index=self._index(coded))
                table.columns = self._decode(coded["columns"], inputs)
                return table
            case "series":
                return pd.Series(
                    self._decode(value, inputs), index=self._index(coded), name=coded["name"]
                )
            case "index":
                found = self._decode(value, inputs)
                if isinstance(found, list):
                    return pd.MultiIndex.from_tuples(found, names=coded["names"])
                return pd.Index(found, name=coded["names"][0])
            case "tensor":
                return self._tensor_from(coded, inputs)
            case "module":
                return remote_module(self, value)
            case "object":
                return RemoteObject(self, int(value), str(coded["name"]))
            case "dataclass":
                return self._dataclass_from(coded, inputs)
            case "function":
                return self._function_from(coded)
            case "unreadable":
                return Unreadable(str(value))
        raise WireError("sent an answer that is none")

    def _index(self, coded: dict) -> pd.Index:
        return self._decode(coded["index"], [])

    def _tensor_from(self, coded: dict, inputs: list) -> object:
        import torch

        tensor = torch.from_numpy(_array_from(coded["tensor"]).copy())
        if "graph" in coded:
            return crossing()(self, int(coded["graph"]), tensor, *inputs)
        if coded.get("grad"):
            tensor.requires_grad_()
            inputs.append(tensor)
            return tensor if coded["grad"] == "leaf" else tensor.clone()
        return tensor

    def _dataclass_from(self, coded: dict, inputs: list) -> object:
        module, name = coded["dataclass"]
        if not str(module).startswith("collab_lib."):
            raise WireError("sent an answer that is none")
        kind = getattr(importlib.import_module(module), name)
        if not dataclasses.is_dataclass(kind):
            raise WireError("sent an answer that is none")
        made = object.__new__(kind)
        for field in dataclasses.fields(kind):
            object.__setattr__(made, field.name, self._decode(coded["fields"][field.name], inputs))
        return made

    def _function_from(self, coded: dict) -> Callable:
        number, name = int(coded["function"]), str(coded["name"])
        if coded.get("makes") == "module":
            return remote_class(self, number, name)

        def function(*given, **named):
            return self._remote_call(number, given, named)

        function.__name__ = function.__qualname__ = name
        return function

    # Messages ---------------------------------------------------------------------------------

    def _send(self, message: dict) -> None:
        data = json.dumps(message).encode("ascii")
        if len(data) > MOST_BYTES:
            data = b'{"raised": ["ValueError", "the answer is too large to be checked"]}'
        data = len(data).to_bytes(8, "big") + data
        while data:
            try:
                data = data[os.write(self.write, data) :]
            except OSError:
                raise WireError("has stopped") from None

    def _receive(self) -> dict:
        length = int.from_bytes(self._bytes(8), "big")
        if length > MOST_BYTES:
            raise WireError("wrote nonsense to the grader")
        try:
            message = json.loads(self._bytes(length))
        except (ValueError, RecursionError):
            raise WireError("wrote nonsense to the grader") from None
        if not isinstance(message, dict):
            raise WireError("wrote nonsense to the grader")
        return message

    def _bytes(self, length: int) -> bytes:
        data = bytearray()
        while len(data) < length:
            if self.deadline is not None:
                left = self.deadline - time.monotonic()
                if left <= 0 or not select.select([self.read], [], [], left)[0]:
                    raise TooLate("didn't end in time")
            try:
                part = os.read(self.read, min(length - len(data), 2**20))
            except InterruptedError:
                continue
            if not part:
                raise WireError("has stopped")
            data += part
        return bytes(data)


class RemoteObject:
    """An object that a student's class made: its methods are called where it lives."""

    def __init__(self, peer: Peer, number: int, name: str) -> None:
        self._peer, self._number, self._class = peer, number, name

    def __getattr__(self, name: str) -> object:
        if name.startswith("_") or name in NEVER_ASKED:
            raise AttributeError(f"{self._class} has no {name}")
        coded = self._peer.request("attribute", number=self._number, name=name)
        return self._peer.decode(coded)


def remote_class(peer: Peer, number: int, name: str) -> type:
    """A class of models whose instances live at the other end."""
    import torch

    class Remote(torch.nn.Module):
        def __new__(cls, *given, **named):
            return peer._remote_call(number, given, named)

    Remote.__name__ = Remote.__qualname__ = name
    return Remote


def remote_module(peer: Peer, coded: dict) -> object:
    """A model that lives at the other end: its parameters are here, its forward is there."""
    import torch

    class Model(torch.nn.Module):
        def forward(self, *given, **named):
            return peer._remote_call(number, given, named, self)

        def changed(self) -> dict:
            """The parameters and buffers that were set here since they were last sent."""
            now = self.state_dict(keep_vars=True)
            news = {k: v.detach() for k, v in now.items() if sent.get(k) != (id(v), v._version)}
            sent.update({k: (id(v), v._version) for k, v in now.items()})
            return news

    sent: dict[str, tuple] = {}
    number, model = int(coded["number"]), Model()
    Model.__name__ = Model.__qualname__ = str(coded["name"])
    fixed = set(coded["fixed"])

    def place(path: str) -> tuple:
        *parents, last = path.split(".")
        at = model
        for parent in parents:
            if parent not in at._modules:
                at.add_module(parent, torch.nn.Module())
            at = at._modules[parent]
        return at, last

    for path, value in coded["parameters"].items():
        at, last = place(path)
        at.register_parameter(
            last, torch.nn.Parameter(peer.decode(value), requires_grad=path not in fixed)
        )
    for path, value in coded["buffers"].items():
        at, last = place(path)
        at.register_buffer(last, peer.decode(value))
    model.changed()
    return model.train(bool(coded["training"]))


def crossing() -> Callable:
    """The function of autograd whose backward is computed at the other end."""
    import torch

    class Crossing(torch.autograd.Function):
        @staticmethod
        def forward(ctx, peer, graph, value, *inputs):
            ctx.peer, ctx.graph = peer, graph
            return value.clone()

        @staticmethod
        def backward(ctx, gradient):
            coded = ctx.peer.encode(gradient.contiguous())
            found = ctx.peer.request("gradient", graph=ctx.graph, gradient=coded)
            return None, None, None, *(ctx.peer.decode(value) for value in found)

    return Crossing.apply


def _array_from(coded: list) -> np.ndarray:
    letters, shape, code = coded
    dtype = np.dtype(letters)
    if dtype.kind not in PLAIN_ARRAYS:
        raise WireError("sent an answer that is none")
    return np.frombuffer(base64.b64decode(code), dtype=dtype).reshape(shape).copy()


def _is_plain(kind: type) -> bool:
    """Whether a class was written in the notebook itself, and is no model and no table."""
    return _is_own(kind) and len(kind.__mro__) == 2


def _is_own(kind: type) -> bool:
    """Whether a class was written in the notebook itself."""
    return kind.__module__ == "__main__"


def _name(value: object) -> str:
    return str(getattr(value, "__name__", type(value).__name__))[:80]


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except Exception:
        return ""


def _as_exception(raised: list) -> Exception:
    """The error that the other end reports, as the built-in class of that name if there is one."""
    name, text = str(raised[0]), str(raised[1])
    kind = getattr(builtins, name, None)
    if not (inspect.isclass(kind) and issubclass(kind, Exception)):
        kind = type(name, (Exception,), {})
    try:
        return kind(text)
    except TypeError:  # UnicodeDecodeError and the like want more
        return RuntimeError(f"{name}: {text}")
