"""What a server prints is kept within bounds: the first and the last 64 KB, and the number of bytes between them."""

import os

import pytest

from grader.stage.output import KEPT, Output


class Heard:
    """All that an `Output` told, stream by stream."""

    def __init__(self):
        self.told = []
        self.output = Output(lambda stream, data, cut: self.told.append((stream, data, cut)))

    def prints(self, stream, data):
        """Print as a server would: on the terminal or the pipe, in as many pieces as fit."""
        descriptor = self.output.descriptors[1 if stream == "out" else 2]
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]

    def end(self):
        self.output.started()
        self.output.close()
        return self

    def text(self, stream):
        return b"".join(data for s, data, _ in self.told if s == stream)

    def cut(self, stream):
        return sum(cut for s, _, cut in self.told if s == stream)


@pytest.fixture
def heard():
    return Heard()


@pytest.mark.parametrize("stream", ["out", "err"])
@pytest.mark.parametrize("size", [0, 1, 5000, KEPT - 1, KEPT, KEPT + 1, 2 * KEPT])
def test_what_fits_is_kept_as_it_is(heard, stream, size):
    data = os.urandom(size)
    heard.prints(stream, data)
    heard.end()
    assert (heard.text(stream), heard.cut(stream)) == (data, 0)


@pytest.mark.parametrize("stream", ["out", "err"])
@pytest.mark.parametrize("size", [2 * KEPT + 1, 3 * KEPT, 20 * KEPT + 77])
def test_of_a_flood_beginning_and_end_are_kept_and_the_rest_is_counted(heard, stream, size):
    data = os.urandom(size)
    heard.prints(stream, data)
    heard.end()
    assert heard.text(stream) == data[:KEPT] + data[-KEPT:]
    assert heard.cut(stream) == size - 2 * KEPT
    assert heard.output.total[stream] == size


def test_the_streams_are_told_apart(heard):
    heard.prints("out", b"listening\n")
    heard.prints("err", b"Traceback\n")
    heard.end()
    assert (heard.text("out"), heard.text("err")) == (b"listening\n", b"Traceback\n")


def test_the_last_words_of_a_program_that_ended_are_told_before_its_output_is_closed(heard):
    """A crash after much noise: the traceback is there as soon as the pipe's last writer has gone."""
    heard.prints("err", b"x" * (3 * KEPT) + b"\nKeyError: 'ana'\n")
    heard.output.started()
    heard.output._thread.join(0.2)
    while not heard.text("err").endswith(b"KeyError: 'ana'\n"):
        heard.output._thread.join(0.05)
    heard.output.close()
    assert heard.cut("err") == KEPT + len(b"\nKeyError: 'ana'\n")


def test_what_was_printed_by_now_is_told_before_catching_up_ends(heard):
    for number in range(300):
        heard.prints("err", b"%d\n" % number)
        heard.output.catch_up()
        assert heard.text("err").endswith(b"%d\n" % number)
    heard.end()
    assert heard.text("err") == b"".join(b"%d\n" % n for n in range(300))


def test_what_was_typed_waits_to_be_read_from_the_moment_on_at_which_it_was_typed(heard):
    """The kernel takes it through the terminal by and by, in a thread of its own that may be late."""
    for _ in range(300):
        heard.output.type(b"x\n")
        assert heard.output.untyped() == 2
        assert os.read(heard.output.descriptors[0], 9) == b"x\n"
        assert heard.output.untyped() == 0
    heard.end()
