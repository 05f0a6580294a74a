"""How far the files of a folder were read."""

from siegewatch.collect.marks import KEPT, Mark, Marks, Moment, read_marks, tail

PATTERN = "*.jsonl"


def marks_of(number: int) -> Marks:
    names = {f"{at:05}.xml": Mark(at, 10) for at in range(number)}
    return Marks(PATTERN).after(names, names.keys())


def test_a_file_is_read_until_its_change_or_size_differs() -> None:
    marks = Marks(PATTERN).after({"a": Mark(5, 10, 10, "t")}, {"a"})
    assert marks.is_read(Moment(5, "a"), 10)
    assert not marks.is_read(Moment(6, "a"), 10)
    assert not marks.is_read(Moment(5, "a"), 11)
    assert not marks.is_read(Moment(5, "b"), 10)


def test_marks_survive_being_written() -> None:
    marks = marks_of(KEPT + 3)
    assert read_marks(marks.written(), PATTERN) == marks


def test_written_marks_stay_short_and_older_files_stay_read() -> None:
    marks = marks_of(5_000)
    assert len(marks.written()) < 60 * KEPT
    assert marks.of("00000.xml") is None
    assert all(marks.is_read(Moment(at, f"{at:05}.xml"), 10) for at in range(5_000))
    assert not marks.is_read(Moment(5_000, "new.xml"), 10)


def test_files_of_one_moment_that_still_wait_are_not_taken_for_read() -> None:
    names = [f"{at:04}.xml" for at in range(1_000)]
    marks = Marks(PATTERN).after({name: Mark(7, 10) for name in names[:600]}, names)
    assert [marks.is_read(Moment(7, name), 10) for name in names] == [True] * 600 + [False] * 400


def test_marks_of_files_that_are_gone_are_dropped() -> None:
    marks = marks_of(3).after({}, {"00001.xml"})
    assert list(marks.files.values()) == [Mark(1, 10)]


def test_marks_of_another_pattern_or_of_no_form_are_blank() -> None:
    written = marks_of(3).written()
    for text in (None, "", "{}", "[1]", "[1, 2, 3]", written.replace(PATTERN, "*.xml")):
        assert read_marks(text, PATTERN) == Marks(PATTERN)


def test_tail_depends_on_the_last_bytes_alone() -> None:
    assert tail(b"x" * 1_000) == tail(b"y" + b"x" * 256)
    assert tail(b"x" * 1_000) != tail(b"x" * 999 + b"y")
