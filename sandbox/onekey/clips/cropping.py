"""A clip whose pictures are cut to a size: H.264 says in its sequence parameters (ITU-T H.264, 7.3.2.1) how much of
what is coded is shown, so no picture is coded anew.
"""

from __future__ import annotations

from typing import Final

_SHOWN_BY_TWO: Final = 2
"""Pixels that one step of a margin has, where colours have half the pixels (4:2:0)."""


class _Bits:
    """Read from the front; what was read is kept."""

    def __init__(self, data: bytes) -> None:
        self.text = "".join(f"{byte:08b}" for byte in data)
        self.at = 0

    def fixed(self, count: int) -> int:
        self.at += count
        return int(self.text[self.at - count : self.at], 2)

    def golomb(self) -> int:
        zeros = self.text.index("1", self.at) - self.at
        self.at += zeros
        return self.fixed(zeros + 1) - 1


def cropped(sps: bytes, width: int, height: int) -> bytes:
    """Sequence parameters of the High profile that show `width` and `height`, even ones, of what is coded. Right and
    below it is cut: some decoders leave a margin on the other sides.
    """
    bits = _Bits(sps.replace(b"\0\0\3", b"\0\0"))
    bits.fixed(32)  # its type, the profile and level
    for _ in range(4):  # its id, colours and depths
        bits.golomb()
    if bits.fixed(2):
        raise ValueError("scaling lists are not read")
    bits.golomb()
    if (order := bits.golomb()) == 0:
        bits.golomb()
    elif order == 1:
        raise ValueError("this order of pictures is not read")
    bits.golomb()
    bits.fixed(1)
    coded = (bits.golomb() + 1) * 16, (bits.golomb() + 1) * 16
    if bits.fixed(1) == 0:
        raise ValueError("fields are not read")
    bits.fixed(1)
    head = bits.text[: bits.at]
    if bits.fixed(1):
        for _ in range(4):
            bits.golomb()
    margins: list[int] = []
    for whole, shown in zip(coded, (width, height), strict=True):
        margins += [0, (whole - shown) // _SHOWN_BY_TWO]
    tail = bits.text[bits.at :].rstrip("0")  # its last one is the end
    text = head + "1" + "".join(map(_golomb, margins)) + tail
    text += "0" * (-len(text) % 8)
    return _escaped(int(text, 2).to_bytes(len(text) // 8, "big"))


def _golomb(value: int) -> str:
    written = f"{value + 1:b}"
    return "0" * (len(written) - 1) + written


def _escaped(data: bytes) -> bytes:
    """No three bytes in a row look like the beginning of a unit."""
    out = bytearray()
    for byte in data:
        if byte <= 3 and out.endswith(b"\0\0"):
            out.append(3)
        out.append(byte)
    return bytes(out)
