"""Random-looking numbers that are a pure function of their inputs, one at a time or over whole grids."""

from __future__ import annotations

import hashlib
import zlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

U64 = np.uint64
Hashes: TypeAlias = npt.NDArray[np.uint64]
Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Masks: TypeAlias = npt.NDArray[np.bool_]

_GOLDEN = U64(0x9E3779B97F4A7C15)
_M1 = U64(0xBF58476D1CE4E5B9)
_M2 = U64(0x94D049BB133111EB)


def _scramble(values: Hashes) -> Hashes:
    """One round of splitmix64."""
    mixed = values + _GOLDEN
    mixed = (mixed ^ (mixed >> U64(30))) * _M1
    mixed = (mixed ^ (mixed >> U64(27))) * _M2
    return mixed ^ (mixed >> U64(31))


def salt(name: str) -> int:
    """A number for a name, the same in every process."""
    return zlib.crc32(name.encode())


def mix(*parts: int | Ints | Hashes) -> Hashes:
    """Hash integers and integer arrays, broadcast against one another."""
    mixed: Hashes = np.zeros(1, dtype=U64)
    for part in parts:
        words = np.atleast_1d(np.asarray(part)).astype(U64)
        mixed = _scramble(mixed ^ words)
    return mixed


def uniform(hashes: Hashes) -> Floats:
    """Numbers in [0, 1) from the upper half of the hashes."""
    return (hashes >> U64(32)).astype(np.float64) / 2.0**32


def uniform_low(hashes: Hashes) -> Floats:
    """Numbers in [0, 1) from the lower half, independent of `uniform`."""
    return (hashes & U64(0xFFFFFFFF)).astype(np.float64) / 2.0**32


def chance(*parts: int | str) -> float:
    """One number in [0, 1)."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2.0**64
