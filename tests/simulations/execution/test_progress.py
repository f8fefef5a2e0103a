import io

from rich.console import Console

from simulations.execution.progress import bar, follow, silence, track


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=80)


def drawn(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_track_yields_every_item_and_draws_on_a_terminal() -> None:
    console = terminal()
    assert list(track(range(3), "counting", console=console)) == [0, 1, 2]
    assert "counting" in drawn(console)
    assert "3/3" in drawn(console)


def test_quiet_when_the_output_is_no_terminal() -> None:
    console = Console(file=io.StringIO(), force_terminal=False)
    assert list(track(iter("ab"), "letters", total=2, console=console)) == ["a", "b"]
    assert drawn(console) == ""


def test_only_the_outermost_bar_is_drawn() -> None:
    outer, inner, after = terminal(), terminal(), terminal()
    for _ in track(range(2), "outer", console=outer):
        list(track(range(2), "inner", console=inner))
    list(track(range(2), "after", console=after))
    assert "outer" in drawn(outer)
    assert drawn(inner) == ""
    assert "after" in drawn(after)


def test_silence_and_its_end() -> None:
    silent, after = terminal(), terminal()
    with silence():
        list(track(range(2), "silent", console=silent))
    list(track(range(2), "after", console=after))
    assert drawn(silent) == ""
    assert "after" in drawn(after)


def test_a_bar_starts_where_the_work_stands() -> None:
    console = terminal()
    with bar("tasks", 10, completed=7, console=console) as advance:
        advance()
    assert "8/10" in drawn(console)


def test_an_abandoned_loop_frees_the_terminal() -> None:
    for _ in track(range(5), "abandoned", console=terminal()):
        break
    console = terminal()
    list(track(range(2), "after", console=console))
    assert "after" in drawn(console)


def test_follow_draws_parts_of_all_on_a_terminal_only() -> None:
    console, file = terminal(), Console(file=io.StringIO(), force_terminal=False)
    for where in (console, file):
        with follow("bound", console=where) as progress:
            progress(40, 300)
            progress(120, 300)
    assert "bound" in drawn(console)
    assert "120/300" in drawn(console)
    assert drawn(file) == ""
