"""Reads what a module's source tells of its public names, without importing it; knows no page."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

MAX_LINE: Final = 100
"""Characters of a signature that stands in one line."""

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


_DEFAULTS: Final = {
    r"field\(default_factory=dict\)": "{}",
    r"field\(default=(.*), repr=False\)": r"\1",
    r" = field\(init=False.*": "",
}
"""How a dataclass writes a default, and how it is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One public name: its signature as the source writes it, and its docstring as Markdown."""

    name: str
    signature: str
    told: str
    is_class: bool = False
    members: Sequence["Entry"] = ()


@lru_cache
def tree(module: str) -> ast.Module:
    """The parsed source of a module."""
    return ast.parse(path_of(module).read_text("utf-8"))


def path_of(module: str) -> Path:
    """Where its source is."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def entries(module: str) -> Iterator[Entry]:
    """The public names that a module defines, or exports as ``from a import b as b``, in its order."""
    body = [*_statements(tree(module).body)]
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.asname == alias.name and not alias.name.startswith("_"):
                    yield _exported(str(node.module), alias.name)
        else:
            yield from _entry(node, after)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of a module, and of ``if TYPE_CHECKING``, which names what is imported when it is wanted."""
    for node in body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from node.body
        else:
            yield node


def promise(module: str) -> str:
    """A module's own docstring as Markdown."""
    return as_markdown(ast.get_docstring(tree(module)))


def _exported(module: str, name: str) -> Entry:
    return next(entry for entry in entries(module) if entry.name == name)


def _entry(node: ast.AST, after: ast.AST | None) -> Iterator[Entry]:
    """What one statement defines; the string after a value or a field is what documents it."""
    if isinstance(node, Definition):
        if not node.name.startswith("_"):
            yield _definition(node)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and not target.id.startswith("_"):
            short = re.sub(r"Final\[(.*?)\] = .*|: Final = .*", r"\1", ast.unparse(node))
            short = short if len(short) <= MAX_LINE else target.id
            for given, default in _DEFAULTS.items():
                short = re.sub(given, default, short)
            yield Entry(name=target.id, signature=short, told=_string(after))


def _string(node: ast.AST | None) -> str:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    value = node.value.value if is_text else ""  # type: ignore[union-attr]  # as just asked
    return as_markdown(value) if isinstance(value, str) else ""


def _definition(node: Definition) -> Entry:
    told = as_markdown(ast.get_docstring(node))
    if not isinstance(node, ast.ClassDef):
        return Entry(name=node.name, signature=_signature(node), told=told)
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    signature = f"class {node.name}({bases})" if bases else f"class {node.name}"
    members = [member for member in _members(node) if not member.name.startswith("_")]
    made = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
    if made is not None and not any(_slots(node)):
        signature = called(node.name, made.args, "")
    return Entry(name=node.name, signature=signature, told=told, is_class=True, members=members)


def _slots(node: ast.ClassDef) -> Iterator[ast.expr]:
    """``__slots__``, with which what is only handed to visitors' requests is made: nobody else makes it."""
    for part in node.body:
        if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "__slots__":
            yield part.value


def _members(node: ast.ClassDef) -> Iterator[Entry]:
    for part, after in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            made = {entry.name: entry for entry in _attributes(part)}
            told = [slots for slots in _slots(node) if isinstance(slots, ast.Dict)]
            yield from (_told(told[0], made) if told else made.values())
        else:
            yield from _entry(part, after)


def _told(slots: ast.Dict, made: Mapping[str, Entry]) -> Iterator[Entry]:
    """Slots that are documented where they are named; ``made`` has the types of some."""
    for name, text in ast.literal_eval(slots).items():
        signature = made[name].signature if name in made else name
        yield Entry(name=name, signature=signature, told=as_markdown(text))


def _attributes(node: ast.FunctionDef) -> Iterator[Entry]:
    """``self.name: type = ...`` and ``self.name = ...`` of a constructor."""
    for part, after in zip(node.body, [*node.body[1:], None], strict=True):
        target = part.targets[0] if isinstance(part, ast.Assign) else getattr(part, "target", None)
        if isinstance(target, ast.Attribute):
            kind = f": {ast.unparse(part.annotation)}" if isinstance(part, ast.AnnAssign) else ""
            yield Entry(name=target.attr, signature=target.attr + kind, told=_string(after))


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """As it is written, without decorators and what it is called on; of a property its name and type."""
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    returns = ast.unparse(node.returns) if node.returns else "None"
    if "property" in decorators:
        return f"{node.name}: {returns}"
    whole = called(node.name, node.args, returns)
    return f"async {whole}" if isinstance(node, ast.AsyncFunctionDef) else whole


def called(name: str, arguments: ast.arguments, returns: str) -> str:
    """How something is called, in one line or in a line for each argument."""
    parts = [part for part in _cut(ast.unparse(arguments)) if part not in ("", "self", "cls")]
    end = f" -> {returns}" if returns else ""
    line = f"{name}({', '.join(parts)}){end}"
    if len(line) <= MAX_LINE:
        return line
    return f"{name}(\n    " + ",\n    ".join(parts) + f",\n){end}"


def _cut(arguments: str) -> list[str]:
    """Arguments one by one; a comma inside brackets is none between them."""
    parts, depth = [""], 0
    for letter in arguments:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [_spaced(part.strip()) for part in parts]


def _spaced(argument: str) -> str:
    """``name: type = default``, as it is written by hand."""
    name, colon, rest = argument.partition(": ")
    kind, equals, default = rest.rpartition("=")
    return f"{name}: {kind} = {default}" if colon and equals else argument


def as_markdown(docstring: str | None) -> str:
    """A docstring's text, with its code marked as Markdown marks it, in lines as they were."""
    text = "\n".join(line.strip() for line in (docstring or "").strip().splitlines())
    return re.sub(r"``(.+?)``", r"`\1`", text, flags=re.DOTALL)
