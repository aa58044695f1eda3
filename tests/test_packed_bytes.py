"""Long bytes in pieces: the same bytes, in less memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feedhub.packed_bytes import BLOCK, PackedBytes

#: pieces that come to several blocks, and pieces that come to none
PIECES = st.lists(st.tuples(st.binary(max_size=8), st.sampled_from([0, 1, 3, BLOCK // 16])), max_size=12)


@given(pieces=PIECES, head=st.binary(max_size=5), tail=st.binary(max_size=5))
def test_the_bytes_are_those_that_came_however_often_they_are_read(
    pieces: list[tuple[bytes, int]], head: bytes, tail: bytes
) -> None:
    given_pieces = [piece * times for piece, times in pieces]
    packed = PackedBytes(given_pieces)
    whole = b"".join(given_pieces)
    assert packed.joined() == packed.joined() == whole
    around = packed.between(head, tail)
    assert around.joined() == head + whole + tail
    assert (len(packed), len(around)) == (len(whole), len(head + whole + tail))
    assert packed.joined() == whole


def test_what_is_long_lies_in_memory_compressed_and_comes_in_pieces() -> None:
    packed = PackedBytes(b"<entry>%d</entry>" % number for number in range(200_000)).between(b"<feed>", b"</feed>")
    assert packed.memory < len(packed) / 3
    assert max(map(len, packed)) < 2 * BLOCK < len(packed)
    assert len(packed) == sum(map(len, packed))
