"""Pure. A book's columns for compiled code as one pointer: a numba type whose attributes are the arrays.

A book has more than a hundred arrays. Handed over one by one they make every call expensive and the compiling slow, so
compiled functions get the address of a list of addresses. `t.leaves.kind` then reads one of them; that list does not
change during a call, which is told to the compiler, so reading it costs next to nothing.

What keeps this safe: `addresses` checks every array's type and layout; whoever calls keeps the tables alive; nothing
compiled asks for the length of a column.
"""

# numba's own types say less than it does.
# mypy: disable-error-code="misc,no-untyped-call,untyped-decorator,override"

from __future__ import annotations

from typing import Any, get_type_hints

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, register_model
from numba.np.arrayobj import populate_array

from rules import columns
from rules.columns import I64, Tables

_KINDS = {
    columns.I8: (types.int8, np.int8),
    columns.I32: (types.int32, np.int32),
    columns.I64: (types.int64, np.int64),
    columns.F8: (types.float64, np.float64),
    columns.Flags: (types.boolean, np.bool_),
}
_LENGTH = 1 << 40  # of every array: nobody asks, and bounds are not checked


class Handle(types.Type):
    """The tables, or one table of them."""

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        self.fields = fields  # name: another Handle, or (array type, place in the list)
        super().__init__(name=f"Handle({name})")


@register_model(Handle)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Handle) -> None:
        super().__init__(manager, kind, ir.IntType(64))


def _layout() -> tuple[Handle, list[type[Any]]]:
    """The type of the tables, and the kind of array at each place of the list."""
    dtypes: list[type[Any]] = []

    def place(kind: Any) -> tuple[Any, int]:
        numba_kind, dtype = _KINDS[kind]
        dtypes.append(dtype)
        return types.Array(numba_kind, 1, "C"), len(dtypes) - 1

    fields: dict[str, Any] = {}
    for name, kind in get_type_hints(Tables).items():
        if kind in _KINDS:
            fields[name] = place(kind)
        else:
            fields[name] = Handle(kind.__name__, {each: place(of) for each, of in get_type_hints(kind).items()})
    return Handle("Tables", fields), dtypes


TABLES, _DTYPES = _layout()


@infer_getattr
class _Attributes(AttributeTemplate):
    key = Handle

    def generic_resolve(self, kind: Handle, name: str) -> Any:
        field = kind.fields.get(name)
        return field[0] if isinstance(field, tuple) else field


@lower_getattr_generic(Handle)
def _read(context: Any, builder: Any, kind: Handle, value: Any, name: str) -> Any:
    field = kind.fields[name]
    if isinstance(field, Handle):
        return value
    array_kind, at = field
    word = ir.IntType(64)
    listed = builder.inttoptr(value, word.as_pointer())
    address = builder.load(builder.gep(listed, [ir.Constant(word, at)]))
    address.set_metadata("invariant.load", builder.module.add_metadata([]))
    size = context.get_abi_sizeof(context.get_data_type(array_kind.dtype))
    array = context.make_array(array_kind)(context, builder)
    populate_array(
        array,
        data=builder.inttoptr(address, context.get_data_type(array_kind.dtype).as_pointer()),
        shape=cgutils.pack_array(builder, [ir.Constant(word, _LENGTH)]),
        strides=cgutils.pack_array(builder, [ir.Constant(word, size)]),
        itemsize=ir.Constant(word, size),
        meminfo=None,
    )
    return array._getvalue()


def _tables_at(typing_context: Any, listed: Any) -> Any:
    """The tables whose addresses stand in this array."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.ptrtoint(array.data, ir.IntType(64))

    return TABLES(listed), lower


tables_at: Any = intrinsic(_tables_at)


def addresses(tables: Tables) -> I64:
    """Where the arrays of these tables are; TypeError if one is not what the compiled code takes it for."""
    found: list[int] = []
    for part in tables:
        for array in part if isinstance(part, tuple) else (part,):
            if array.dtype != _DTYPES[len(found)] or not array.flags.c_contiguous:
                raise TypeError(f"column {len(found)} is {array.dtype}, not {_DTYPES[len(found)]}")
            found.append(array.ctypes.data)
    return np.array(found, np.int64)
